import type {Costs} from '../../contracts/costs.ts'
import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import type {Panel} from '../../contracts/panel.ts'
import type {BacktestResult} from '../backtest/backtest-result.ts'
import {runConfiguration} from '../backtest/run-configuration.ts'
import type {CompiledHypothesis} from '../features/compile-hypothesis.ts'
import {evaluateSignals, forEachSignal} from '../features/evaluate.ts'

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

/** Every grid point once, the declared one in full detail. One signal is in memory at a time. */
export function runGrid({hypothesis, compiled, grid, primary, panel, mask, costs}: Ruled): BacktestResult[] {
  const runs: BacktestResult[] = []
  forEachSignal(compiled, panel, mask, grid, (signal, g) => {
    const detail = g === primary ? 'full' : 'returns'
    runs.push(runConfiguration({hypothesis, params: grid[g]!, panel, universe: mask, signal, costs, detail}))
  })
  return runs
}

/** The declared rule alone, with dearer trades or later fills. */
export function runPrimary(
  {hypothesis, compiled, grid, primary, panel, mask, costs}: Ruled,
  stress: {readonly costMultiplier?: number; readonly delayBars?: number} = {},
): BacktestResult {
  const params = grid[primary]!
  const signal = evaluateSignals(compiled, panel, mask, [params])[0]!
  return runConfiguration({hypothesis, params, panel, universe: mask, signal, costs, detail: 'returns', ...stress})
}
