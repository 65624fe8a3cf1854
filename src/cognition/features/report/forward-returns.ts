import {BAR, type Panel} from '../../../contracts/panel.ts'

/** Returns that come after each decision. */
export interface ForwardReturns {
  /** shape [asset][bar], fraction; NaN where nothing can be said */
  readonly values: readonly Float64Array[]
  /** how many end at the last trade of an asset that was gone before the horizon was over */
  readonly cutShort: number
}

/**
 * What was earned between `from` and `to` bars after each decision.
 *
 * A decision at the close of bar t buys at the open of bar t + 1 (a close that was read cannot be traded any more, and
 * half of a bid-ask bounce would look like skill) and ends at the close of bar t + `to`; a later piece begins at the
 * close of t + `from`. An asset that dies inside is sold at its last trade, or only survivors would be measured. A
 * window with a hole has no return; neither has one that touches a bar at which no asset has data: that is where a
 * sealed window lies, and a return across it would tell what happened inside.
 *
 * @param funded  take away the funding that a long pays in the bars held
 * @param from    bars, 0 <= from < to
 */
export function forwardReturns(panel: Panel, from: number, to: number, funded: boolean): ForwardReturns {
  const T = panel.ts.length
  const [open, close] = [panel.series.get('open')!, panel.series.get('close')!]
  const funding = funded ? panel.series.get('funding') : undefined
  const blind = countUpTo(T, (t) => !close.some((row) => Number.isFinite(row[t]!)))
  let cutShort = 0
  const values = panel.assets.map((_, a) => {
    const [begin, end, state] = [open[a]!, close[a]!, panel.state[a]!]
    const known = (t: number): boolean => state[t] === BAR.live && begin[t]! > 0 && end[t]! > 0
    const holes = countUpTo(T, (t) => !known(t))
    const paid = funding ? sumUpTo(funding[a]!) : null
    let last = T - 1
    while (last >= 0 && !known(last)) last--
    const row = new Float64Array(T).fill(Number.NaN)
    for (let t = 0; t + to < T; t++) {
      const stop = Math.min(t + to, last)
      const start = t + 1 + from
      // Bought at or after the last trade: nobody sells.
      if (start > stop || blind[t + to + 1]! > blind[t + 1]!) continue
      if (holes[stop + 1]! > holes[t + 1]!) continue
      const px = from === 0 ? begin[t + 1]! : end[t + from]!
      const held = paid ? paid[stop + 1]! - paid[start]! : 0
      row[t] = end[stop]! / px - 1 - held
      if (stop < t + to) cutShort++
    }
    return row
  })
  return {values, cutShort}
}

/** shape [T + 1]: how many of the first t bars are so. */
function countUpTo(T: number, so: (t: number) => boolean): Int32Array {
  const count = new Int32Array(T + 1)
  for (let t = 0; t < T; t++) count[t + 1] = count[t]! + (so(t) ? 1 : 0)
  return count
}

/** shape [T + 1]: sum of the first t values; a missing payment is none. */
function sumUpTo(x: Float64Array): Float64Array {
  const sum = new Float64Array(x.length + 1)
  for (let t = 0; t < x.length; t++) sum[t + 1] = sum[t]! + (Number.isFinite(x[t]!) ? x[t]! : 0)
  return sum
}
