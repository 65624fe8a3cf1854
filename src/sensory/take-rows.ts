import type {Bars, Payments} from './bars.ts'
import type {RawRows} from './check-rows.ts'
import type {OrderedRows} from './order-rows.ts'
import {settlesAt} from './settles.ts'

/** Accepted rows of a file as bars. A bar fetched as history could be used from its close on. */
export function takeBars(raw: RawRows, ordered: OrderedRows, barMs: number): Bars {
  const pick = picker(ordered)
  const ts = pick(raw.ts)
  const count = ordered.order.length
  return {
    count,
    coin: pickNames(raw.coin, ordered),
    ts,
    open: pick(raw.numbers['open']!),
    high: pick(raw.numbers['high']!),
    low: pick(raw.numbers['low']!),
    close: pick(raw.numbers['close']!),
    volume: pick(raw.numbers['volume']!),
    trades: raw.numbers['trades'] ? pick(raw.numbers['trades']) : new Float64Array(count).fill(Number.NaN),
    availableAt: shifted(ts, barMs),
  }
}

/** Accepted rows of a file as funding payments, with the premium where there is one. */
export function takePayments(raw: RawRows, ordered: OrderedRows): Payments & {readonly premium: Float64Array} {
  const pick = picker(ordered)
  const ts = pick(raw.ts)
  const count = ordered.order.length
  return {
    count,
    coin: pickNames(raw.coin, ordered),
    ts,
    settles: ts.map(settlesAt),
    rate: pick(raw.numbers['rate']!),
    premium: raw.numbers['premium'] ? pick(raw.numbers['premium']) : new Float64Array(count).fill(Number.NaN),
    availableAt: ts,
  }
}

/** Columns of an untouched file are used as they are: a copy of every column would cost as much as reading it. */
const picker =
  ({order, untouched}: OrderedRows) =>
  (values: Float64Array): Float64Array =>
    untouched ? values : gather(values, order)

const pickNames = (names: readonly string[], {order, untouched}: OrderedRows): readonly string[] =>
  untouched ? names : Array.from(order, (row) => names[row]!)

function shifted(ts: Float64Array, byMs: number): Float64Array {
  const moved = new Float64Array(ts.length)
  for (let i = 0; i < ts.length; i++) moved[i] = ts[i]! + byMs
  return moved
}

function gather(values: Float64Array, order: Uint32Array): Float64Array {
  const taken = new Float64Array(order.length)
  for (let i = 0; i < order.length; i++) taken[i] = values[order[i]!]!
  return taken
}
