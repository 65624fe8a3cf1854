import type {GauntletConfig} from '../../contracts/gauntlet.ts'
import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import {dayOf} from '../../kernel/instant.ts'
import type {Random} from '../../kernel/random.ts'
import {targetWeights} from '../backtest/target-weights.ts'
import type {CompiledHypothesis, Spot} from '../features/compile-hypothesis.ts'
import {evaluateFeatures, forEachSignal} from '../features/evaluate.ts'
import {auditLookahead, type Decide, differences, type Leak, type LookaheadAudit} from './audit-lookahead.ts'
import {scrambleView, truncateView, type View} from './audit-panel.ts'
import {narrowView} from './narrow-view.ts'

export interface HypothesisAudit {
  readonly audit: LookaheadAudit
  /** the leak in words, and the guilty expression with a caret where the text gives it away; null when clean */
  readonly guilty: string | null
}

/**
 * Stage 2 for one hypothesis: signal and target weights of the declared rule, signals of the rest of its grid.
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
  const decide: Decide = ({panel, mask}, points) => {
    const decided: Float64Array[][] = []
    forEachSignal(
      compiled,
      panel,
      mask,
      points.map((g) => grid[g]!),
      (rows, i) => {
        const signal = rows.map((row) => row.slice())
        const weights = points[i] === primary ? targetWeights({hypothesis, signal, panel, universe: mask}) : []
        decided.push([...signal, ...weights])
      },
    )
    return decided
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
