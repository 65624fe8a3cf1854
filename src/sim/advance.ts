import {HOUR_MS} from '../kernel/instant.ts'
import {sha256} from '../kernel/sha256.ts'
import {MEMORY} from './account.ts'
import {closeOrder} from './cancel-order.ts'
import type {MakerFill} from './coin-book.ts'
import {canCarry} from './margin.ts'
import {execute} from './trade.ts'
import {oraclePx, type VenueState} from './venue-state.ts'
import {MICRO_USD, notional, rateText, szText, usdText} from './wire.ts'

const SECOND_MS = 1000

/**
 * Let the market act up to now: every second against the resting orders, every hour the funding.
 *
 * What happens depends on the seconds passed, not on how often this is called.
 */
export function advance(state: VenueState): number {
  const now = state.clock.now()
  for (;;) {
    const step = state.books.some((book) => !book.isEmpty) ? SECOND_MS : HOUR_MS
    const next = Math.floor(state.settledTo / step) * step + step
    if (next > now) break
    state.settledTo = next
    if (next % HOUR_MS === 0) settleFunding(state, next)
    if (step === SECOND_MS) tradeSecond(state, next)
  }
  // With an empty book the seconds in between cannot matter: the next order starts from here.
  if (state.books.every((book) => book.isEmpty)) state.settledTo = Math.max(state.settledTo, floorSecond(now))
  return now
}

const floorSecond = (ms: number): number => Math.floor(ms / SECOND_MS) * SECOND_MS

function tradeSecond(state: VenueState, time: number): void {
  for (const [asset, book] of state.books.entries()) {
    if (book.isEmpty) continue
    for (const fill of book.second(time)) fillResting(state, asset, fill, time)
  }
}

/** Margin is checked again for the resting side, because prices have moved since it was placed. */
function fillResting(state: VenueState, asset: number, {order, lots}: MakerFill, time: number): void {
  if (order.status !== 'open' || order.lots === 0) return
  const account = state.accounts.get(order.user)!
  const size = Math.min(lots, order.lots)
  if (!canCarry(state, account, asset, order.isBuy ? size : -size, time)) {
    closeOrder(state, order, 'marginCanceled', time)
    return
  }
  execute(state, {asset, px: order.px, lots: size, takerIsBuy: !order.isBuy, taker: null, maker: order, time})
}

/**
 * payment = szi × oracle × rate; longs pay when the rate is positive. The house takes the other side, so cash adds up.
 */
function settleFunding(state: VenueState, hour: number): void {
  for (const account of state.accounts.values()) {
    for (const [asset, position] of account.positions) {
      const {name, szDecimals, tape} = state.listing[asset]!
      const row = tape.funding(hour + SECOND_MS).findLast(({time}) => time >= hour)
      if (!row) continue
      const value = notional(oraclePx(state, asset, hour), position.lots, szDecimals)
      const payment = ((value * BigInt(row.rate)) / 10n ** 10n / MICRO_USD) * MICRO_USD
      account.cash -= payment
      state.house.cash += payment
      position.fundingSinceOpen += payment
      position.fundingSinceChange += payment
      account.fundingPaid.set(asset, (account.fundingPaid.get(asset) ?? 0n) + payment)
      const delta = {
        type: 'funding' as const,
        coin: name,
        usdc: usdText(-payment),
        szi: szText(position.lots, szDecimals),
        fundingRate: rateText(row.rate),
        nSamples: null,
      }
      account.fundings.push({time: row.time, hash: `0x${sha256(`funding|${account.address}|${asset}|${hour}`)}`, delta})
      if (account.fundings.length > MEMORY) account.fundings.shift()
    }
  }
}
