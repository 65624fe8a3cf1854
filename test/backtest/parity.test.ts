import {readFileSync} from 'node:fs'
import {asyncBufferFromFile, parquetReadObjects} from 'hyparquet'
import {compressors} from 'hyparquet-compressors'
import {beforeAll, describe, expect, it} from 'vitest'
import type {BacktestResult} from '../../src/cognition/backtest/backtest-result.ts'
import {flatCosts} from '../../src/cognition/backtest/engine-costs.ts'
import {runWeights} from '../../src/cognition/backtest/weights-engine.ts'
import {golden, marketData} from '../golden-files.ts'

interface Cases {
  readonly fees: number
  readonly slippage: number
  readonly init_cash: number
  readonly cases: readonly {
    readonly name: string
    readonly final_value: number
    readonly total_return: number
    readonly orders: number
    readonly mean: number
    readonly sd: number
    readonly sharpe_per_bar: number
    readonly max_drawdown: number
    readonly value_every_20: readonly number[]
  }[]
}

const cases = golden('backtest/cases.json')
const candles = marketData('binance_perp_1d/binance_perp_1d.parquet')
const there = cases !== null && candles !== null
const spec: Cases = there ? JSON.parse(readFileSync(cases, 'utf8')) : {fees: 0, slippage: 0, init_cash: 0, cases: []}
const opens = new Map<string, Map<number, number>>()

beforeAll(async () => {
  if (!there) return
  const file = await asyncBufferFromFile(candles)
  for (const row of await parquetReadObjects({file, compressors, columns: ['ts', 'symbol', 'open']})) {
    const symbol = String(row['symbol'])
    if (!opens.has(symbol)) opens.set(symbol, new Map())
    opens.get(symbol)!.set(Number(row['ts']), Number(row['open']))
  }
})

/** Rows of a `<case>.weights.csv`: an empty cell is no order. */
function weightsOf(name: string): {ts: Float64Array; assets: string[]; weights: Float64Array[]} {
  const [head, ...lines] = readFileSync(golden(`backtest/${name}.weights.csv`)!, 'utf8')
    .trim()
    .split('\n')
  const assets = head!.split(',').slice(1)
  const cells = lines.map((line) => line.split(','))
  const weights = assets.map((_, a) =>
    Float64Array.from(cells, (row) => (row[a + 1] === '' ? Number.NaN : Number(row[a + 1]))),
  )
  return {ts: Float64Array.from(cells, (row) => Number(row[0])), assets, weights}
}

/** The one-asset references send an order only when the target moves; before the first bar nothing is held. */
const onChange = (target: Float64Array): Float64Array =>
  target.map((weight, t) => (weight === (t === 0 ? 0 : target[t - 1]!) ? Number.NaN : weight))

function run(name: string): BacktestResult {
  const {ts, assets, weights} = weightsOf(name)
  const open = assets.map((asset) => Float64Array.from(ts, (at) => opens.get(asset)!.get(at)!))
  const free = name.endsWith('_free')
  return runWeights({
    ts,
    barMs: 86_400_000,
    open,
    // The references mark at the open, so a bar closes where it opens.
    close: open,
    weights: assets.length === 1 ? weights.map(onChange) : weights,
    costs: flatCosts({assets, ts}, free ? 0 : spec.fees, free ? 0 : spec.slippage),
    capital: spec.init_cash,
    fillOn: 'same_open',
    cashOnly: name === 'one_asset_long_flat' || free,
  })
}

const near = (actual: number, expected: number): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected))

describe.runIf(there)('the weights engine against vectorbt 1.1.0 on real daily candles', () => {
  it.each(spec.cases.map((reference) => [reference.name, reference] as const))(
    'agrees to 1e-9 on %s',
    (name, reference) => {
      const {equity, net, orders} = run(name)
      const T = equity.length
      expect(orders).toBe(reference.orders)
      near(equity.at(-1)!, reference.final_value)
      near(equity.at(-1)! / spec.init_cash - 1, reference.total_return)
      reference.value_every_20.forEach((value, i) => {
        near(equity[20 * i]!, value)
      })
      let [peak, drawdown] = [0, 0]
      for (const value of equity) {
        peak = Math.max(peak, value)
        drawdown = Math.min(drawdown, value / peak - 1)
      }
      near(drawdown, reference.max_drawdown)
      // The reference's returns start at the second value.
      const mean = net.slice(1).reduce((sum, r) => sum + r, 0) / (T - 1)
      const sd = Math.sqrt(net.slice(1).reduce((sum, r) => sum + (r - mean) ** 2, 0) / (T - 2))
      near(mean, reference.mean)
      near(sd, reference.sd)
      near(mean / sd, reference.sharpe_per_bar)
    },
  )
})
