import type {RowShape} from '../contracts/ingest.ts'
import {IntervalName} from '../contracts/units.ts'
import {DAY_MS, type Interval} from '../kernel/instant.ts'
import type {NamedColumns} from './name-columns.ts'

export const ARCHIVE_DATA = ['klines', 'trades', 'aggTrades', 'fundingRate', 'bookTicker'] as const
export type ArchiveData = (typeof ARCHIVE_DATA)[number]

/** What the name of a file of the public Binance archive says: `BTCUSDT-1h-2024-01.zip`. */
export interface ArchiveName {
  readonly symbol: string
  readonly data: ArchiveData
  /** of klines */
  readonly interval: Interval | null
  /** epoch ms; the file holds what happened in [from, to) */
  readonly from: number
  readonly to: number
  /** COIN-M futures count contracts, not coins */
  readonly coinMargined: boolean
}

const NAME = /^([A-Z0-9]+(?:_[A-Z0-9]+)?)-([A-Za-z0-9]+)-(\d{4})-(\d{2})(?:-(\d{2}))?\.(?:zip|csv)(?:\.gz)?$/

/** Null when the name is none of the archive's. */
export function archiveName(name: string): ArchiveName | null {
  const match = NAME.exec(name)
  if (match === null) return null
  const [, symbol, what, year, month, day] = match
  const interval = IntervalName.safeParse(what).data ?? null
  const data = interval ? 'klines' : ARCHIVE_DATA.find((one) => one === what)
  if (data === undefined) return null
  const [y, m] = [Number(year), Number(month) - 1]
  const from = Date.UTC(y, m, day === undefined ? 1 : Number(day))
  const to = day === undefined ? Date.UTC(y, m + 1, 1) : from + DAY_MS
  return {symbol: symbol!, data, interval, from, to, coinMargined: /USD_(PERP|\d{6})$/.test(symbol!)}
}

/** Columns of the archive's CSV, which has a header in some files and in others none: the order is the same. */
export const ARCHIVE_COLUMNS: Readonly<Record<ArchiveData, readonly string[]>> = {
  klines: [
    ...['open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time', 'quote_volume', 'count'],
    ...['taker_buy_volume', 'taker_buy_quote_volume', 'ignore'],
  ],
  trades: ['id', 'price', 'qty', 'quote_qty', 'time', 'is_buyer_maker', 'is_best_match'],
  aggTrades: [
    ...['agg_trade_id', 'price', 'quantity', 'first_trade_id', 'last_trade_id', 'transact_time', 'is_buyer_maker'],
    'is_best_match',
  ],
  fundingRate: ['calc_time', 'funding_interval_hours', 'last_funding_rate'],
  bookTicker: [
    ...['update_id', 'best_bid_price', 'best_bid_qty', 'best_ask_price', 'best_ask_qty', 'transaction_time'],
    'event_time',
  ],
}

/**
 * How a file of the archive is read. COIN-M quantities are contracts: where the file has a column in coins that is taken.
 *
 * @returns null where sizes are contracts and nothing says how many coins they are
 */
export function archiveReading({data, coinMargined}: ArchiveName): {shape: RowShape; columns: NamedColumns} | null {
  const named = (
    ts: string,
    numbers: Readonly<Record<string, string>>,
    texts: Readonly<Record<string, string>> = {},
  ): NamedColumns => ({ts, coin: null, numbers, texts})
  const prices = {open: 'open', high: 'high', low: 'low', close: 'close'}
  if (data === 'klines') {
    const volume = coinMargined ? 'quote_volume' : 'volume'
    return {shape: 'ohlcv', columns: named('open_time', {...prices, volume, trades: 'count'})}
  }
  if (data === 'trades') {
    const sz = coinMargined ? 'quote_qty' : 'qty'
    return {shape: 'trades', columns: named('time', {px: 'price', sz}, {tid: 'id', maker: 'is_buyer_maker'})}
  }
  if (data === 'fundingRate') return {shape: 'funding', columns: named('calc_time', {rate: 'last_funding_rate'})}
  if (coinMargined) return null
  if (data === 'aggTrades') {
    const texts = {tid: 'agg_trade_id', maker: 'is_buyer_maker'}
    return {shape: 'trades', columns: named('transact_time', {px: 'price', sz: 'quantity'}, texts)}
  }
  const quotes = {
    ...{bid_px: 'best_bid_price', bid_sz: 'best_bid_qty'},
    ...{ask_px: 'best_ask_price', ask_sz: 'best_ask_qty'},
  }
  return {shape: 'bbo', columns: named('transaction_time', quotes)}
}
