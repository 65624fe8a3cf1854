import {sha256} from '../kernel/sha256.ts'
import {type Account, bookTrade, feeOn, MEMORY} from './account.ts'
import {closeOrder} from './cancel-order.ts'
import {HOUSE_ADDRESS} from './market/market-source.ts'
import type {Order} from './order.ts'
import type {VenueState} from './venue-state.ts'
import {notional, pxText, szText, usdText} from './wire.ts'

interface Execution {
  readonly asset: number
  readonly px: number
  readonly lots: number
  readonly takerIsBuy: boolean
  /** null: the market */
  readonly taker: Order | null
  readonly maker: Order | null
  readonly time: number
}

/** One trade: both sides booked at one price, a fill for each account, a public print, orders and reduce-only orders brought in line. */
export function execute(state: VenueState, {asset, px, lots, takerIsBuy, taker, maker, time}: Execution): void {
  const {market} = state.listing[asset]!
  const hash = `0x${sha256(`qo-sim|trade|${market.seed}|${state.txCount++}`)}`
  const tid = Number(BigInt(hash.slice(0, 14)))
  const side = (order: Order | null, isBuy: boolean): void => {
    const account = order === null ? state.house : state.accounts.get(order.user)!
    const crossed = order !== null && order === taker
    bookSide(state, {account, order, asset, px, lots, isBuy, crossed, time, hash, tid})
  }
  const address = (order: Order | null): string => order?.user ?? HOUSE_ADDRESS
  const [buyer, seller] = takerIsBuy ? [taker, maker] : [maker, taker]
  market.record({time, px, lots, takerIsBuy, tid, hash, users: [address(buyer), address(seller)]})
  side(maker, !takerIsBuy)
  side(taker, takerIsBuy)
  for (const order of [maker, taker]) {
    if (order) pruneReduceOnly(state, order.user, asset, time)
  }
}

interface Side {
  readonly account: Account
  readonly order: Order | null
  readonly asset: number
  readonly px: number
  readonly lots: number
  readonly isBuy: boolean
  readonly crossed: boolean
  readonly time: number
  readonly hash: string
  readonly tid: number
}

function bookSide(state: VenueState, side: Side): void {
  const {account, order, asset, px, lots, isBuy, crossed, time, hash, tid} = side
  const {name, szDecimals} = state.listing[asset]!
  const value = notional(px, lots, szDecimals)
  const fee = order === null ? 0n : feeOn(value, crossed ? state.terms.fees.taker : state.terms.fees.maker)
  const effect = bookTrade(account, {asset, szDecimals, isBuy, px, lots, fee})
  if (order === null) return
  order.lots -= lots
  order.statusTimestamp = time
  if (order.lots === 0) closeOrder(state, order, 'filled', time)
  const identity = {hash, oid: order.oid, crossed, fee: usdText(fee), tid, feeToken: 'USDC' as const}
  account.fills.push({
    coin: name,
    px: pxText(px),
    sz: szText(lots, szDecimals),
    side: isBuy ? 'B' : 'A',
    time,
    startPosition: effect.startPosition,
    dir: effect.dir,
    closedPnl: effect.closedPnl,
    ...identity,
    ...(order.cloid === null ? {} : {cloid: order.cloid}),
    twapId: null,
  })
  if (account.fills.length > MEMORY) account.fills.shift()
}

/**
 * Reduce-only orders of an account may together not exceed its position: the older ones are cancelled first.
 *
 * @see spec hyperliquid.md §4, reduce-only
 */
export function pruneReduceOnly(state: VenueState, user: string, asset: number, time: number): void {
  const lots = state.accounts.get(user)?.positions.get(asset)?.lots ?? 0
  const book = state.books[asset]!
  const reducing = [...book.bids, ...book.asks]
    .filter((order) => order.user === user && order.reduceOnly)
    .sort((a, b) => b.oid - a.oid)
  let room = Math.abs(lots)
  for (const order of reducing) {
    const closes = order.isBuy ? lots < 0 : lots > 0
    if (closes && order.lots <= room) room -= order.lots
    else closeOrder(state, order, 'reduceOnlyCanceled', time)
  }
}
