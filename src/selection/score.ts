import type {Component, ComponentName, SelectionConfig} from '../contracts/selection.ts'
import type {AssetDays} from './asset-days.ts'
import {COMPONENTS, type EntryCosts} from './components/index.ts'
import {transform} from './transform.ts'

export interface Score {
  /** index into `AssetDays.assets` */
  readonly asset: number
  readonly score: number
  readonly components: Readonly<Record<string, {readonly value: number; readonly contribution: number}>>
  /** the component that is not known for this asset, or null; such an asset is not ranked */
  readonly unknown: ComponentName | null
}

type Named = {readonly name: Exclude<ComponentName, 'correlation'>; readonly spec: Component}

/** Components with a weight, in the order of the file; `correlation` apart, it needs what is already chosen. */
const weighted = ({score}: SelectionConfig): Named[] =>
  (Object.entries(score) as [ComponentName, Component | undefined][]).flatMap(([name, spec]) =>
    spec && spec.weight > 0 && name !== 'correlation' ? [{name, spec}] : [],
  )

/** Sum of all weights, correlation included: weights are relative to it. */
export const totalWeight = ({score}: SelectionConfig): number =>
  Object.values(score).reduce((sum, spec) => sum + (spec?.weight ?? 0), 0)

/**
 * Composite score of the assets that passed the screens, at the close of day `d`.
 *
 * Each component is turned into a cross-sectional number (higher is better) and weighted; weights are relative.
 * An asset with an unknown component gets no score at all: nothing ever scores zero for being unknown.
 *
 * @param candidates asset indices, ascending
 * @returns          one Score per candidate, in the order given; the part of `correlation` is added by `orderByCorrelation`
 */
export function scoreAssets(
  table: AssetDays,
  candidates: readonly number[],
  d: number,
  config: SelectionConfig,
  costs: EntryCosts,
): Score[] {
  const used = weighted(config).map(({name, spec}) => ({
    name,
    spec,
    values: candidates.map((a) => COMPONENTS[name](table, a, d, spec, config, costs)),
  }))
  const total = totalWeight(config)
  const known = candidates.map((_, i) => used.find(({values}) => !Number.isFinite(values[i]))?.name ?? null)
  const transformed = used.map(({spec, values}) =>
    transform(
      values.map((value, i) => (known[i] === null ? value : Number.NaN)),
      spec.direction,
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

/** Best score first; ties go to the name that sorts first, so that the order never depends on how data arrived. */
export const byScore = (scores: readonly Score[], names: readonly string[]): Score[] =>
  scores
    .filter(({unknown}) => unknown === null)
    .sort((x, y) => y.score - x.score || (names[x.asset]! < names[y.asset]! ? -1 : 1))
