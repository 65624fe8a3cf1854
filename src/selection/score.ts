import type {Component, ComponentName, SelectionConfig} from '../contracts/selection.ts'
import type {AssetDays} from './asset-days.ts'
import {COMPONENTS, type EntryCosts} from './components.ts'

export interface Score {
  /** index into `AssetDays.assets` */
  readonly asset: number
  readonly score: number
  readonly components: Readonly<Record<string, {readonly value: number; readonly contribution: number}>>
  /** the component that is not known for this asset, or null; such an asset is not ranked */
  readonly unknown: ComponentName | null
}

/**
 * Composite score of the assets that passed the screens, at the close of day `d`.
 *
 * Each component is turned into a cross-sectional number (higher is better) and weighted; weights are relative.
 * An asset with an unknown component gets no score at all: nothing ever scores zero for being unknown.
 *
 * @param candidates asset indices, ascending
 * @returns          one Score per candidate, in the order given
 */
export function scoreAssets(
  table: AssetDays,
  candidates: readonly number[],
  d: number,
  config: SelectionConfig,
  costs: EntryCosts,
): Score[] {
  const used = (Object.entries(config.score) as [ComponentName, Component | undefined][]).flatMap(([name, spec]) =>
    spec && spec.weight > 0
      ? [{name, spec, values: candidates.map((a) => COMPONENTS[name](table, a, d, spec, config, costs))}]
      : [],
  )
  const total = used.reduce((sum, {spec}) => sum + spec.weight, 0)
  const known = candidates.map((_, i) => used.find(({values}) => !Number.isFinite(values[i]))?.name ?? null)
  const transformed = used.map(({spec, values}) =>
    transform(
      values.map((value, i) => (known[i] === null ? (spec.direction === 'higher' ? value : -value) : Number.NaN)),
      spec.transform,
    ),
  )
  return candidates.map((asset, i) => {
    const components: Record<string, {value: number; contribution: number}> = {}
    let score = 0
    used.forEach(({name, spec, values}, j) => {
      if (known[i] !== null) return
      const contribution = (spec.weight / total) * transformed[j]![i]!
      components[name] = {value: values[i]!, contribution}
      score += contribution
    })
    return {asset, score: known[i] === null ? score : Number.NaN, components, unknown: known[i]!}
  })
}

/** NaN stays NaN and takes no part. `rank` is the average rank over the count, in (0, 1]. */
function transform(values: readonly number[], kind: Component['transform']): number[] {
  const finite = values.filter((value) => !Number.isNaN(value))
  if (kind === 'rank') {
    const sorted = [...finite].sort((a, b) => a - b)
    return values.map((value) => {
      if (Number.isNaN(value)) return value
      const below = lowerBound(sorted, value)
      const through = lowerBound(sorted, value, true)
      return (below + 1 + through) / 2 / sorted.length
    })
  }
  const mean = finite.reduce((sum, x) => sum + x, 0) / finite.length
  const sigma = Math.sqrt(finite.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, finite.length - 1))
  return values.map((value) => {
    if (Number.isNaN(value)) return value
    const z = sigma > 0 ? (value - mean) / sigma : 0
    return kind === 'winsorised_zscore' ? Math.max(-3, Math.min(3, z)) : z
  })
}

/** How many sorted values are < value (or <= value with `through`). */
function lowerBound(sorted: readonly number[], value: number, through = false): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value || (through && sorted[middle]! === value)) low = middle + 1
    else high = middle
  }
  return low
}
