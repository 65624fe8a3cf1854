import type {BacktestResult} from '../cognition/backtest/backtest-result.ts'
import {deleveraged} from '../cognition/backtest/deleveraging.ts'
import {RESTING_MODELS} from '../cognition/backtest/fill-model.ts'
import type {ConfigurationRun} from '../cognition/backtest/run-configuration.ts'
import {weightsRunOf} from '../cognition/backtest/run-configuration.ts'
import {shortFigures} from '../cognition/backtest/short-figures.ts'
import {stressRuns} from '../cognition/backtest/stress-runs.ts'
import {firstHeldBar} from '../cognition/backtest/tear-sheet.ts'
import type {FillRun} from '../cognition/backtest/tear-sheet-charts.ts'
import {runWeights} from '../cognition/backtest/weights-engine.ts'
import type {WeightsRun} from '../cognition/backtest/weights-run.ts'
import {mean} from '../cognition/statistics/series.ts'
import type {Backtest} from '../contracts/backtest.ts'
import type {Costs} from '../contracts/costs.ts'
import {ExecutionConfig} from '../contracts/execution.ts'
import type {Desk} from '../desk.ts'
import {runEvents} from '../event-engine/run-events.ts'
import {YEAR_MS} from '../kernel/instant.ts'
import {openVectorbt} from './backtest-vectorbt.ts'

/** One engine: the same input, the same kind of result. */
export type Engine = (run: WeightsRun) => BacktestResult | Promise<BacktestResult>

/** Above any order: within one bar of the event engine a parent is one child, or it would rest only a slice. */
const ONE_CHILD = '1000000000000000'

/**
 * @param assets  names, asked for when a run begins
 * @throws Fault  `artifact.*` (contract): the event engine routes by configs/execution.yaml; `backtest.vectorbt_missing`
 */
export async function openEngine(
  desk: Desk,
  name: Backtest['engine'],
  assets: () => readonly string[],
): Promise<Engine> {
  if (name === 'weights') return runWeights
  if (name === 'vectorbt') return openVectorbt(desk, assets)
  const rules = await desk.files.read(ExecutionConfig)
  const whole = {...rules, child_usd: ONE_CHILD, child_jitter: 0, repeg: {...rules.repeg, budget: 0}}
  return (run) => runEvents(run, whole)
}

/** The same targets under each belief about resting orders, `taker` first; what is judged is `taker`. */
export async function underEachFill(
  engine: Engine,
  run: ConfigurationRun,
  taker: BacktestResult,
): Promise<{rows: Backtest['fills']; runs: FillRun[]}> {
  const inputs = weightsRunOf({...run, detail: 'returns'})
  if (!inputs.high || !inputs.low) return {rows: [], runs: []}
  const from = firstHeldBar(taker)
  const results: {model: Backtest['fills'][number]['model']; result: BacktestResult}[] = [
    {model: 'taker', result: taker},
  ]
  for (const model of RESTING_MODELS) results.push({model, result: await engine({...inputs, fillModel: model})})
  const yearly = (result: BacktestResult): number => {
    const {fees, spread, lag, impact} = result
    const paid = (series: Float64Array): number => mean(series.subarray(from))
    return (paid(fees) + paid(spread) + paid(lag) + paid(impact)) * (YEAR_MS / result.barMs)
  }
  return {
    rows: results.map(({model, result}) => ({
      model,
      ...shortFigures(result.net.subarray(from), result.barMs),
      trading_costs: yearly(result),
      fills: result.orders,
    })),
    runs: results.map(({model, result}) => ({model, net: result.net})),
  }
}

/** The run with each thing that can go worse; none without costs, where nothing is evidence. */
export async function underStress(
  engine: Engine,
  run: ConfigurationRun,
  own: BacktestResult,
  costs: Costs | 'none',
): Promise<Backtest['stresses']> {
  if (costs === 'none') return []
  const from = firstHeldBar(own)
  const figures = (net: Float64Array) => shortFigures(net.subarray(from), own.barMs)
  const rows: Backtest['stresses'] = []
  for (const {name, note, change} of stressRuns(costs, run.panel.venue)) {
    const {net} = await engine(weightsRunOf({...run, ...change, detail: 'returns'}))
    rows.push({name, ...figures(net), note})
  }
  const {net, days} = deleveraged(run.panel, own, from)
  const note = `winners closed, losers naked: ${days.join(', ') || 'no such day'}`
  return [...rows, {name: 'auto-deleveraging', ...figures(net), note}]
}
