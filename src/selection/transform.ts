import type {Component} from '../contracts/selection.ts'
import {lowerBound, upperBound} from '../kernel/bounds.ts'

const WINSOR = 3

/**
 * One cross-section of raw values as comparable numbers, higher is better.
 *
 * `rank` is the average rank over the count, in (0, 1]; `zscore` is in sample deviations, all 0 when they do not differ;
 * `winsorised_zscore` is clipped at ±3. NaN stays NaN and takes no part.
 *
 * @param values  raw values, NaN where not known
 */
export function transform(
  values: readonly number[],
  direction: Component['direction'],
  kind: Component['transform'],
): number[] {
  const signed = direction === 'higher' ? values : values.map((value) => -value)
  const finite = signed.filter((value) => !Number.isNaN(value))
  if (kind === 'rank') {
    const sorted = Float64Array.from(finite).sort()
    return signed.map((value) => {
      if (Number.isNaN(value)) return value
      const below = lowerBound(sorted, value)
      const through = upperBound(sorted, value)
      return (below + 1 + through) / 2 / sorted.length
    })
  }
  const mean = finite.reduce((sum, x) => sum + x, 0) / finite.length
  const sigma = Math.sqrt(finite.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, finite.length - 1))
  return signed.map((value) => {
    if (Number.isNaN(value)) return value
    const z = sigma > 0 ? (value - mean) / sigma : 0
    return kind === 'winsorised_zscore' ? Math.max(-WINSOR, Math.min(WINSOR, z)) : z
  })
}
