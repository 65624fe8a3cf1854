import type {Kernel, Operator} from './operator.ts'

const FRESH = 64
const DIGITS = 1e-4

/**
 * Rolling sums Σ y and Σ k·y (k = 0 oldest … n − 1 newest) in O(T), over y = x − anchor.
 *
 * One step: every old weight falls by one, so Σ k·y loses Σ y of what stays and gains (n − 1) × the newest. Anchored to
 * the middle of three of the window's values (a spike is never it) every max(n, 64) bars and compensated, as the other
 * windows are.
 */
const weighted =
  (finish: (n: number, anchor: number, plain: number, ramp: number) => number): Kernel =>
  ([a], [size], out, {assetCount, barCount}) => {
    const x = a!.values
    const n = size!
    const period = Math.max(n, FRESH)
    let [anchor, plain, plainLost, ramp, rampLost, peak, left] = [0, 0, 0, 0, 0, 0, 0]
    const sizeOf = (): number => Math.abs(ramp) + n * Math.abs(plain)
    const anchorAt = (end: number): void => {
      left = period
      anchor = middleOf(x[end - n + 1]!, x[end - (n >> 1)]!, x[end]!)
      plain = plainLost = ramp = rampLost = 0
      for (let k = 0; k < n; k++) {
        const y = x[end - n + 1 + k]! - anchor
        plain += y
        ramp += k * y
      }
      peak = sizeOf()
    }
    const step = (fresh: number, old: number): void => {
      const tilt = (n - 1) * fresh - (plain + plainLost - old)
      const r = ramp + tilt
      const c = r - ramp
      rampLost += ramp - (r - c) + (tilt - c)
      ramp = r
      const rise = fresh - old
      const s = plain + rise
      const b = s - plain
      plainLost += plain - (s - b) + (rise - b)
      plain = s
    }
    for (let asset = 0; asset < assetCount; asset++) {
      let run = 0
      for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
        const v = x[i]!
        out[i] = Number.NaN
        if (v - v !== 0) {
          run = 0
          continue
        }
        if (++run < n) continue
        if (run === n || --left === 0) anchorAt(i)
        else {
          step(v - anchor, x[i - n]! - anchor)
          // Far below what the sums were: a spike has left, and the rounding of its products stayed behind.
          if (sizeOf() < DIGITS * peak) anchorAt(i)
          else peak = Math.max(peak, sizeOf())
        }
        const value = finish(n, anchor, plain + plainLost, ramp + rampLost)
        out[i] = value - value === 0 ? value : Number.NaN
      }
    }
  }

const middleOf = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))

/** Weights 1 … n, newest heaviest, over n(n + 1)/2; the anchor comes back whole because the weights sum to one. */
const linearDecay = weighted((n, anchor, plain, ramp) => anchor + (ramp + plain) / ((n * (n + 1)) / 2))

/** Least squares on 0 … n − 1; a shift of the anchor does not tilt it. */
const slope = weighted((n, _, plain, ramp) => (ramp - ((n - 1) / 2) * plain) / ((n * (n * n - 1)) / 12))

const time = (summary: string, run: Kernel, least = 1): Operator => ({
  family: 'time',
  summary,
  args: ['series', 'window'],
  least,
  memory: ([n]) => n! - 1,
  run,
})

export const WINDOW_WEIGHTS = {
  decay_linear: time('mean of the last n bars with weights 1 … n, newest heaviest', linearDecay),
  wma: time('weighted moving average: decay_linear by its other name', linearDecay),
  ts_slope: time('least-squares slope of the last n bars, per bar', slope, 2),
} satisfies Record<string, Operator>
