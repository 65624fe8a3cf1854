import type {Costs} from '../../contracts/costs.ts'
import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import type {InputName, Panel} from '../../contracts/panel.ts'
import {Fault} from '../../kernel/fault.ts'
import type {BacktestResult} from './backtest-result.ts'
import {engineCosts, noCosts} from './engine-costs.ts'
import {rebalanceBars} from './rebalance-bars.ts'
import {targetWeights} from './target-weights.ts'
import {runWeights} from './weights-engine.ts'
import type {WeightsRun} from './weights-run.ts'

export interface ConfigurationRun {
  readonly hypothesis: Pick<Hypothesis, 'portfolio' | 'universe' | 'capital_usd'>
  readonly params: Params
  readonly panel: Panel
  /** shape [N][T]; 1: may be held after a decision at this close */
  readonly universe: readonly Uint8Array[]
  /** shape [N][T], or on the bars of the rebalance calendar alone: element k · N + a; of this grid point, NaN: no opinion */
  readonly signal: readonly Float64Array[] | Float64Array
  /** `none` fills at the bare next open, without fees, funding or size limits: for parity, never for a verdict */
  readonly costs: Costs | 'none'
  readonly costMultiplier?: number
  readonly delayBars?: number
  /** `returns` keeps no per-asset series and no fills: for sweeps */
  readonly detail?: 'full' | 'returns'
}

export type ConfigurationResult = BacktestResult & {readonly params: Params}

/**
 * One grid point of a hypothesis on one panel: signal → target weights → account.
 *
 * Market frictions of a panel are resolved once and shared by all grid points.
 *
 * @throws Fault `costs.venue_missing`, `portfolio.rebalance_off_grid` (contract), `backtest.input_missing` (data)
 */
export function runConfiguration(run: ConfigurationRun): ConfigurationResult {
  return {...runWeights(weightsRunOf(run)), params: run.params}
}

/** The same grid point as input of an engine: what `runConfiguration` runs, for whoever runs it otherwise. */
export function weightsRunOf(run: ConfigurationRun): WeightsRun {
  const {hypothesis, panel, universe, signal, costs, costMultiplier = 1, delayBars = 0, detail = 'full'} = run
  const column = (name: InputName): readonly Float64Array[] => {
    const found = panel.series.get(name)
    if (found) return found
    throw new Fault('backtest.input_missing', {
      family: 'data',
      what: `The panel of ${panel.venue} has no '${name}'.`,
      why: 'A backtest fills at opens, marks at closes and trades a share of the volume.',
      next: [`load the panel with inputs open, high, low, close and volume`],
    })
  }
  const full = costs !== 'none'
  return {
    ts: panel.ts,
    barMs: panel.barMs,
    open: column('open'),
    close: column('close'),
    ...(full ? {volume: column('volume'), sizeDecimals: panel.sizeDecimals} : {}),
    ...(full && panel.series.has('high') && panel.series.has('low') ? {high: column('high'), low: column('low')} : {}),
    state: panel.state,
    weights: targetWeights({hypothesis, signal, panel, universe}),
    decided: rebalanceBars(panel, hypothesis.portfolio.rebalance),
    costs: full ? engineCosts(panel, costs) : noCosts(panel),
    capital: hypothesis.capital_usd,
    costMultiplier,
    delayBars,
    noTradeBand: hypothesis.portfolio.no_trade_band,
    detail,
  }
}
