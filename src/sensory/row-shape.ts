import type {RowShape} from '../contracts/ingest.ts'

/** One way a file may hold a shape: the fields it must have and those it may have, by our names. */
export interface RowForm {
  readonly numbers: readonly string[]
  readonly texts: readonly string[]
  readonly more: {readonly numbers: readonly string[]; readonly texts: readonly string[]}
}

const form = (numbers: readonly string[], texts: readonly string[] = [], more: Partial<RowForm> = {}): RowForm => ({
  ...{numbers, texts},
  more: {numbers: more.numbers ?? [], texts: more.texts ?? []},
})

/** `received` is the recorder's clock: it becomes the delay in the report, and no column (docs/decisions/0031). */
const recorded = {numbers: ['received', 'n']}

/** Best first: quotes and books come as one row per side (long), quotes also as one row per update (wide). */
export const ROW_FORMS: Readonly<Record<RowShape, readonly RowForm[]>> = {
  ohlcv: [form(['open', 'high', 'low', 'close', 'volume'], [], {numbers: ['trades']})],
  funding: [form(['rate'], [], {numbers: ['premium']})],
  trades: [
    form(['px', 'sz'], ['side'], {numbers: ['received'], texts: ['tid']}),
    form(['px', 'sz'], ['maker'], {numbers: ['received'], texts: ['tid']}),
  ],
  bbo: [
    form(['px', 'sz'], ['side'], recorded),
    form(['bid_px', 'bid_sz', 'ask_px', 'ask_sz'], [], {numbers: ['received', 'bid_n', 'ask_n']}),
  ],
  book: [form(['level', 'px', 'sz'], ['side'], recorded)],
}

/** Names we know, best first. Anything else is asked for with `--map`, never guessed. */
export const KNOWN_NAMES: Readonly<Record<string, readonly string[]>> = {
  ts: ['ts', 'time', 'timestamp', 'unix', 'open_time', 'date', 'transact_time', 'transaction_time', 'calc_time'],
  coin: ['symbol', 'coin', 'pair'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close'],
  volume: ['volume'],
  trades: ['trades', 'number_of_trades', 'count'],
  rate: ['rate', 'funding_rate', 'fundingrate', 'funding rate', 'last_funding_rate'],
  premium: ['premium'],
  px: ['px', 'price'],
  sz: ['sz', 'size', 'qty', 'quantity', 'amount'],
  side: ['side', 'aggressor', 'taker_side'],
  maker: ['is_buyer_maker', 'isbuyermaker'],
  tid: ['tid', 'trade_id', 'tradeid', 'agg_trade_id', 'id'],
  level: ['level'],
  n: ['n', 'orders'],
  received: ['recv_ts', 'received', 'received_at', 'receive_time', 'local_timestamp'],
  bid_px: ['bid_px', 'bid', 'bid_price', 'best_bid', 'best_bid_price'],
  bid_sz: ['bid_sz', 'bid_size', 'bid_qty', 'best_bid_qty', 'best_bid_size'],
  bid_n: ['bid_n'],
  ask_px: ['ask_px', 'ask', 'ask_price', 'best_ask', 'best_ask_price'],
  ask_sz: ['ask_sz', 'ask_size', 'ask_qty', 'best_ask_qty', 'best_ask_size'],
  ask_n: ['ask_n'],
}

/** A headerless row (JSON array of arrays) has positions for names, in this order. */
export const POSITIONS: Readonly<Partial<Record<RowShape, readonly string[]>>> = {
  ohlcv: ['ts', 'open', 'high', 'low', 'close', 'volume'],
  funding: ['ts', 'rate'],
}
