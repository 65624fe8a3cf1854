import {foldGaps} from '../contracts/gap-ledger.ts'
import {holeFault} from '../contracts/lake-hole.ts'
import type {Desk, LakeCommit, Purpose} from '../desk.ts'
import {DAY_MS, INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import {
  barCoverage,
  type CoinCoverage,
  isMissing,
  type LedgerLine,
  paymentCoverage,
} from '../sensory/coverage-ledger.ts'
import type {Redenomination} from '../sensory/incarnations.ts'
import type {Judged} from '../sensory/judge-lives.ts'

/** How far back today's decisions reach: a hole that ended before moves nothing that is decided now. */
const LIVE_REACH_MS = 365 * DAY_MS

export interface WholeQuery {
  readonly venue: string
  readonly interval: Interval
  readonly purpose: Purpose
  readonly asOf: number
  readonly commit: number | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** names whose holes matter, incarnations with or without number; default all */
  readonly coins?: readonly string[] | undefined
  readonly redenominations: readonly Redenomination[]
}

/**
 * Holes in what a panel is made of: by the rows themselves, and by what commits recorded.
 *
 * Research asks for the whole span it reads; `live` for the year before the decision.
 *
 * @returns their number, when the desk allows them
 * @throws Fault `lake.hole` (data) otherwise
 */
export function requireWhole(
  desk: Pick<Desk, 'allowGaps'>,
  commits: readonly LakeCommit[],
  {bars, payments, judged}: {bars: Bars; payments: Payments | null; judged: Judged},
  query: WholeQuery,
): number {
  const {venue, interval, asOf, commit, redenominations} = query
  const pin = {asOf, ...(commit === undefined ? {} : {commit})}
  const candles = {table: 'candles', venue, interval}
  const funding = {table: 'funding', venue, interval: null}
  const barMs = INTERVAL_MS[interval]
  const ofBars = barCoverage(bars, foldGaps(commits, candles, pin), {barMs, asOf, redenominations}, judged)
  // What lies behind the rows that research may see is not read, whatever is recorded of it.
  const newest = judged.lives.reduce((latest, {to}) => Math.max(latest, bars.ts[to - 1]!), 0) + barMs
  const scope = query.purpose.kind === 'live' ? query : {...query, asOf: Math.min(asOf, newest)}
  const inBars = holesIn(ofBars, scope)
  const began = new Map(ofBars.map(({coin, from}) => [coin, from]))
  const inFunding =
    payments === null
      ? []
      : holesIn(paymentCoverage(payments, foldGaps(commits, funding, pin)), scope).filter(
          // What was paid before a coin's first bar is in no bar.
          ({coin, to}) => to > (began.get(coin) ?? Number.POSITIVE_INFINITY),
        )
  if (!desk.allowGaps && inBars.length > 0) throw holeFault(candles, inBars)
  if (!desk.allowGaps && inFunding.length > 0) throw holeFault(funding, inFunding)
  return inBars.length + inFunding.length
}

function holesIn(coverage: readonly CoinCoverage[], {coins, from, to, asOf, purpose}: WholeQuery): LedgerLine[] {
  const wanted = coins === undefined ? null : new Set(coins.map((coin) => coin.replace(/#\d+$/, '')))
  const first = Math.max(from ?? Number.NEGATIVE_INFINITY, purpose.kind === 'live' ? asOf - LIVE_REACH_MS : -Infinity)
  const end = Math.min(to ?? Number.POSITIVE_INFINITY, asOf)
  return coverage
    .filter(({coin}) => wanted === null || wanted.has(coin))
    .flatMap(({gaps}) => gaps.filter((gap) => isMissing(gap) && gap.to > first && gap.from < end))
}
