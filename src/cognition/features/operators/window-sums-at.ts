import {placeOf} from './block.ts'
import type {KernelAt} from './operator.ts'

/**
 * Rolling sums of one asset at some bars, with the bits of those at all bars: taken afresh at the same bars, and what lies
 * between two bars that are asked for is added up without being written down.
 *
 * @param periodOf  bars after which a sum of n is taken afresh
 * @returns         false where a value is missing on the way: which windows are full then, only all bars tell
 */
export const sumsAt =
  (divisorOf: (n: number) => number, periodOf: (n: number) => number): KernelAt =>
  ([a], [size], bars, out, at, step, frame) => {
    const x = a!.values
    const n = size!
    const [divisor, period] = [divisorOf(n), periodOf(n)]
    const place = placeOf(frame, period)
    let high = 0
    let low = 0
    let begun = -1
    let i = -1
    for (let k = 0, to = at; k < bars.length; k++, to += step) {
      const bar = bars[k]!
      if (bar < n - 1) {
        out[to] = Number.NaN
        continue
      }
      const fresh = Math.max(n - 1, bar - ((place + bar) % period))
      if (fresh !== begun) {
        high = low = 0
        for (i = fresh - n + 1; i <= fresh; i++) {
          const y = x[i]!
          const s = high + y
          const b = s - high
          low += high - (s - b) + (y - b)
          high = s
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
      }
      const value = (high + low) / divisor
      if (value - value !== 0) return false
      out[to] = value
    }
    return true
  }
