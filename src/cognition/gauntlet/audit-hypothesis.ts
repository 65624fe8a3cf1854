import type {GauntletConfig} from '../../contracts/gauntlet.ts'
import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import {dayOf} from '../../kernel/instant.ts'
import type {Random} from '../../kernel/random.ts'
import {rebalanceBars} from '../backtest/rebalance-bars.ts'
import {targetWeights} from '../backtest/target-weights.ts'
import type {CompiledHypothesis, Spot} from '../features/compile-hypothesis.ts'
import {evaluateFeatures, evaluateSignals} from '../features/evaluate.ts'
import {
  auditLookahead,
  type Decide,
  type Decided,
  differences,
  type Leak,
  type LookaheadAudit,
} from './audit-lookahead.ts'
import {scrambleView, truncateView, type View} from './audit-panel.ts'
import {narrowView} from './narrow-view.ts'
import {signalsAt} from './run-grid.ts'

export interface HypothesisAudit {
  readonly audit: LookaheadAudit
  /** the leak in words, and the guilty expression with a caret where the text gives it away; null when clean */
  readonly guilty: string | null
}

/**
 * Stage 2 for one hypothesis: signal and target weights of the declared rule at every bar; signals of the rest of its grid
 * where a book is decided, computed as the runs of the grid compute them.
 *
 * When something leaks, the features are compared one by one, in the order in which they build on each other: the first
 * that changes is the guilty one, and what is computed from it is not.
 */
export function auditHypothesis(
  {
    hypothesis,
    compiled,
    grid,
    primary,
    first,
  }: {
    hypothesis: Hypothesis
    compiled: CompiledHypothesis
    grid: readonly Params[]
    primary: number
    first: number
  },
  whole: View,
  {cuts, scramble_cuts, grid_cuts, relative_tolerance}: GauntletConfig['lookahead'],
  random: Random,
): HypothesisAudit {
  const view = narrowView(whole, compiled)
  const decide: Decide = (shown, points) => (points[0] === primary ? [decideAll(shown)] : decideGrid(shown, points))
  const decideAll = ({panel, mask}: View): Decided => {
    const signal = evaluateSignals(compiled, panel, mask, [grid[primary]!])[0]!
    return {columns: [...signal, ...targetWeights({hypothesis, signal, panel, universe: mask})], bars: null}
  }
  const decideGrid = (shown: View, points: readonly number[]): Decided[] => {
    const bars = rebalanceBars(shown.panel, hypothesis.portfolio.rebalance)
    const sheets = signalsAt(
      {hypothesis, compiled, ...shown},
      points.map((g) => grid[g]!),
    )
    return sheets.map((sheet) => ({columns: columnsOf(sheet, shown.panel.assets.length), bars}))
  }
  const audit = auditLookahead({
    view,
    decide,
    gridSize: grid.length,
    primary,
    first,
    cuts,
    scrambleCuts: scramble_cuts,
    gridCuts: grid_cuts,
    tolerance: relative_tolerance,
    random,
  })
  if (audit.firstLeak === null) return {audit, guilty: null}
  return {audit, guilty: accuse(compiled, grid[audit.firstLeak.gridPoint]!, view, audit.firstLeak, random)}
}

/** Element k · N + a -> shape [N][bars]. */
const columnsOf = (sheet: Float64Array, N: number): Float64Array[] =>
  Array.from({length: N}, (_, a) => Float64Array.from({length: sheet.length / N}, (_, k) => sheet[k * N + a]!))

function accuse(compiled: CompiledHypothesis, params: Params, view: View, leak: Leak, random: Random): string {
  const {panel, mask} = view
  const other =
    leak.how === 'truncation' ? truncateView(view, leak.cut) : scrambleView(view, leak.cut, leak.how, random)
  const [full, changed] = [
    evaluateFeatures(compiled, panel, mask, params),
    evaluateFeatures(compiled, other.panel, other.mask, params),
  ]
  const name = [...compiled.expressions.keys()].find(
    (feature) => differences(full.get(feature)!, changed.get(feature)!, leak.cut + 1, 0).first !== null,
  )
  const asset = panel.assets[leak.column % panel.assets.length]!
  const where = `${asset} on ${dayOf(panel.ts[leak.bar]!)} knew what came after ${dayOf(panel.ts[leak.cut]!)}`
  if (name === undefined) return `the target weights: ${where}`
  const {label} = compiled.expressions.get(name)!.source
  const spot: Spot | undefined = compiled.future.find((candidate) => candidate.label === label)
  return `${label}: ${where}${spot ? `\n${spot.evidence}` : ''}`
}
