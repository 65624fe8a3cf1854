import {BAR} from '../contracts/panel.ts'
import {DAY_MS} from '../kernel/instant.ts'
import type {Bars} from './bars.ts'
import type {Incarnation} from './incarnations.ts'

/** What the venue's incarnations are, judged at one instant with what was available by then. */
export interface Marks {
  /** shape [rows], a BAR code per bar */
  readonly state: Uint8Array
  /** shape [incarnations], open of the last bar with volume when dead, NaN otherwise */
  readonly diedAt: Float64Array
}

/**
 * Mark bars that are no tradable history.
 *
 * Before its first trade a name is `prelisting` (venues fill such bars in). It is dead as of T when (a) its bars of the
 * last max(3 days, 3 bars), at least three of them, all have volume 0; or (b) no bar of it became available in
 * (T − D, T] while at least half of the venue's incarnations that had one in (T − 2D, T − D] did, D = max(3 days,
 * 24 bars): an outage of the recorder kills nobody. Every bar without volume after the last trade is then a dead bar.
 *
 * @param bars   rows with `availableAt` <= T
 * @param asOf   T, epoch ms; at most the end of the data, or nothing recent would look dead
 */
export function markBars(bars: Bars, lives: readonly Incarnation[], barMs: number, asOf: number): Marks {
  const {volume, ts, availableAt} = bars
  const state = new Uint8Array(bars.count).fill(BAR.live)
  const diedAt = new Float64Array(lives.length).fill(Number.NaN)
  const quietMs = Math.max(3 * DAY_MS, 3 * barMs)
  const absentMs = Math.max(3 * DAY_MS, 24 * barMs)
  const venueGoesOn = goesOn(bars, lives, asOf, absentMs)

  for (const [k, {from, to}] of lives.entries()) {
    let first = from
    while (first < to && !(volume[first]! > 0)) state[first++] = BAR.prelisting
    if (first === to) continue
    let last = to - 1
    while (!(volume[last]! > 0)) last--

    let recent = 0
    for (let i = to - 1; i > last && availableAt[i]! > asOf - quietMs; i--) recent++
    const tradedRecently = availableAt[last]! > asOf - quietMs
    const silent = recent >= 3 && !tradedRecently
    const gone = venueGoesOn && availableAt[to - 1]! <= asOf - absentMs
    if (!silent && !gone) continue
    diedAt[k] = ts[last]!
    for (let i = last + 1; i < to; i++) state[i] = BAR.dead
  }
  return {state, diedAt}
}

/** Whether at least half of those with a bar in (T − 2D, T − D] had one in (T − D, T]. */
function goesOn({availableAt}: Bars, lives: readonly Incarnation[], asOf: number, windowMs: number): boolean {
  let [had, has] = [0, 0]
  for (const {from, to} of lives) {
    let i = to - 1
    while (i >= from && availableAt[i]! > asOf) i--
    const recent = i >= from && availableAt[i]! > asOf - windowMs
    while (i >= from && availableAt[i]! > asOf - windowMs) i--
    if (i < from || availableAt[i]! <= asOf - 2 * windowMs) continue
    had++
    if (recent) has++
  }
  return had > 0 && has * 2 >= had
}
