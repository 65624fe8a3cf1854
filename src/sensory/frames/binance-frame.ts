type Json = Readonly<Record<string, unknown>>

/** A frame of a Binance socket under the names this reader knows; `silent` carries no rows of the lake. */
export type BinanceFrame =
  | {readonly table: 'trades' | 'bbo'; readonly row: Json}
  | {readonly table: null; readonly silent: 'depth' | 'snapshot' | 'answer'}

/**
 * Binance frames, combined (`{"stream","data"}`) or plain, of spot and futures.
 *
 * `bookTicker` is a best quote, `trade` a print: `m` says that the buyer was the maker, so the taker sold. Sizes are as
 * sent: coins on spot and USD-M, contracts on COIN-M. Changes of depth and the snapshot they start from are kept as raw
 * frames only.
 *
 * @returns null when it is no frame of theirs
 */
export function binanceFrame(parsed: Json, receivedAt: number): BinanceFrame | null {
  const {data} = parsed
  const event = typeof parsed['stream'] === 'string' && typeof data === 'object' && data !== null ? data : parsed
  const {e, s: coin, T, E} = event as Json
  const time = T ?? E ?? Math.floor(receivedAt)
  const {b, B, a, A, u} = event as Json
  if (e === 'bookTicker' || (e === undefined && isText(b) && isText(a) && isText(coin) && u !== undefined)) {
    return {table: 'bbo', row: {coin, time, bbo: [levelOf(b, B), levelOf(a, A)]}}
  }
  if (e === 'trade') {
    const {t, p, q, m} = event as Json
    return {table: 'trades', row: {coin, time, tid: t, px: p, sz: q, side: m === true ? 'A' : m === false ? 'B' : null}}
  }
  if (e === 'depthUpdate') return {table: null, silent: 'depth'}
  if ('lastUpdateId' in event) return {table: null, silent: 'snapshot'}
  if ('result' in event && 'id' in event) return {table: null, silent: 'answer'}
  return null
}

const isText = (value: unknown): boolean => typeof value === 'string'

/** A side without orders has size zero and no price that means anything. */
const levelOf = (px: unknown, sz: unknown): Json | null => (Number(sz) === 0 ? null : {px, sz})
