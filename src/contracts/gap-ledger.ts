import type {z} from 'zod'
import type {LakeGapEntry} from './lake.ts'

type GapEntry = z.infer<typeof LakeGapEntry>

/** A stretch of one coin's time that is or was missing, and what became of it. */
export interface GapSpan extends GapEntry {
  /** commit that recorded it first */
  readonly since: number
  /** commit that gave it the state it has now; null while it is open as first recorded */
  readonly closed: number | null
}

/** What a commit says about gaps: the part of a lake commit that the ledger folds. */
export interface GapCommit {
  readonly n: number
  readonly table: string
  readonly venue: string
  readonly interval: string | null
  readonly received_at: number
  readonly gaps: readonly GapEntry[]
}

/** Where a gap lies: gaps of one partition are folded together. */
export interface GapScope {
  readonly table: string
  readonly venue: string
  readonly interval: string | null
}

/**
 * The gaps of one partition as the commits left them: coin -> spans, in time order, without overlaps.
 *
 * Entries are events. A later one over the same time, or over a part of it, changes the state there and splits the span.
 * An OPEN entry over UNRECOVERABLE time changes nothing: that it is missing is known, and so is that it stays missing.
 *
 * @param asOf  decision time, epoch ms: rows that healed a gap later could not be read yet, so it was still there. That
 *              rows are missing counts from when they went missing, whenever it was noticed.
 */
export function foldGaps(
  commits: readonly GapCommit[],
  {table, venue, interval}: GapScope,
  {asOf = Number.POSITIVE_INFINITY, commit = Number.POSITIVE_INFINITY}: {asOf?: number; commit?: number} = {},
): Map<string, GapSpan[]> {
  const ledger = new Map<string, GapSpan[]>()
  for (const entry of commits) {
    if (entry.gaps.length === 0 || entry.n > commit) continue
    if (entry.table !== table || entry.venue !== venue || entry.interval !== interval) continue
    for (const gap of entry.gaps) {
      if (!(gap.from < gap.to) || (gap.state === 'BACKFILLED' && entry.received_at > asOf)) continue
      const spans = ledger.get(gap.coin) ?? []
      layOver(spans, gap, entry.n)
      ledger.set(gap.coin, spans)
    }
  }
  return ledger
}

/** True when the entry changes the state of any instant it covers. */
export function changesLedger(spans: readonly GapSpan[], gap: GapEntry): boolean {
  let covered = gap.from
  for (let i = firstBehind(spans, gap.from); i < spans.length; i++) {
    const span = spans[i]!
    if (span.from >= gap.to) break
    if (span.from > covered || under(span, gap) !== span.state) return true
    covered = span.to
  }
  return covered < gap.to
}

/** State of a span once the entry has been laid over it. */
const under = (span: GapSpan, gap: GapEntry): GapEntry['state'] =>
  span.state === 'UNRECOVERABLE' && gap.state === 'OPEN' ? 'UNRECOVERABLE' : gap.state

function layOver(spans: GapSpan[], gap: GapEntry, n: number): void {
  const first = firstBehind(spans, gap.from)
  let last = first
  const laid: GapSpan[] = []
  let at = gap.from
  const fresh = (from: number, to: number): GapSpan => ({
    ...{coin: gap.coin, from, to, state: gap.state, cause: gap.cause, since: n},
    closed: gap.state === 'OPEN' ? null : n,
  })
  for (; last < spans.length && spans[last]!.from < gap.to; last++) {
    const span = spans[last]!
    if (span.from < gap.from) laid.push({...span, to: gap.from})
    if (span.from > at) laid.push(fresh(at, span.from))
    const [from, to] = [Math.max(span.from, gap.from), Math.min(span.to, gap.to)]
    laid.push(under(span, gap) === span.state ? {...span, from, to} : changed(span, gap, {from, to, n}))
    if (span.to > gap.to) laid.push({...span, from: gap.to})
    at = to
  }
  if (at < gap.to) laid.push(fresh(at, gap.to))
  spans.splice(first, last - first, ...joined(laid))
}

/** A span that opens again is a new gap; one that is closed keeps the commit that found it and why. */
const changed = (span: GapSpan, gap: GapEntry, {from, to, n}: {from: number; to: number; n: number}): GapSpan =>
  gap.state === 'OPEN'
    ? {...span, from, to, state: 'OPEN', cause: gap.cause, since: n, closed: null}
    : {...span, from, to, state: gap.state, cause: gap.cause, closed: n}

/** The span over an instant, null where nothing was ever missing. A thin market has tens of thousands. */
export function spanAt(spans: readonly GapSpan[], instant: number): GapSpan | null {
  const span = spans[firstBehind(spans, instant)]
  return span && span.from <= instant ? span : null
}

/** Index of the first span that ends behind an instant. */
function firstBehind(spans: readonly GapSpan[], instant: number): number {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (spans[middle]!.to > instant) high = middle
    else low = middle + 1
  }
  return low
}

/** Pieces that touch and say the same are one. */
function joined(spans: readonly GapSpan[]): GapSpan[] {
  const whole: GapSpan[] = []
  for (const span of spans) {
    const before = whole.at(-1)
    const goesOn =
      before !== undefined &&
      before.to === span.from &&
      before.state === span.state &&
      before.cause === span.cause &&
      before.since === span.since &&
      before.closed === span.closed
    if (goesOn) whole[whole.length - 1] = {...before, to: span.to}
    else whole.push(span)
  }
  return whole
}
