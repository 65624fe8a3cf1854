import type {Kernel, Operator} from './operator.ts'

/** Share of the starting value that may still be in a smoothed one after its declared warm-up. */
const RESIDUE = 1e-6

/** Bars until the weight of everything older, (1 − alpha)^s, is below the residue. */
const fadeBars = (alpha: number): number => (alpha >= 1 ? 0 : Math.ceil(Math.log(RESIDUE) / Math.log(1 - alpha)))

/** alpha = 2/(n + 1), seeded with the first value; after a hole it starts again. */
const ema: Kernel = ([a], [n], out, {assetCount, barCount}) => {
  const x = a!.values
  const alpha = 2 / (n! + 1)
  for (let asset = 0; asset < assetCount; asset++) {
    let y = Number.NaN
    for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
      const v = x[i]!
      y = Number.isFinite(y) ? y + alpha * (v - y) : v
      out[i] = Number.isFinite(y) ? y : Number.NaN
    }
  }
}

/** Wilder's smoothing of one asset's terms: the mean of the first n, then (y(n − 1) + x)/n. NaN starts it again. */
class Wilder {
  readonly n: number
  seen = 0
  value = Number.NaN

  constructor(n: number) {
    this.n = n
  }

  next(term: number): number {
    if (!Number.isFinite(term)) {
      this.seen = 0
      return Number.NaN
    }
    if (this.seen === 0) this.value = 0
    this.seen++
    if (this.seen <= this.n) {
      this.value += term
      if (this.seen === this.n) this.value /= this.n
    } else this.value = (this.value * (this.n - 1) + term) / this.n
    return this.seen >= this.n && Number.isFinite(this.value) ? this.value : Number.NaN
  }
}

/** @see Wilder (1978), New Concepts in Technical Trading Systems */
const rsi: Kernel = ([a], [n], out, {assetCount, barCount}) => {
  const x = a!.values
  for (let asset = 0; asset < assetCount; asset++) {
    const [gains, losses] = [new Wilder(n!), new Wilder(n!)]
    const start = asset * barCount
    out.fill(Number.NaN, start, start + Math.min(1, barCount))
    for (let i = start + 1; i < start + barCount; i++) {
      const change = x[i]! - x[i - 1]!
      const isSmoothed = gains.seen >= n!
      const gain = gains.next(Math.max(change, 0))
      const loss = losses.next(Math.max(-change, 0))
      const both = gain + loss
      // Both shrink by the same factor where the price stands still: what the last digit would make of that is no strength.
      if (change === 0 && isSmoothed) out[i] = out[i - 1]!
      // Prices that did not move at all have no relative strength.
      else out[i] = both > 0 && Number.isFinite(both) ? 100 * (gain / both) : Number.NaN
    }
  }
}

/** The first true range is at bar 1: it needs the previous close. @see Wilder (1978) */
const atr: Kernel = ([h, l, c], [n], out, {assetCount, barCount}) => {
  const [high, low, close] = [h!.values, l!.values, c!.values]
  for (let asset = 0; asset < assetCount; asset++) {
    const ranges = new Wilder(n!)
    const start = asset * barCount
    out.fill(Number.NaN, start, start + Math.min(1, barCount))
    for (let i = start + 1; i < start + barCount; i++) {
      const before = close[i - 1]!
      const range = Math.max(high[i]! - low[i]!, Math.abs(high[i]! - before), Math.abs(low[i]! - before))
      out[i] = ranges.next(range)
    }
  }
}

const wilderMemory = ([n]: readonly number[]): number => n! + fadeBars(1 / n!)

export const SMOOTHING = {
  ema: {
    family: 'time',
    summary: 'exponential mean, alpha 2/(n + 1), seeded with the first value',
    args: ['series', 'window'],
    memory: ([n]) => fadeBars(2 / (n! + 1)),
    run: ema,
  },
  rsi: {
    family: 'time',
    summary: "Wilder's relative strength index of a series",
    args: ['series', 'window'],
    memory: wilderMemory,
    run: rsi,
  },
  atr: {
    family: 'time',
    summary: "Wilder's average true range",
    args: ['window'],
    implicit: ['high', 'low', 'close'],
    memory: wilderMemory,
    run: atr,
  },
} satisfies Record<string, Operator>
