import {TABLES} from '../contracts/index.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import type {CoinCoverage, LedgerLine} from '../sensory/coverage-ledger.ts'
import {ledgerOf, type Partition} from './lake-ledger.ts'
import {requireCommit, requireTable} from './lake-pin.ts'
import {partitionKey} from './table-line.ts'

type GapState = LedgerLine['state']

export interface LakeGapsResult {
  readonly artifact: 'lake-gaps@1'
  readonly ok: boolean
  /** newest commit that was read */
  readonly commit: number
  /** every partition that matches, those without a gap too */
  readonly tables: readonly (Partition & {
    readonly coins: number
    /** bars, payments, or for streams milliseconds between the first row and the last, summed over coins */
    readonly expected: number
    readonly received: number
    /** received / expected; null when nothing is expected */
    readonly covered: number | null
    readonly gaps: Readonly<Record<GapState, number>>
  })[]
  readonly gaps: readonly (Partition & {
    readonly coin: string
    readonly from: string
    readonly to: string
    readonly state: GapState
    readonly cause: string
    /** commits that recorded it and gave it its state; null when none did */
    readonly since: number | null
    readonly closed: number | null
  })[]
}

export interface GapFilter {
  readonly table?: string | undefined
  readonly venue?: string | undefined
  readonly coin?: string | undefined
  readonly state?: GapState | undefined
  readonly commit?: number | undefined
}

/** The coverage ledger: what is missing, since when, and what became of it. @throws Fault `lake.unknown_table` (usage) */
export async function lakeGaps(desk: Desk, filter: GapFilter): Promise<LakeGapsResult> {
  const {table, venue, coin, state, commit} = filter
  if (table !== undefined) requireTable(table)
  const upTo = await requireCommit(desk, commit)
  desk.progress.say('reading the lake')
  const commits = (await desk.lake.commits()).filter(({n}) => n <= upTo)
  const partitions = [...new Map(commits.map((entry) => [partitionKey(entry), entry])).values()]
    .filter((entry) => TABLES.some(({id}) => id.startsWith(`${entry.table}@`)))
    .filter((entry) => entry.table === (table ?? entry.table) && entry.venue === (venue ?? entry.venue))
    .sort((a, b) => (partitionKey(a) < partitionKey(b) ? -1 : 1))
  const tables: LakeGapsResult['tables'][number][] = []
  const gaps: LakeGapsResult['gaps'][number][] = []
  for (const entry of partitions) {
    const where = {table: entry.table, venue: entry.venue, interval: entry.interval}
    const pin = {commit, ...(desk.asOfGiven ? {asOf: desk.asOf} : {})}
    const coverage = (await ledgerOf(desk, where, pin)).filter((line) => line.coin === (coin ?? line.coin))
    tables.push({...where, ...sharesOf(coverage)})
    for (const gap of coverage.flatMap((line) => line.gaps)) {
      if (gap.state !== (state ?? gap.state)) continue
      gaps.push({...where, ...gap, from: isoOf(gap.from), to: isoOf(gap.to)})
    }
  }
  return {artifact: 'lake-gaps@1', ok: true, commit: upTo, tables, gaps}
}

/** Coverage of a partition in one line. */
function sharesOf(coverage: readonly CoinCoverage[]): {
  coins: number
  expected: number
  received: number
  covered: number | null
  gaps: Record<GapState, number>
} {
  const sum = (of: (line: CoinCoverage) => number): number => coverage.reduce((total, line) => total + of(line), 0)
  const count = (state: GapState): number => sum(({gaps}) => gaps.filter((gap) => gap.state === state).length)
  const [expected, received] = [sum((line) => line.expected), sum((line) => line.received)]
  return {
    ...{coins: coverage.length, expected, received},
    covered: expected > 0 ? received / expected : null,
    gaps: {OPEN: count('OPEN'), BACKFILLED: count('BACKFILLED'), UNRECOVERABLE: count('UNRECOVERABLE')},
  }
}
