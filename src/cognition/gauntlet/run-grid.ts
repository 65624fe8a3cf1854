import type {Costs} from '../../contracts/costs.ts'
import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import type {Panel} from '../../contracts/panel.ts'
import type {BacktestResult} from '../backtest/backtest-result.ts'
import {rebalanceBars} from '../backtest/rebalance-bars.ts'
import {runConfiguration} from '../backtest/run-configuration.ts'
import type {CompiledHypothesis} from '../features/compile-hypothesis.ts'
import {forEachSignalAt} from '../features/evaluate-at.ts'

/** A rule with its grid, on one panel. */
export interface Ruled {
  readonly hypothesis: Hypothesis
  readonly compiled: CompiledHypothesis
  readonly grid: readonly Params[]
  /** index of the declared point */
  readonly primary: number
  readonly panel: Panel
  /** shape [N][T] */
  readonly mask: readonly Uint8Array[]
  readonly costs: Costs
}

/** Grid points whose signals are in memory together. */
const TOGETHER = 64

/**
 * Every grid point once, the declared one in full detail. Signals are computed on the bars on which a book is decided, and
 * nowhere else.
 */
export function runGrid({hypothesis, compiled, grid, primary, panel, mask, costs}: Ruled): BacktestResult[] {
  const runs: BacktestResult[] = []
  for (let from = 0; from < grid.length; from += TOGETHER) {
    const points = grid.slice(from, from + TOGETHER)
    for (const signal of signalsAt({hypothesis, compiled, panel, mask}, points)) {
      const g = runs.length
      const detail = g === primary ? 'full' : 'returns'
      runs.push(runConfiguration({hypothesis, params: grid[g]!, panel, universe: mask, signal, costs, detail}))
    }
  }
  return runs
}

/** The declared rule alone, with dearer trades or later fills. */
export function runPrimary(
  {hypothesis, compiled, grid, primary, panel, mask, costs}: Ruled,
  stress: {readonly costMultiplier?: number; readonly delayBars?: number} = {},
): BacktestResult {
  const params = grid[primary]!
  const signal = signalsAt({hypothesis, compiled, panel, mask}, [params])[0]!
  return runConfiguration({hypothesis, params, panel, universe: mask, signal, costs, detail: 'returns', ...stress})
}

/** @returns  shape [points]: signals on the bars of the rebalance calendar, element k · N + a */
export function signalsAt(
  {hypothesis, compiled, panel, mask}: Pick<Ruled, 'hypothesis' | 'compiled' | 'panel' | 'mask'>,
  points: readonly Params[],
): Float64Array[] {
  const bars = rebalanceBars(panel, hypothesis.portfolio.rebalance)
  const signals = points.map(() => new Float64Array(bars.length * panel.assets.length))
  const filled = new Int32Array(points.length)
  forEachSignalAt(compiled, panel, mask, points, bars, (signal, g) => {
    signals[g]!.set(signal, filled[g])
    filled[g]! += signal.length
  })
  return signals
}
