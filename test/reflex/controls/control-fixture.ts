import {cloidOf, type Intent} from '../../../src/contracts/orders.ts'
import type {RiskLimits} from '../../../src/contracts/risk.ts'
import type {ControlInput, MarketView, WorkingOrder} from '../../../src/reflex/controls/control-input.ts'

export const NOON = Date.parse('2026-03-02T12:00:00Z')

export const LIMITS: RiskLimits = {
  artifact: 'risk-limits@1',
  instruments: {allow: 'selected', deny: []},
  order_notional: {max_usd: '5000', max_equity_fraction: 0.25, max_day_volume_fraction: 0.005},
  order_size: {min_notional_usd: '10', max_units: {}},
  price_collar: {cross: 0.01, rest: 0.03},
  reference_price: {max_age_s: 5, max_disagreement: 0.01, reduce_only_after_s: 60},
  position: {max_equity_fraction: 0.5, per_coin: {}},
  leverage: {gross: 2, net: 1.5},
  messages: {per_second: 5, per_minute: 60, address_reserve: 2000},
  duplicate: {window_s: 30},
  open_orders: {max: 20, per_selected_asset: 2},
  daily_loss: {
    reduce_only_sigma: 3.5,
    halt_sigma: 6,
    reduce_only_fallback: 0.03,
    halt_fallback: 0.05,
    halt_usd: '50000',
  },
  on_halt: {
    operator: 'flatten',
    loss: 'flatten',
    liquidation: 'flatten',
    compromise: 'flatten',
    blind: 'cancel_keep_stops',
    limits: 'cancel_keep_stops',
    unknown: 'cancel_keep_stops',
  },
}

export const ETH: MarketView = {
  coin: 'ETH',
  sizeDecimals: 3,
  delisted: false,
  markPx: '2000',
  oraclePx: '2000',
  bidPx: '1999.9',
  askPx: '2000.1',
  dayVolumeUsd: '90000000',
  bookTime: NOON - 100,
  markTime: NOON - 100,
}

export function intentOf(over: Partial<Intent> = {}): Intent {
  const intent = {
    strategy: 'trend',
    parent: 'trend-eth-1',
    bar: Date.parse('2026-03-02T00:00:00Z'),
    seq: 0,
    coin: 'ETH',
    side: 'buy' as const,
    sz: '1',
    px: '1999.9',
    tif: 'Alo' as const,
    reduceOnly: false,
    ...over,
  }
  return {cloid: cloidOf(intent), ...intent}
}

export function workingOf(over: Partial<WorkingOrder> = {}): WorkingOrder {
  return {cloid: null, coin: 'ETH', side: 'buy', px: '1990', sz: '1', tif: 'Alo', reduceOnly: false, at: NOON, ...over}
}

/** An input that passes every control: 100,000 USD, flat, ETH at 2,000. */
export function inputOf(over: Partial<ControlInput> = {}): ControlInput {
  return {
    intent: intentOf(),
    limits: LIMITS,
    limitsTrouble: null,
    latched: false,
    reduceOnly: null,
    venueTime: NOON,
    venueStalledMs: 0,
    market: ETH,
    account: {
      equity: '100000',
      dayStartEquity: '100000',
      dayLowEquity: null,
      positions: new Map(),
      working: [],
      marks: new Map([['ETH', '2000']]),
    },
    selected: ['BTC', 'ETH'],
    messages: {lastSecond: 0, lastMinute: 0, addressLeft: 10_000},
    cloidSeen: false,
    dailySigma: null,
    ...over,
  }
}

export const accountOf = (
  over: Partial<NonNullable<ControlInput['account']>>,
): NonNullable<ControlInput['account']> => ({
  ...(inputOf().account as NonNullable<ControlInput['account']>),
  ...over,
})
