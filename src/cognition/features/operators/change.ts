import type {Kernel, Operator} from './operator.ts'

/** A kernel over the value now and the value k bars ago; the first k bars of each asset have no value. */
const lagged =
  (f: (now: number, then: number) => number): Kernel =>
  ([a], [k], out, {assetCount, barCount}) => {
    const x = a!.values
    for (let asset = 0; asset < assetCount; asset++) {
      const start = asset * barCount
      out.fill(Number.NaN, start, start + Math.min(k!, barCount))
      for (let i = start + k!; i < start + barCount; i++) {
        const v = f(x[i]!, x[i - k!]!)
        out[i] = v - v === 0 ? v : Number.NaN
      }
    }
  }

const change = (summary: string, run: Kernel): Operator => ({
  family: 'time',
  summary,
  args: ['series', 'window'],
  memory: ([k]) => k!,
  run,
})

export const CHANGE = {
  delay: change(
    'the value n bars ago',
    lagged((_, then) => then),
  ),
  delta: change(
    'change over n bars',
    lagged((now, then) => now - then),
  ),
  returns: change(
    'simple return over n bars',
    lagged((now, then) => now / then - 1),
  ),
  log_returns: change(
    'logarithmic return over n bars',
    lagged((now, then) => Math.log(now / then)),
  ),
} satisfies Record<string, Operator>
