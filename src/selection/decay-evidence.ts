import {normalCdf} from '../kernel/distributions.ts'
import type {EdgeSeries} from './edge-series.ts'

export interface DecayRule {
  /** observations of a full window */
  readonly windowDays: number
  /** false-discovery rate of exclusions, 0 … 1 */
  readonly fdr: number
}

/** What a family's journal says about the edge in one asset at one instant. */
export interface DecayEvidence {
  readonly asset: number
  readonly family: string
  /** observations; fewer than two windows decide nothing */
  readonly observations: number
  /** mean of the observations before the recent window, pooled */
  readonly reference: number
  /** mean of the recent window: as measured, and pooled */
  readonly recent: number
  readonly pooled: number
  /** probability that the edge has not fallen, given this asset and its family */
  readonly stable: number
  /** p-value of the CUSUM of realised minus expected */
  readonly cusum: number
  /** p-value of the fall of the family's mean */
  readonly familyFall: number
  /** factor for the weight, 0 … 1: what is left of the edge, by the pooled estimates */
  readonly shrink: number
  readonly decayed: boolean
}

interface Measured {
  readonly series: EdgeSeries
  readonly reference: number
  readonly recent: number
  /** recent minus reference */
  readonly fall: number
  readonly variance: number
  readonly cusum: number
}

/**
 * Where an edge has decayed, at a false-discovery rate of `fdr` for one look.
 *
 * One asset-year of daily information coefficients has a standard error near 0.05 against a typical 0.02–0.03: alone it
 * says nothing. So the fall of each asset (recent window minus all before) is pooled with the falls of its family by a
 * random-effects model. Half of the rate goes to the family: when its mean has fallen by more than chance explains, those
 * assets are out whose own posterior probability of not having fallen is within `fdr`. The other half goes to the CUSUM
 * of each asset, by Benjamini–Hochberg. Before either, weights shrink. Nothing is decided on fewer than two windows, nor
 * on an edge that was not there, nor for a fall of less than half of it.
 *
 * @param series  of one family; observations known by the instant only
 * @see DerSimonian & Laird (1986) on pooling; Benjamini & Hochberg (1995) on the rate
 */
export function decayEvidence(series: readonly EdgeSeries[], {windowDays, fdr}: DecayRule): DecayEvidence[] {
  const measured = series.filter(({value}) => value.length >= 2 * windowDays).map((one) => measure(one, windowDays))
  if (measured.length === 0) return []
  const family = familyFall(
    measured.map((one) => one.series),
    windowDays,
  )
  const pool = poolOf(measured, family.variance)
  const references = shrunkTo(
    measured.map(({reference}) => reference),
    measured.map(({series: {value}}) => varianceOf(value) / (value.length - windowDays)),
  )
  const byCusum = new Set(
    byStepUp(
      measured.map(({cusum}) => cusum),
      fdr / 2,
    ),
  )
  return measured.map(({series: {asset, family: name, value}, recent, fall, variance, cusum}, i) => {
    const {mean, deviation} = pool(fall, variance)
    const reference = references[i]!
    const pooled = reference + mean
    const stable = normalCdf(mean / deviation)
    const isWorth = reference > 0 && pooled < reference / 2
    const byFamily = measured.length > 1 && family.p <= fdr / 2 && stable <= fdr
    return {
      ...{asset, family: name, observations: value.length, reference, recent, pooled, stable, cusum},
      familyFall: family.p,
      shrink: reference > 0 ? Math.min(1, Math.max(0, pooled / reference)) : 1,
      decayed: isWorth && (byFamily || byCusum.has(i)),
    }
  })
}

function measure(series: EdgeSeries, windowDays: number): Measured {
  const {value} = series
  const n = value.length
  const before = n - windowDays
  const [reference, recent] = [meanOf(value.subarray(0, before)), meanOf(value.subarray(before))]
  const variance = varianceOf(value)
  return {
    ...{series, reference, recent, fall: recent - reference},
    variance: variance * (1 / before + 1 / windowDays),
    cusum: cusumP(value, before, Math.sqrt(variance)),
  }
}

/**
 * P-value of the lowest point of the cumulated realised minus expected over the recent window.
 *
 * Under no change the sum is a Brownian motion plus the error of the reference, whose increments do not correlate
 * negatively, so the reflection principle bounds the chance of ever having been that low: 2 · (1 − Φ).
 *
 * @see Brown, Durbin & Evans (1975), Techniques for testing the constancy of regression relationships
 */
function cusumP(value: Float64Array, before: number, sigma: number): number {
  const expected = meanOf(value.subarray(0, before))
  const m = value.length - before
  let [sum, lowest] = [0, 0]
  for (let i = before; i < value.length; i++) {
    sum += value[i]! - expected
    lowest = Math.min(lowest, sum)
  }
  return Math.min(1, 2 * (1 - normalCdf(-lowest / (sigma * Math.sqrt(m * (1 + m / before))))))
}

/** Posterior of one asset's fall given its family's falls, by their squared error. */
function poolOf(measured: readonly Measured[], familyError: number) {
  const falls = measured.map(({fall}) => fall)
  const mean = meanOf(falls)
  const precisions = measured.map(({variance}) => 1 / variance)
  const total = precisions.reduce((sum, w) => sum + w, 0)
  const q = falls.reduce((sum, x, i) => sum + precisions[i]! * (x - mean) ** 2, 0)
  const scale = total - precisions.reduce((sum, w) => sum + w * w, 0) / total
  const between = scale > 0 ? Math.max(0, (q - (falls.length - 1)) / scale) : 0
  return (fall: number, variance: number): {mean: number; deviation: number} => {
    if (measured.length < 2) return {mean: fall, deviation: Math.sqrt(variance)}
    const prior = between + familyError
    const precision = 1 / variance + 1 / prior
    // The asset is part of its family's mean: its own word is not added to it as if it were another's.
    const deviation = Math.sqrt(Math.max(1 / precision, between === 0 ? familyError : 0))
    return {mean: (fall / variance + mean / prior) / precision, deviation}
  }
}

/**
 * Fall of the family's mean coefficient: its squared error and one-sided p-value.
 *
 * Taken from the daily means over assets, so that assets which move together are not counted as so many opinions.
 */
function familyFall(series: readonly EdgeSeries[], windowDays: number): {variance: number; p: number} {
  const days = new Map<number, {sum: number; count: number}>()
  for (const {known, value} of series) {
    for (let i = 0; i < known.length; i++) {
      const day = days.get(known[i]!)
      if (day) {
        day.sum += value[i]!
        day.count++
      } else days.set(known[i]!, {sum: value[i]!, count: 1})
    }
  }
  const means = Float64Array.from(
    [...days].sort(([x], [y]) => x - y),
    ([, {sum, count}]) => sum / count,
  )
  const before = Math.max(1, means.length - windowDays)
  const variance = varianceOf(means) * (1 / before + 1 / windowDays)
  const fall = meanOf(means.subarray(before)) - meanOf(means.subarray(0, before))
  return {variance, p: normalCdf(fall / Math.sqrt(variance))}
}

/** Each estimate pulled toward the mean of all by how little it says. */
function shrunkTo(values: readonly number[], variances: readonly number[]): number[] {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length
  const within = variances.reduce((sum, x) => sum + x, 0) / variances.length
  const spread = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, values.length - 1)
  const between = Math.max(0, spread - within)
  return values.map((x, i) => {
    const weight = values.length < 2 ? 1 : between / (between + variances[i]!)
    return mean + weight * (x - mean)
  })
}

/** Benjamini–Hochberg: the largest k with p(k) <= rate · k / n. */
function byStepUp(p: readonly number[], rate: number): number[] {
  const order = p.map((_, i) => i).sort((x, y) => p[x]! - p[y]! || x - y)
  const size = order.findLastIndex((i, k) => p[i]! <= (rate * (k + 1)) / p.length) + 1
  return order.slice(0, size)
}

export const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return sum / values.length
}

/** Sample variance. */
function varianceOf(values: Float64Array): number {
  const mean = meanOf(values)
  let sum = 0
  for (const x of values) sum += (x - mean) ** 2
  return sum / Math.max(1, values.length - 1)
}
