import type {Kernel, Operator} from './operator.ts'

/**
 * The first k bars of each asset have no value; `visit` fills the rest, from the first bar that has one to the last.
 *
 * Each operator has a loop of its own: one loop that calls a function per value is several times slower.
 */
const lagged =
  (visit: (x: Float64Array, k: number, out: Float64Array, from: number, to: number) => void): Kernel =>
  ([a], [k], out, {assetCount, barCount}) => {
    for (let asset = 0; asset < assetCount; asset++) {
      const start = asset * barCount
      const from = start + Math.min(k!, barCount)
      out.fill(Number.NaN, start, from)
      visit(a!.values, k!, out, from, start + barCount)
    }
  }

const delay = lagged((x, k, out, from, to) => {
  for (let i = from; i < to; i++) out[i] = x[i - k]!
})

const delta = lagged((x, k, out, from, to) => {
  for (let i = from; i < to; i++) {
    const v = x[i]! - x[i - k]!
    out[i] = v - v === 0 ? v : Number.NaN
  }
})

const returns = lagged((x, k, out, from, to) => {
  for (let i = from; i < to; i++) {
    const v = x[i]! / x[i - k]! - 1
    out[i] = v - v === 0 ? v : Number.NaN
  }
})

const logReturns = lagged((x, k, out, from, to) => {
  for (let i = from; i < to; i++) {
    const v = Math.log(x[i]! / x[i - k]!)
    out[i] = v - v === 0 ? v : Number.NaN
  }
})

const change = (summary: string, run: Kernel): Operator => ({
  family: 'time',
  summary,
  args: ['series', 'window'],
  memory: ([k]) => k!,
  run,
})

export const CHANGE = {
  delay: change('the value n bars ago', delay),
  delta: change('change over n bars', delta),
  returns: change('simple return over n bars', returns),
  log_returns: change('logarithmic return over n bars', logReturns),
} satisfies Record<string, Operator>
