import type {ChainReport} from '../cockpit/audit/chain-report.ts'
import {brokenRitualLink, inOrder, parseRitual} from '../cockpit/rituals/ritual-record.ts'
import type {RitualBinding} from '../cockpit/rituals/ritual-standing.ts'
import {RiskLimits} from '../contracts/risk.ts'
import type {RitualRecord} from '../contracts/rituals.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

const FOLDER = 'reports/rituals'

export interface RitualBook {
  /** oldest first */
  readonly records: readonly {readonly path: string; readonly record: RitualRecord}[]
  readonly chain: ChainReport
}

/** Every ritual record of the workspace, and whether their chain holds. Throws for nothing but an unreadable folder. */
export async function readRituals(desk: Desk): Promise<RitualBook> {
  const names = (await desk.files.list(FOLDER)).filter((name) => name.endsWith('.md'))
  const records: {path: string; record: RitualRecord}[] = []
  let damage: ChainReport['damage'] = null
  for (const name of names) {
    const path = `${FOLDER}/${name}`
    const parsed = await desk.files.readText(path).then(parseRitual, (cause: Error) => ({line: 1, why: cause.message}))
    if ('record' in parsed) records.push({path, record: parsed.record})
    else damage ??= {path, ...parsed}
  }
  const ordered = inOrder(records)
  damage ??= brokenRitualLink(ordered)
  const last = ordered.at(-1)?.record.hash
  return {
    records: ordered,
    chain: {
      chain: 'rituals',
      path: FOLDER,
      entries: ordered.length,
      heads: last === undefined ? [] : [last],
      hashes: new Set(ordered.map(({record}) => record.hash)),
      damage,
    },
  }
}

/** What a sign-off made now would vouch for. */
export async function ritualBinding(desk: Desk): Promise<RitualBinding> {
  const hasLimits = await desk.files.exists(RiskLimits.path)
  return {limits_sha: hasLimits ? await desk.files.hash(RiskLimits.path) : null, qo_version: desk.version}
}

/** @throws Fault `ritual.broken_chain` (data): with a broken link no sign-off vouches for anything */
export function requireWhole({damage}: ChainReport): void {
  if (damage === null) return
  const {path, line, why} = damage
  throw new Fault('ritual.broken_chain', {
    family: 'data',
    what: `${path} is damaged at line ${line}: ${why}.`,
    why: 'Sign-offs are hash-chained: with a broken link none of them vouches for anything, and none can be added.',
    next: ['qo audit verify', `restore it: git checkout -- ${path}`],
  })
}
