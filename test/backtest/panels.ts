import type {Costs as CostsType} from '../../src/contracts/costs.ts'
import type {ExecutionConfig} from '../../src/contracts/execution.ts'
import type {Hypothesis} from '../../src/contracts/hypothesis.ts'
import {BAR, type InputName, type Panel} from '../../src/contracts/panel.ts'
import {DAY_MS, INTERVAL_MS, type Interval} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'

export interface Shape {
  readonly assets: number
  readonly bars: number
  readonly interval?: Interval
  readonly venue?: string
  readonly seed?: string
  /** median quote notional of a day */
  readonly dailyNotional?: number
  readonly funding?: boolean
}

/** A market without edge: independent geometric walks on a full grid, volume and hourly funding. */
export function walkPanel({
  assets,
  bars,
  interval = '1d',
  venue = 'hyperliquid',
  seed = 'walk',
  dailyNotional = 1e9,
  funding = true,
}: Shape): Panel {
  const barMs = INTERVAL_MS[interval]
  const random = new Random(seed)
  const step = 0.03 * Math.sqrt(barMs / DAY_MS)
  const names = Array.from({length: assets}, (_, a) => `COIN${a}`)
  const series = new Map<InputName, Float64Array[]>()
  const inputs = ['open', 'high', 'low', 'close', 'volume', ...(funding ? (['funding'] as const) : [])] as const
  for (const name of inputs)
    series.set(
      name,
      names.map(() => new Float64Array(bars)),
    )
  const put = (name: InputName, a: number, t: number, value: number): void => {
    series.get(name)![a]![t] = value
  }
  for (let a = 0; a < assets; a++) {
    let last = 100
    for (let t = 0; t < bars; t++) {
      const open = last * Math.exp(0.1 * step * random.normal())
      const close = open * Math.exp(step * random.normal())
      put('open', a, t, open)
      put('high', a, t, Math.max(open, close) * 1.001)
      put('low', a, t, Math.min(open, close) * 0.999)
      put('close', a, t, close)
      put('volume', a, t, ((dailyNotional * barMs) / DAY_MS / close) * (0.5 + random.unit()))
      if (funding) put('funding', a, t, 1e-5 * random.normal())
      last = close
    }
  }
  return {
    venue,
    interval,
    barMs,
    ts: Float64Array.from({length: bars}, (_, t) => Date.UTC(2024, 0, 1) + t * barMs),
    assets: names,
    series,
    state: names.map(() => new Uint8Array(bars).fill(BAR.live)),
    availableAt: names.map(() => Float64Array.from({length: bars}, (_, t) => Date.UTC(2024, 0, 1) + (t + 1) * barMs)),
    sizeDecimals: names.map(() => null),
    universe: 'derived',
    completeFrom: null,
    survivorSource: false,
    aggregatedFrom: null,
    dataSha: '0'.repeat(64),
  }
}

/** The first `bars` bars of a panel, as a reader of that day would have had it. */
export function prefix(panel: Panel, bars: number): Panel {
  const cut = <C extends Float64Array | Uint8Array>(columns: readonly C[]): C[] =>
    columns.map((column) => column.slice(0, bars) as C)
  return {
    ...panel,
    ts: panel.ts.slice(0, bars),
    series: new Map([...panel.series].map(([name, columns]) => [name, cut(columns)])),
    state: cut(panel.state),
    availableAt: cut(panel.availableAt),
  }
}

/** Every asset may be held on every bar. */
export const everyBar = ({assets, ts}: Panel): Uint8Array[] => assets.map(() => new Uint8Array(ts.length).fill(1))

/** A signal without meaning: the same draws for the same seed. */
export function noiseSignal({assets, ts}: Panel, seed = 'signal'): Float64Array[] {
  const random = new Random(seed)
  return assets.map(() => Float64Array.from(ts, () => random.normal()))
}

export const portfolio = (over: Partial<Hypothesis['portfolio']> = {}): Hypothesis['portfolio'] => ({
  construct: 'proportional',
  neutral: 'dollar',
  gross: 1,
  max_weight: 1,
  rebalance: '1d',
  no_trade_band: 0,
  ...over,
})

export const idea = (
  over: Partial<Hypothesis['portfolio']> = {},
  capital_usd = 25_000,
): Pick<Hypothesis, 'portfolio' | 'universe' | 'capital_usd'> => ({
  portfolio: portfolio(over),
  universe: {from: 'selection', min_assets: 1},
  capital_usd,
})

const sourced = <V>(value: V): {value: V; source: string; as_of: string} => ({
  value,
  source: 'assumption of a test',
  as_of: '2026-01-01',
})

/** A cost file with round numbers; `over` replaces whole sections. */
export const testCosts = (over: Partial<CostsType> = {}): CostsType => ({
  artifact: 'costs@1',
  decision_lag_seconds: sourced(90),
  spread: {
    rows: [
      {min_daily_notional_usd: 50_000_000, half_spread_bps: 1},
      {min_daily_notional_usd: 0, half_spread_bps: 20},
    ],
    source: 'assumption of a test',
    as_of: '2026-01-01',
  },
  impact: {y: sourced(0.7), stress_y: sourced(1.4)},
  trailing_days: sourced(30),
  participation_cap: sourced(0.01),
  funding_missing_bps_per_8h: sourced(1),
  settlement_worst_case: sourced(0.3),
  venues: {
    hyperliquid: {
      fees: {
        tiers: [{min_volume_usd_14d: 0, taker_bps: 5, maker_bps: 1}],
        source: 'assumption of a test',
        as_of: '2026-01-01',
      },
      min_notional_usd: sourced(10),
      funding_interval: {
        spans: [{from: '2023-01-01T00:00:00.000Z', hours: 1}],
        source: 'assumption of a test',
        as_of: '2026-01-01',
      },
      settlement: {rule: 'last_close', source: 'assumption of a test', as_of: '2026-01-01'},
      maintenance_margin: sourced(0.05),
    },
  },
  ...over,
})

/** One child an order, and a collar that no modelled spread reaches: the case both engines share. */
export const sharedRules: ExecutionConfig = {
  ...{artifact: 'execution@1', deadline_s: 600, cross_window: 0.2, poll_s: 1},
  repeg: {min_ticks: 2, dwell_s: 3, budget: 0},
  ...{collar: 0.5, child_usd: '1000000000000000', child_jitter: 0, open_children: 200},
  ...{participation_cap: 1, min_notional_usd: '10', signal_age_bars: 0},
  price: {max_age_s: 1, max_from_mark: 1, wide_bps: 10_000},
}
