import type {Frame} from '../frame.ts'
import {leastSquares} from './least-squares.ts'
import type {Column, Kernel, Operator} from './operator.ts'

/** Work on one bar's members: `value[k]` belongs to the k-th member; results replace them in place. */
type AcrossMembers = (value: Float64Array, constants: readonly number[], sorted: Float64Array) => void

/**
 * A kernel over the universe of each bar: assets outside it, and members without a value, neither count nor get one.
 */
const across =
  (work: AcrossMembers): Kernel =>
  ([a], constants, out, {assetCount, barCount, universe}) => {
    const x = a!.values
    const values = new Float64Array(assetCount)
    const order = new Float64Array(assetCount)
    const member = new Int32Array(assetCount)
    out.fill(Number.NaN)
    for (let t = 0; t < barCount; t++) {
      let count = 0
      for (let i = t; i < x.length; i += barCount) {
        const v = x[i]!
        if (universe[i] !== 1 || v - v !== 0) continue
        values[count] = v
        member[count++] = i
      }
      const present = values.subarray(0, count)
      const sorted = order.subarray(0, count)
      sorted.set(present)
      work(present, constants, sorted)
      for (let k = 0; k < count; k++) out[member[k]!] = present[k]! - present[k]! === 0 ? present[k]! : Number.NaN
    }
  }

/** How many of the sorted values are below v (`orEqual`: at or below). */
function countBelow(sorted: Float64Array, v: number, orEqual: boolean): number {
  let [lo, hi] = [0, sorted.length]
  while (lo < hi) {
    const mid = (lo + hi) >>> 1
    if (sorted[mid]! < v || (orEqual && sorted[mid] === v)) lo = mid + 1
    else hi = mid
  }
  return lo
}

const averageRank = (sorted: Float64Array, v: number): number =>
  (countBelow(sorted, v, false) + 1 + countBelow(sorted, v, true)) / 2

const rank: AcrossMembers = (value, _, sorted) => {
  sorted.sort()
  for (let k = 0; k < value.length; k++) value[k] = averageRank(sorted, value[k]!) / value.length
}

/** Bucket 0 … k − 1 by average rank, so that equal values share a bucket. */
const bucket: AcrossMembers = (value, [k], sorted) => {
  sorted.sort()
  const last = k! - 1
  for (let i = 0; i < value.length; i++) {
    value[i] = Math.min(last, Math.floor(((averageRank(sorted, value[i]!) - 0.5) / value.length) * k!))
  }
}

const mean = (value: Float64Array): number => {
  let sum = 0
  for (let k = 0; k < value.length; k++) sum += value[k]!
  return sum / value.length
}

const demean: AcrossMembers = (value) => {
  const m = mean(value)
  for (let k = 0; k < value.length; k++) value[k] = value[k]! - m
}

const zscore: AcrossMembers = (value) => {
  // All equal is tested exactly: rounding must not turn a tie into a score.
  const flat = value.every((v) => v === value[0])
  demean(value, [], value)
  let squares = 0
  for (let k = 0; k < value.length; k++) squares += value[k]! ** 2
  const sd = flat ? Number.NaN : Math.sqrt(squares / (value.length - 1))
  for (let k = 0; k < value.length; k++) value[k] = value[k]! / sd
}

/** x over the sum of |x|, without demeaning. */
const scale: AcrossMembers = (value) => {
  let size = 0
  for (let k = 0; k < value.length; k++) size += Math.abs(value[k]!)
  for (let k = 0; k < value.length; k++) value[k] = value[k]! / size
}

const winsorize: AcrossMembers = (value, [share], sorted) => {
  sorted.sort()
  const at = (q: number): number => {
    const place = q * (sorted.length - 1)
    const low = sorted[Math.floor(place)]!
    return low + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - low)
  }
  const [least, most] = [at(share!), at(1 - share!)]
  for (let k = 0; k < value.length; k++) value[k] = Math.min(most, Math.max(least, value[k]!))
}

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

function completeMembers(inputs: readonly Column[], {assetCount, barCount, universe}: Frame, t: number): number[] {
  const rows: number[] = []
  for (let a = 0; a < assetCount; a++) {
    const i = a * barCount + t
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
  cs_rank: cross('rank among the universe of the bar, 1/count … 1, ties average', across(rank)),
  cs_zscore: cross('(x − mean) over deviation across the universe (n − 1)', across(zscore)),
  cs_demean: cross('x minus the mean across the universe', across(demean)),
  cs_scale: cross('x over the sum of |x| across the universe', across(scale)),
  cs_winsorize: {
    ...cross('x held between the quantiles q and 1 − q across the universe', across(winsorize), ['series', 'number']),
    refuse: ([q]) => (q! > 0 && q! < 0.5 ? null : `the share cut from each end lies between 0 and 0.5, not at ${q}`),
  },
  cs_quantile: {
    ...cross('bucket 0 … k − 1 across the universe', across(bucket), ['series', 'window']),
    least: 2,
  },
  cs_neutralize: cross('x without what a factor explains across the universe', residual, ['series', 'series']),
  residual: {
    ...cross('x without what one or more factors explain across the universe', residual, ['series', 'series']),
    rest: 'series',
  },
} satisfies Record<string, Operator>
