import {rebalanceBars} from '../backtest/rebalance-bars.ts'
import type {ConfigurationRun} from '../backtest/run-configuration.ts'
import {type CompiledHypothesis, warmupBars} from '../features/compile-hypothesis.ts'
import {researchWindow} from './research-window.ts'

/** Time with too few assets, during which nothing was held: the figures are of the rest. */
export function thinBars(
  {hypothesis, params, panel, universe}: Pick<ConfigurationRun, 'hypothesis' | 'params' | 'panel' | 'universe'>,
  compiled: CompiledHypothesis,
): string[] {
  const decisions = rebalanceBars(panel, hypothesis.portfolio.rebalance)
  const least = hypothesis.universe.min_assets
  const {first, thinBars: thin} = researchWindow(panel, universe, least, warmupBars(compiled, params), decisions)
  if (first === null || thin === 0) return []
  const share = ((100 * thin) / (panel.ts.length - first)).toFixed(1)
  return [`universe:below_min_assets on ${share} % of bars, nothing held there`]
}
