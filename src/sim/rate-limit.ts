import {LIGHT_REQUESTS, ROWS_PER_WEIGHT_UNIT} from '../contracts/venue.ts'
import type {Account} from './account.ts'
import {CASH_SCALE, usdText} from './wire.ts'

const MINUTE_MS = 60_000

/** Weight of a finished info request. @see spec hyperliquid.md §4, rate limits */
export function infoWeight(type: string, rows: number): number {
  const base = LIGHT_REQUESTS.has(type) ? 2 : type === 'userRole' ? 60 : 20
  const perUnit = ROWS_PER_WEIGHT_UNIT[type]
  return base + (perUnit === undefined ? 0 : Math.floor(rows / perUnit))
}

export const exchangeWeight = (batch: number): number => 1 + Math.floor(batch / 40)

/** Weight spent by the clients of this address in the last minute. All of loopback is one address. */
export class WeightWindow {
  readonly #limit: number
  #spent: {readonly at: number; readonly weight: number}[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Spent in the minute before `now`. */
  used(now: number): number {
    this.#spent = this.#spent.filter(({at}) => at > now - MINUTE_MS)
    return this.#spent.reduce((sum, {weight}) => sum + weight, 0)
  }

  isExhausted(now: number): boolean {
    return this.used(now) >= this.#limit
  }

  spend(weight: number, now: number): void {
    const last = this.#spent.at(-1)
    // One entry a second keeps the window small however busy the client is.
    if (last && now - last.at < 1000) this.#spent[this.#spent.length - 1] = {at: last.at, weight: last.weight + weight}
    else this.#spent.push({at: now, weight})
  }
}

const BASE_REQUESTS = 10_000
const CANCEL_HEADROOM = 100_000
const TRICKLE_MS = 10_000
const lastTrickle = new WeakMap<Account, number>()

/** Actions an address may send: 10,000 and one per USDC traded. */
export const requestCap = (account: Account): number =>
  BASE_REQUESTS + Number(account.volume / 10n ** BigInt(CASH_SCALE))

/**
 * Count a batch against the address budget. An exhausted address gets one request every ten seconds; cancels have
 * min(cap + 100,000, 2 × cap).
 *
 * @returns the venue's words when refused, else null
 */
export function requestRefusal(account: Account, count: number, isCancel: boolean, now: number): string | null {
  const cap = requestCap(account)
  const limit = isCancel ? Math.min(cap + CANCEL_HEADROOM, cap * 2) : cap
  if (account.requests + count > limit) {
    const trickled = now - (lastTrickle.get(account) ?? Number.NEGATIVE_INFINITY) >= TRICKLE_MS
    if (!trickled) {
      return (
        `Too many cumulative requests sent (${account.requests} > ${limit}) for cumulative volume traded ` +
        `$${usdText(account.volume)}. Place taker orders to free up 1 request per USDC traded.`
      )
    }
    lastTrickle.set(account, now)
  }
  account.requests += count
  return null
}
