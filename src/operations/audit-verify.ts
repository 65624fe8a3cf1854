import {type ChainReport, type Damage, findRollbacks, headsOf} from '../cockpit/audit/chain-report.ts'
import {auditJournal} from '../cockpit/audit/journal-chain.ts'
import {auditLinkedFiles, type LinkNames} from '../cockpit/audit/linked-files.ts'
import {AuditHeads} from '../contracts/rituals.ts'
import type {Desk, FilesPort} from '../desk.ts'
import {readRituals} from './rituals-read.ts'

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

const LEDGER: LinkNames = {number: 'seq', genesis: '0'.repeat(64)}
const COMMITS: LinkNames = {number: 'n', genesis: ''}

/**
 * Check every hash chain of the workspace to the last byte: hypothesis ledger, lake commits, journals, guard events,
 * rituals; and against the heads that earlier audits left in the workspace and in git.
 *
 * A whole audit leaves its own heads; a broken one leaves the evidence alone. Throws for nothing but a broken desk.
 */
export async function auditVerify(desk: Desk): Promise<AuditResult> {
  const chains = [
    await linkedFiles(desk.files, 'ledger', 'hypotheses/ledger', LEDGER),
    await linkedFiles(desk.files, 'lake', 'data/lake/commits', COMMITS),
    ...(await journals(desk.files, 'journal', 'data/journal', '')),
    ...(await journals(desk.state, 'guard', 'guard', 'state/')),
    (await readRituals(desk)).chain,
  ]
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

async function linkedFiles(files: FilesPort, chain: string, folder: string, names: LinkNames): Promise<ChainReport> {
  const found: {path: string; text: string}[] = []
  let damage: Damage | null = null
  for (const name of await files.list(folder)) {
    if (!name.endsWith('.json')) continue
    const path = `${folder}/${name}`
    try {
      found.push({path, text: await files.readText(path)})
    } catch (cause) {
      damage ??= {path, line: 1, why: (cause as Error).message.replaceAll('\n', ' ')}
    }
  }
  const report = auditLinkedFiles(chain, folder, names, found)
  return {...report, damage: damage ?? report.damage}
}

async function journals(files: FilesPort, chain: string, folder: string, shownUnder: string): Promise<ChainReport[]> {
  const names = (await files.list(folder)).filter((name) => name.endsWith('.jsonl'))
  return Promise.all(
    names.map(async (name) => {
      const [path, shown] = [`${folder}/${name}`, `${shownUnder}${folder}/${name}`]
      try {
        const report = auditJournal(chain, shown, await files.readText(path))
        // A writer may have been in the middle of a line: look once more before calling it damage.
        return report.damage === null ? report : auditJournal(chain, shown, await files.readText(path))
      } catch (cause) {
        const why = (cause as Error).message.replaceAll('\n', ' ')
        return {
          chain,
          path: shown,
          entries: 0,
          heads: [],
          hashes: new Set<string>(),
          damage: {path: shown, line: 1, why},
        }
      }
    }),
  )
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
