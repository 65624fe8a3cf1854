import type {Frame} from '../frame.ts'
import {across} from './across-members.ts'
import {leastSquares} from './least-squares.ts'
import type {Column, Kernel, Operator} from './operator.ts'
import {rankAcross} from './rank-across.ts'
import {rankMembers} from './rank-members.ts'

/** Bucket 0 … k − 1 by average rank, so that equal values share a bucket. */
const bucket = across(() => (value, count, out, [k]) => {
  rankMembers(value, count, out)
  for (let i = 0; i < count; i++) out[i] = Math.min(k! - 1, Math.floor(((out[i]! - 0.5) / count) * k!))
})

function meanOf(value: Float64Array, count: number): number {
  let sum = 0
  for (let k = 0; k < count; k++) sum += value[k]!
  return sum / count
}

const demean = across(() => (value, count, out) => {
  const m = meanOf(value, count)
  for (let k = 0; k < count; k++) out[k] = value[k]! - m
})

const zscore = across(() => (value, count, out) => {
  const m = meanOf(value, count)
  let squares = 0
  // All equal is tested exactly: rounding must not turn a tie into a score.
  let flat = true
  for (let k = 0; k < count; k++) {
    squares += (value[k]! - m) ** 2
    flat &&= value[k] === value[0]
  }
  const sd = flat ? Number.NaN : Math.sqrt(squares / (count - 1))
  for (let k = 0; k < count; k++) out[k] = (value[k]! - m) / sd
})

/** x over the sum of |x|, without demeaning. */
const scale = across(() => (value, count, out) => {
  let size = 0
  for (let k = 0; k < count; k++) size += Math.abs(value[k]!)
  for (let k = 0; k < count; k++) out[k] = value[k]! / size
})

const winsorize = across((assetCount) => {
  const order = new Float64Array(assetCount)
  return (value, count, out, [share]) => {
    const sorted = order.subarray(0, count)
    sorted.set(value.subarray(0, count))
    sorted.sort()
    const at = (q: number): number => {
      const place = q * (count - 1)
      const low = sorted[Math.floor(place)]!
      return low + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - low)
    }
    const [least, most] = [at(share!), at(1 - share!)]
    for (let k = 0; k < count; k++) out[k] = Math.min(most, Math.max(least, value[k]!))
  }
})

/** What is left of the first series after least squares on the others with an intercept, bar by bar. */
const residual: Kernel = (inputs, _, out, frame) => {
  out.fill(Number.NaN)
  for (let t = 0; t < frame.barCount; t++) {
    const rows = completeMembers(inputs, frame, t)
    const fitted = leastSquares(
      rows.map((i) => [1, ...inputs.slice(1).map((factor) => factor.values[i]!)]),
      rows.map((i) => inputs[0]!.values[i]!),
    )
    for (const [k, i] of rows.entries()) {
      const left = fitted ? inputs[0]!.values[i]! - fitted[k]! : Number.NaN
      out[i] = Number.isFinite(left) ? left : Number.NaN
    }
  }
}

function completeMembers(inputs: readonly Column[], frame: Frame, t: number): number[] {
  const {assetCount, assetStep, barStep, universe} = frame
  const rows: number[] = []
  for (let a = 0; a < assetCount; a++) {
    const i = a * assetStep + t * barStep
    if (universe[i] === 1 && inputs.every(({values}) => !Number.isNaN(values[i]!))) rows.push(i)
  }
  return rows
}

const cross = (summary: string, run: Kernel, args: Operator['args'] = ['series']): Operator => ({
  family: 'cross-section',
  summary,
  args,
  run,
})

export const CROSS_SECTION = {
  cs_rank: cross('rank among the universe of the bar, 1/count … 1, ties average', rankAcross),
  cs_zscore: cross('(x − mean) over deviation across the universe (n − 1)', zscore),
  cs_demean: cross('x minus the mean across the universe', demean),
  cs_scale: cross('x over the sum of |x| across the universe', scale),
  cs_winsorize: {
    ...cross('x held between the quantiles q and 1 − q across the universe', winsorize, ['series', 'number']),
    refuse: ([q]) => (q! > 0 && q! < 0.5 ? null : `the share cut from each end lies between 0 and 0.5, not at ${q}`),
  },
  cs_quantile: {
    ...cross('bucket 0 … k − 1 across the universe', bucket, ['series', 'window']),
    least: 2,
  },
  cs_neutralize: cross('x without what a factor explains across the universe', residual, ['series', 'series']),
  residual: {
    ...cross('x without what one or more factors explain across the universe', residual, ['series', 'series']),
    rest: 'series',
  },
} satisfies Record<string, Operator>
