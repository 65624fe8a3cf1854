import {type Damage, findRollbacks, headsOf} from '../cockpit/audit/chain-report.ts'
import {AuditHeads} from '../contracts/rituals.ts'
import type {Desk} from '../desk.ts'
import {readChains} from './audit-chains.ts'

export interface AuditResult {
  readonly artifact: 'audit@1'
  readonly ok: boolean
  readonly chains: readonly {
    readonly chain: string
    readonly path: string
    readonly entries: number
    readonly heads: readonly string[]
  }[]
  /** file and line of everything that is not as it was written */
  readonly damage: readonly (Damage & {readonly chain: string})[]
  /** earlier heads this audit was compared with */
  readonly anchors: number
  readonly path: string | null
}

/**
 * Check every hash chain of the workspace to the last byte: hypothesis ledger, lake commits, journals, guard events,
 * rituals; and against the heads that earlier audits left in the workspace and in git.
 *
 * A whole audit leaves its own heads; a broken one leaves the evidence alone. Throws for nothing but a broken desk.
 */
export async function auditVerify(desk: Desk): Promise<AuditResult> {
  const chains = await readChains(desk)
  const {anchors, damage: unreadable} = await earlierHeads(desk)
  const damage = [
    ...chains.flatMap((report) => (report.damage === null ? [] : [{chain: report.chain, ...report.damage}])),
    ...unreadable.map((item) => ({chain: 'anchors', ...item})),
    ...findRollbacks(chains, anchors).map((item) => ({chain: 'anchors', ...item})),
  ]
  const path = damage.length > 0 || desk.dryRun ? null : await desk.files.write(AuditHeads, headsOf(chains))
  return {
    artifact: 'audit@1',
    ok: damage.length === 0,
    chains: chains.map(({chain, path: where, entries, heads}) => ({chain, path: where, entries, heads})),
    damage,
    anchors: anchors.length,
    path,
  }
}

/** The heads file of the last audit, and the newest one that git holds: a rewound workspace still meets the latter. */
async function earlierHeads(desk: Desk): Promise<{anchors: AuditHeads[]; damage: Damage[]}> {
  const anchors: AuditHeads[] = []
  const damage: Damage[] = []
  const {path} = AuditHeads
  if (await desk.files.exists(path)) {
    try {
      anchors.push(await desk.files.read(AuditHeads))
    } catch (cause) {
      damage.push({path, line: 1, why: (cause as Error).message.replaceAll('\n', ' ')})
    }
  }
  const [committed] = await desk.git.versions(path)
  const parsed = committed === undefined ? null : AuditHeads.schema.safeParse(parseJson(committed))
  if (parsed?.success) anchors.push(parsed.data)
  return {anchors, damage}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
