import {beforeAll, describe, expect, it} from 'vitest'
import type {BacktestResult} from '../../src/cognition/backtest/backtest-result.ts'
import {type EngineCosts, engineCosts} from '../../src/cognition/backtest/engine-costs.ts'
import {type FillModel, RESTING_MODELS} from '../../src/cognition/backtest/fill-model.ts'
import {targetWeights} from '../../src/cognition/backtest/target-weights.ts'
import {runWeights} from '../../src/cognition/backtest/weights-engine.ts'
import type {WeightsRun} from '../../src/cognition/backtest/weights-run.ts'
import type {Panel} from '../../src/contracts/panel.ts'
import {runEvents} from '../../src/event-engine/run-events.ts'
import {marketData} from '../golden-files.ts'
import {everyBar, noiseSignal, portfolio, sharedRules, testCosts} from './panels.ts'
import {realPanel} from './real-panel.ts'

/** Size decimals as the venue lists them; three of these contracts end inside the set. */
const COINS = {BTC: 5, ETH: 4, SOL: 2, DOGE: 0, AI: 1, BADGER: 1, RLB: 0}
const DEEPER = 400_000
const CAPITAL = 25_000 * DEEPER
const candles = marketData('hl_perp_1h/hl_perp_1h.parquet')
const payments = marketData('hl_funding_1h/hl_funding_1h.parquet')
const there = candles !== null && payments !== null
let panel: Panel
let run: WeightsRun

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a, (x, i) => Math.abs(x - b[i]!)).reduce((most, gap) => Math.max(most, gap), 0)

beforeAll(async () => {
  if (!there) return
  panel = await realPanel(candles, payments, COINS, {from: Date.UTC(2025, 2, 10), bars: 900})
  const weights = targetWeights({
    hypothesis: {portfolio: portfolio({rebalance: '1d'}), universe: {from: 'selection', min_assets: 1}},
    signal: noiseSignal(panel),
    panel,
    universe: everyBar(panel).map((mask, a) => mask.map((_, t) => (panel.state[a]![t] === 2 ? 1 : 0))),
  })
  // The account is large so that a lot and the venue's micro-dollars are below 1e-9 of it; its market grows with it.
  const real = engineCosts(panel, testCosts())
  const times = (columns: readonly Float64Array[], factor: number) =>
    columns.map((column) => column.map((x) => x * factor))
  const costs: EngineCosts = {
    ...real,
    impact: times(real.impact, 1 / Math.sqrt(DEEPER)),
    queueAhead: times(real.queueAhead, DEEPER),
  }
  const series = (name: 'open' | 'high' | 'low' | 'close' | 'volume') => panel.series.get(name)!
  run = {
    ...{ts: panel.ts, barMs: panel.barMs, open: series('open'), high: series('high'), low: series('low')},
    ...{
      close: series('close'),
      volume: times(series('volume'), DEEPER),
      state: panel.state,
      weights,
      costs,
      capital: CAPITAL,
    },
    sizeDecimals: panel.sizeDecimals,
    noTradeBand: 0.01,
  }
}, 60_000)

const both = (fillModel: FillModel, over: Partial<WeightsRun> = {}): [BacktestResult, BacktestResult] => [
  runWeights({...run, atAccountSize: true, fillModel, ...over}),
  runEvents({...run, fillModel, ...over}, sharedRules),
]

describe.skipIf(!there)('the event engine on recorded hours', () => {
  it.each(['taker', ...RESTING_MODELS] as const)('is the weights engine to 1e-9: %s', (model) => {
    const [fast, event] = both(model)
    expect(event.orders).toBe(fast.orders)
    for (const part of ['net', 'gross', 'fees', 'spread', 'lag', 'impact', 'funding', 'turnover'] as const)
      expect(largest(event[part], fast[part])).toBeLessThan(1e-9)
    expect(Math.abs(event.equity.at(-1)! / fast.equity.at(-1)! - 1)).toBeLessThan(1e-9)
    expect(event.untraded).toEqual(fast.untraded)
    expect(event.labels).toEqual(fast.labels)
    expect(event.settled.map(({asset, bar}) => [asset, bar])).toEqual(fast.settled.map(({asset, bar}) => [asset, bar]))
    expect(fast.settled.map(({asset}) => panel.assets[asset]).sort()).toEqual(['AI', 'BADGER', 'RLB'])
    expect(fast.untraded.participationCap).toBeGreaterThan(300)
  })
})
