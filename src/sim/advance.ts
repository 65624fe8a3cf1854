import {HOUR_MS} from '../kernel/instant.ts'
import {sha256} from '../kernel/sha256.ts'
import {MEMORY} from './account.ts'
import {closeOrder} from './cancel-order.ts'
import {canCarry} from './margin.ts'
import type {MakerFill} from './market/market-source.ts'
import {execute} from './trade.ts'
import {oraclePx, type VenueState} from './venue-state.ts'
import {MICRO_USD, notional, rateText, szText, usdText} from './wire.ts'

const SECOND_MS = 1000

/**
 * Let the market act up to now: against the resting orders whenever it says so, every hour the funding.
 *
 * What happens depends on the time passed, not on how often this is called.
 */
export function advance(state: VenueState): number {
  return advanceTo(state, state.clock.now())
}

/** The same up to an instant that the clock has passed: whoever reports what happened in between needs each in turn. */
export function advanceTo(state: VenueState, now: number): number {
  for (;;) {
    const next = nextEvent(state)
    if (next > now) break
    state.settledTo = next
    if (next % HOUR_MS === 0) settleFunding(state, next)
    for (const [asset, book] of state.books.entries()) {
      if (book.isEmpty) continue
      for (const fill of book.settle(next)) fillResting(state, asset, fill, next)
    }
  }
  // Nothing happens up to now: the next order starts from here.
  state.settledTo = Math.max(state.settledTo, now)
  return now
}

/** The next hour, or earlier what a market does to somebody's resting order. */
function nextEvent({books, settledTo}: VenueState): number {
  let next = Math.floor(settledTo / HOUR_MS) * HOUR_MS + HOUR_MS
  for (const {isEmpty, market} of books) {
    if (!isEmpty) next = Math.min(next, market.next(settledTo))
  }
  return next
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
      const {name, szDecimals, market} = state.listing[asset]!
      const row = market.funding(hour + SECOND_MS).findLast(({time}) => time >= hour)
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
