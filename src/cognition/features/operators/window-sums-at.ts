import {placeOf} from './block.ts'
import type {KernelAt} from './operator.ts'

/**
 * Rolling sums of one asset, or of two, at some bars, with the bits of those at all bars: taken afresh at the same bars, and
 * what lies between two bars that are asked for is added up without being written down.
 *
 * Two assets side by side take little more time than one, because each waits for its last addition.
 *
 * @param periodOf  bars after which a sum of n is taken afresh
 * @returns         false where a value is missing on the way: which windows are full then, only all bars tell
 */
export const sumsAt =
  (divisorOf: (n: number) => number, periodOf: (n: number) => number): KernelAt =>
  ([a], [size], bars, out, at, step, frame) => {
    const x = a!.values
    const n = size!
    const divisor = divisorOf(n)
    const period = periodOf(n)
    const place = placeOf(frame, period)
    // One asset is its own neighbour: the same sum twice, which costs nothing.
    const T = frame.assetCount === 2 ? frame.barCount : 0
    let high = 0
    let low = 0
    let highB = 0
    let lowB = 0
    let begun = -1
    let i = -1
    for (let k = 0, to = at; k < bars.length; k++, to += step) {
      const bar = bars[k]!
      if (bar < n - 1) {
        out[to] = Number.NaN
        if (T > 0) out[to + 1] = Number.NaN
        continue
      }
      const fresh = Math.max(n - 1, bar - ((place + bar) % period))
      if (fresh !== begun) {
        high = low = highB = lowB = 0
        for (i = fresh - n + 1; i <= fresh; i++) {
          const y = x[i]!
          const s = high + y
          const b = s - high
          low += high - (s - b) + (y - b)
          high = s
          const yB = x[i + T]!
          const sB = highB + yB
          const bB = sB - highB
          lowB += highB - (sB - bB) + (yB - bB)
          highB = sB
        }
        begun = fresh
      }
      for (; i <= bar; i++) {
        const v = x[i]!
        const old = -x[i - n]!
        const s = high + v
        const b = s - high
        const r = s + old
        const c = r - s
        low += high - (s - b) + (v - b) + (s - (r - c) + (old - c))
        high = r
        const vB = x[i + T]!
        const oldB = -x[i + T - n]!
        const sB = highB + vB
        const bB = sB - highB
        const rB = sB + oldB
        const cB = rB - sB
        lowB += highB - (sB - bB) + (vB - bB) + (sB - (rB - cB) + (oldB - cB))
        highB = rB
      }
      const value = (high + low) / divisor
      const valueB = (highB + lowB) / divisor
      if (value - value !== 0 || valueB - valueB !== 0) return false
      out[to] = value
      if (T > 0) out[to + 1] = valueB
    }
    return true
  }
