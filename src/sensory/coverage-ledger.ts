import type {GapSpan} from '../contracts/gap-ledger.ts'
import {BAR} from '../contracts/panel.ts'
import {lowerBound} from '../kernel/bounds.ts'
import type {Bars, Payments} from './bars.ts'
import {coinSpans} from './check-interval.ts'
import {barGaps, fundingGaps, type Gap} from './find-gaps.ts'
import type {Incarnation, Redenomination} from './incarnations.ts'
import {type Judged, judgeLives} from './judge-lives.ts'

/** A stretch without rows and what is known of it. `since` and `closed` are commit numbers. */
export interface LedgerLine extends Omit<GapSpan, 'since'> {
  /** null when no commit recorded the hole: it lies between rows that came separately */
  readonly since: number | null
}

/** What a partition should have of one coin, and what it has. */
export interface CoinCoverage {
  readonly coin: string
  /** first and last row, epoch ms; null without a row */
  readonly from: number | null
  readonly to: number | null
  /** bars, payments, or for streams milliseconds between the first row and the last */
  readonly expected: number
  readonly received: number
  readonly gaps: readonly LedgerLine[]
}

/** Gaps as commits recorded them: coin -> spans in time order. */
export type Recorded = ReadonlyMap<string, readonly GapSpan[]>

/**
 * Coverage of bars: here the rows prove what is missing.
 *
 * A step longer than a bar within one life is a hole. Time between two incarnations of a name, before its first trade
 * and after its death is none. Where a commit recorded a state for it, that stands; a recorded gap whose bars are all
 * there is BACKFILLED, and one called BACKFILLED whose bars are missing is OPEN.
 *
 * @param asOf    decision time, epoch ms: deaths are judged then, or at the end of the data if that comes first
 * @param judged  the lives of these bars then, where they are known already
 */
export function barCoverage(
  bars: Bars,
  recorded: Recorded,
  when: {barMs: number; asOf: number; redenominations?: readonly Redenomination[]},
  {lives, marks}: Judged = judgeLives(bars, when),
): CoinCoverage[] {
  const {barMs} = when
  const holes = new Map<string, Gap[]>(lives.map(({coin}) => [coin, []]))
  for (const hole of tradableHoles(bars.ts, lives, marks.state, barMs)) holes.get(hole.coin)!.push(hole)
  const lifeless = new Map<string, Stretch[]>()
  for (const [k, life] of lives.entries()) {
    const over = overTime(bars.ts, life, lives[k + 1], marks.diedAt[k]!, barMs)
    if (over) lifeless.set(life.coin, [...(lifeless.get(life.coin) ?? []), over])
  }
  const rowless = unseen(recorded, new Set(holes.keys()))
  const seen = coinSpans(bars.coin).map(({coin, from, to}): CoinCoverage => {
    const mine = holes.get(coin)!
    const [first, last] = [bars.ts[from]!, bars.ts[to - 1]!]
    const aligned = (recorded.get(coin) ?? []).map((span) => onGrid(span, barMs))
    const known = aligned.flatMap((span) => without(span, lifeless.get(coin) ?? []))
    return {
      coin,
      from: first,
      to: last,
      ...counted(to - from, mine),
      gaps: settled(coin, mine, known, {from: first, to: last + barMs}),
    }
  })
  return [...seen, ...rowless]
}

/** Steps longer than a bar within a life, between two bars of tradable history. */
export const tradableHoles = (
  ts: Float64Array,
  lives: readonly Incarnation[],
  state: Uint8Array,
  barMs: number,
): Gap[] =>
  lives.flatMap((life) =>
    barGaps(ts, [life], barMs).filter((gap) => {
      const behind = lowerBound(ts, gap.to, life.from, life.to)
      return state[behind - 1] !== BAR.prelisting && state[behind] !== BAR.dead
    }),
  )

/** Coverage of funding: a change of schedule is no hole. */
export function paymentCoverage(payments: Payments, recorded: Recorded): CoinCoverage[] {
  const spans = coinSpans(payments.coin)
  const rowless = unseen(recorded, new Set(spans.map(({coin}) => coin)))
  const seen = spans.map((span): CoinCoverage => {
    const {coin, from, to} = span
    const mine = fundingGaps(payments.settles, [span])
    const reach = {from: payments.settles[from]!, to: payments.settles[to - 1]!}
    const gaps = settled(coin, mine, recorded.get(coin) ?? [], reach)
    return {coin, from: payments.ts[from]!, to: payments.ts[to - 1]!, ...counted(to - from, mine), gaps}
  })
  return [...seen, ...rowless]
}

/** Coverage of a stream, where no row proves that none is missing: what the recorder said of itself. */
export function streamCoverage(
  extents: readonly {readonly coin: string; readonly from: number; readonly to: number}[],
  recorded: Recorded,
): CoinCoverage[] {
  const rowless = unseen(recorded, new Set(extents.map(({coin}) => coin)))
  const seen = extents.map(({coin, from, to}): CoinCoverage => {
    const gaps = recorded.get(coin) ?? []
    const missing = gaps
      .filter(isMissing)
      .reduce((sum, gap) => sum + Math.max(0, Math.min(gap.to, to) - Math.max(gap.from, from)), 0)
    return {coin, from, to, expected: to - from, received: to - from - missing, gaps}
  })
  return [...seen, ...rowless]
}

/** Coins of which only gaps are known. */
const unseen = (recorded: Recorded, coins: ReadonlySet<string>): CoinCoverage[] =>
  [...recorded]
    .filter(([coin]) => !coins.has(coin))
    .map(([coin, gaps]) => ({coin, from: null, to: null, expected: 0, received: 0, gaps}))

export const isMissing = ({state}: Pick<LedgerLine, 'state'>): boolean => state !== 'BACKFILLED'

const counted = (rows: number, holes: readonly Gap[]): {expected: number; received: number} => ({
  expected: rows + holes.reduce((sum, {missing}) => sum + missing, 0),
  received: rows,
})

interface Stretch {
  readonly from: number
  readonly to: number
}

/** Time in which a life is over: until the next one begins, or for good when nothing follows its death. */
function overTime(
  ts: Float64Array,
  {coin, to}: {coin: string; to: number},
  next: {coin: string; from: number} | undefined,
  diedAt: number,
  barMs: number,
): Stretch | null {
  if (next?.coin === coin) return {from: ts[to - 1]! + barMs, to: ts[next.from]!}
  return Number.isNaN(diedAt) ? null : {from: diedAt + barMs, to: Number.POSITIVE_INFINITY}
}

/**
 * What the rows prove, in the words of the commits: proven holes take the recorded state, OPEN where none is recorded;
 * recorded time that is no hole and lies within the rows is BACKFILLED; beyond them the record is all there is.
 */
function settled(coin: string, holes: readonly Gap[], known: readonly GapSpan[], rows: Stretch): LedgerLine[] {
  const proven = holes.flatMap((hole): LedgerLine[] => {
    const told = known.filter((span) => span.from < hole.to && span.to > hole.from)
    const untold = without({from: hole.from, to: hole.to}, told)
    return [
      ...told.map((span): LedgerLine => {
        const part = {from: Math.max(span.from, hole.from), to: Math.min(span.to, hole.to)}
        const isFalse = span.state === 'BACKFILLED'
        return isFalse
          ? {
              ...span,
              ...part,
              state: 'OPEN',
              cause: `${span.cause}; called backfilled, but rows are missing`,
              closed: null,
            }
          : {...span, ...part}
      }),
      ...untold.map(
        ({from, to}): LedgerLine => ({coin, from, to, state: 'OPEN', cause: 'no rows', since: null, closed: null}),
      ),
    ]
  })
  const rest = known
    .flatMap((span) => without(span, holes))
    .flatMap((span): LedgerLine[] => {
      const inside = {from: Math.max(span.from, rows.from), to: Math.min(span.to, rows.to)}
      if (inside.from >= inside.to) return [span]
      return [...without(span, [inside]), {...span, ...inside, state: 'BACKFILLED'}]
    })
  return [...proven, ...rest].sort((a, b) => a.from - b.from)
}

/** A span on the grid of the bars it touches. */
const onGrid = (span: GapSpan, barMs: number): GapSpan => ({
  ...span,
  from: Math.floor(span.from / barMs) * barMs,
  to: Math.ceil(span.to / barMs) * barMs,
})

/** The pieces of a span that none of the others covers. */
function without<S extends Stretch>(span: S, others: readonly Stretch[]): S[] {
  let pieces = [span]
  for (const other of others) {
    pieces = pieces.flatMap((piece) => {
      if (other.to <= piece.from || other.from >= piece.to) return [piece]
      const [before, behind] = [
        {...piece, to: other.from},
        {...piece, from: other.to},
      ]
      return [before, behind].filter(({from, to}) => from < to)
    })
  }
  return pieces
}
