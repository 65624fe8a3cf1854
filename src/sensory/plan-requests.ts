import type {Asked, IngestMemory} from '../contracts/ingest.ts'
import {HOUR_MS} from '../kernel/instant.ts'
import type {Gap} from './find-gaps.ts'

/** The venue keeps this many bars of each interval; what is older is gone for good. */
export const KEPT_BARS = 5000

/** A bar may still be edited this long after its close. */
export const GRACE_MS = 5 * 60_000

/** A request costs 20 and a row 1/60: bars this far apart are cheaper asked for at once. */
const MERGE_BARS = 1200

const ASK_AGAIN_MS = 10 * 60_000
const ASK_AGAIN_CAP_MS = 7 * 24 * HOUR_MS
/** After so many answers without it, what a delisted contract lacks is asked for no more. */
const MOST_ASKED_DELISTED = 2
/** The same for a funding payment, which the venue never throws away: it was never made. */
const MOST_ASKED_PAYMENT = 6

/** What one coin has of one table. */
export interface Coverage {
  /** time of the newest stored row; null when there is none */
  readonly lastTs: number | null
  readonly gaps: readonly Pick<Gap, 'from' | 'to'>[]
  readonly delisted: boolean
}

/** Why something is asked for: rows since the last, a coin never seen, a hole, bars that may have been edited. */
export type Why = 'new' | 'first' | 'hole' | 'check'

export interface Wanted {
  readonly why: Why
  readonly startTime: number
  readonly endTime: number
  /** first instant in it that no earlier run recorded as missing, null when there is none */
  readonly missingFrom: number | null
}

export interface CoinPlan {
  readonly requests: readonly Wanted[]
  /** holes that nobody can fill any more: older than what the venue keeps, or asked for often enough */
  readonly lost: readonly {readonly from: number; readonly to: number}[]
  /** names under which the memory counts answers that brought nothing */
  readonly asks: readonly string[]
}

/** What to remember of one coin: how often a hole was asked for, and up to where bars were looked at twice. */
export interface CoinMemory {
  readonly asked: Readonly<Record<string, Asked>>
  readonly checked: number | null
}

/** Name of one coin in the memory. */
export const memoryKey = (table: string, interval: string | null, coin: string): string =>
  [table, ...(interval === null ? [] : [interval]), coin].join(' ')

export const memoryOf = (memory: IngestMemory, key: string): CoinMemory =>
  memory.coins[key] ?? {asked: {}, checked: null}

/**
 * Requests that bring the bars of one coin up to date.
 *
 * Asked for are the bars behind the last one, bars that came before their grace was over (once more), and holes, each
 * less and less often: after 10 minutes (or one bar), twice that, and so on up to a week. A delisted contract that twice
 * had nothing to say is left in peace.
 *
 * @param now  venue time, epoch ms
 */
export function planBars(have: Coverage, memory: CoinMemory, now: number, barMs: number): CoinPlan {
  const {lastTs, gaps, delisted} = have
  const newest = Math.floor(now / barMs) * barMs - barMs
  const oldest = newest - (KEPT_BARS - 1) * barMs
  const due = (name: string): boolean =>
    isDue(memory.asked[name], {now, stepMs: barMs, most: delisted ? MOST_ASKED_DELISTED : null})
  if (lastTs === null) {
    const isWanted = !delisted ? newest >= oldest : due('first')
    return {
      requests: isWanted ? [{why: 'first', startTime: oldest, endTime: now, missingFrom: oldest}] : [],
      lost: [],
      asks: ['first'],
    }
  }
  const wanted: Wanted[] = []
  const asks: string[] = []
  const tail = `since ${lastTs}`
  if (lastTs < newest && (!delisted || due(tail))) {
    // The last stored bars come along: an edit after their close is seen, and so is a hole right behind them.
    const again = lastTs + barMs - recheckBars(barMs) * barMs
    const missingFrom = Math.max(oldest, lastTs + barMs)
    wanted.push({why: 'new', startTime: Math.max(oldest, again), endTime: now, missingFrom})
    asks.push(tail)
  } else if (lastTs > (memory.checked ?? lastTs) && now >= lastTs + barMs + GRACE_MS) {
    const first = Math.max(memory.checked! + barMs, lastTs + barMs - recheckBars(barMs) * barMs)
    wanted.push({why: 'check', startTime: Math.max(oldest, first), endTime: now, missingFrom: null})
  }
  const lost: {from: number; to: number}[] = []
  const behind = lastTs + barMs < oldest ? [...gaps, {from: lastTs + barMs, to: oldest}] : gaps
  for (const {from, to} of behind) {
    if (from < oldest) lost.push({from, to: Math.min(to, oldest)})
    const name = `hole ${from}`
    if (to <= oldest || !due(name)) continue
    wanted.push({why: 'hole', startTime: Math.max(from, oldest), endTime: to - 1, missingFrom: null})
    asks.push(name)
  }
  return {requests: merged(wanted, MERGE_BARS * barMs), lost, asks}
}

/**
 * Requests for the funding payments of one coin: from the newest stored one on, that one included, and holes.
 *
 * @param firstTs  where to begin with a coin that has no payment, epoch ms
 * @param now      venue time, epoch ms
 */
export function planPayments(have: Coverage, memory: CoinMemory, firstTs: number, now: number): CoinPlan {
  const {lastTs, gaps, delisted} = have
  const most = delisted ? MOST_ASKED_DELISTED : null
  const due = (name: string, limit = most): boolean => isDue(memory.asked[name], {now, stepMs: HOUR_MS, most: limit})
  if (lastTs === null) {
    const isWanted = !delisted || due('first')
    return {
      requests: isWanted ? [{why: 'first', startTime: firstTs, endTime: now, missingFrom: firstTs}] : [],
      lost: [],
      asks: ['first'],
    }
  }
  const wanted: Wanted[] = []
  const asks: string[] = []
  const tail = `since ${lastTs}`
  if (Math.floor(lastTs / HOUR_MS) < Math.floor(now / HOUR_MS) && (!delisted || due(tail))) {
    wanted.push({
      why: 'new',
      startTime: lastTs,
      endTime: now,
      missingFrom: (Math.floor(lastTs / HOUR_MS) + 1) * HOUR_MS,
    })
    asks.push(tail)
  }
  const lost: {from: number; to: number}[] = []
  for (const {from, to} of gaps) {
    const name = `hole ${from}`
    if ((memory.asked[name]?.times ?? 0) >= MOST_ASKED_PAYMENT) lost.push({from, to})
    if (!due(name, most ?? MOST_ASKED_PAYMENT)) continue
    wanted.push({why: 'hole', startTime: from, endTime: to - 1, missingFrom: null})
    asks.push(name)
  }
  return {requests: wanted, lost, asks}
}

/** Closed bars that are asked for again with the next ones: at least two, and all whose grace may have been running. */
export const recheckBars = (barMs: number): number => Math.max(2, Math.ceil(GRACE_MS / barMs) + 1)

/** Newest bar whose grace was over when it was asked for at `now`. */
export const checkedUpTo = (now: number, barMs: number): number => Math.floor((now - GRACE_MS) / barMs) * barMs - barMs

/** Another answer that brought nothing. */
export const askedOnce = (before: Asked | undefined, now: number): Asked => ({
  times: (before?.times ?? 0) + 1,
  last: now,
})

function isDue(
  asked: Asked | undefined,
  {now, stepMs, most}: {now: number; stepMs: number; most: number | null},
): boolean {
  if (asked === undefined || asked.times === 0) return true
  if (most !== null && asked.times >= most) return false
  const wait = Math.max(stepMs, ASK_AGAIN_MS) * 2 ** (asked.times - 1)
  // A venue clock that was set back must not silence a hole for ever.
  return now < asked.last || now - asked.last >= Math.min(ASK_AGAIN_CAP_MS, wait)
}

function merged(wanted: readonly Wanted[], distance: number): Wanted[] {
  const joined: Wanted[] = []
  for (const next of wanted.toSorted((a, b) => a.startTime - b.startTime)) {
    const last = joined.at(-1)
    if (last === undefined || next.startTime - last.endTime > distance) joined.push(next)
    else {
      const why = last.why === 'new' || next.why === 'new' ? 'new' : last.why
      const missingFrom = last.missingFrom ?? next.missingFrom
      joined[joined.length - 1] = {...last, why, endTime: Math.max(last.endTime, next.endTime), missingFrom}
    }
  }
  return joined
}
