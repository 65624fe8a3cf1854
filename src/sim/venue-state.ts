import {type Account, FEE_RATES, type FeeRates, newAccount} from './account.ts'
import type {VenueClock} from './clock.ts'
import {CoinBook} from './coin-book.ts'
import type {ListedAsset} from './listing.ts'
import type {NonceSet} from './nonces.ts'
import type {Order} from './order.ts'
import {noQuirks, type Quirks} from './quirks.ts'
import type {Scenario} from './scenario.ts'
import {CASH_SCALE} from './wire.ts'

/** Everything the venue knows. One process, one writer: requests change it one after the other. */
export interface VenueState {
  readonly scenario: Scenario
  /** by asset id; indexes never shift, but a contract may change, end or be added */
  readonly listing: ListedAsset[]
  readonly books: CoinBook[]
  readonly quirks: Quirks
  readonly clock: VenueClock
  readonly accounts: Map<string, Account>
  /** counterparty of every scripted trade, so that positions and cash add up to zero */
  readonly house: Account
  /** every order of the accounts, oldest first */
  readonly orders: Map<number, Order>
  readonly nonces: Map<string, NonceSet>
  nextOid: number
  /** transactions so far: names hashes and trade ids */
  txCount: number
  /** last instant of a recorded market; null: the market goes on */
  readonly endsAt: number | null
  /** the market has acted on resting orders up to here, epoch ms */
  settledTo: number
  terms: VenueTerms
}

/** What the venue asks of everybody. */
export interface VenueTerms {
  readonly fees: FeeRates
  /** smallest order in 10^-12 USD */
  readonly minNotional: bigint
}

const TERMS: VenueTerms = {fees: FEE_RATES, minNotional: 10n * 10n ** BigInt(CASH_SCALE)}

const FIRST_OID = 77_000_000_001

export function newVenueState(
  scenario: Scenario,
  listing: readonly ListedAsset[],
  clock: VenueClock,
  endsAt: number | null = null,
): VenueState {
  return {
    scenario,
    listing: [...listing],
    books: listing.map(({market}) => new CoinBook(market)),
    quirks: noQuirks(),
    clock,
    accounts: new Map(),
    house: newAccount('house'),
    orders: new Map(),
    nonces: new Map(),
    nextOid: FIRST_OID,
    txCount: 0,
    endsAt,
    settledTo: clock.now(),
    terms: TERMS,
  }
}

/** Mark price: the middle of the market on the price grid. */
export const markPx = ({listing}: VenueState, asset: number, now: number): number => listing[asset]!.market.midAt(now)

/** Oracle price: the mark without the premium that the latest settlement recorded. */
export function oraclePx(state: VenueState, asset: number, now: number): number {
  const {market} = state.listing[asset]!
  const premium = market.funding(now).at(-1)?.premium ?? 0
  return Math.round(markPx(state, asset, now) / (1 + premium / 1e10))
}

export const ordersOf = ({orders}: VenueState, user: string): Order[] =>
  [...orders.values()].filter((order) => order.user === user)

export const openOrdersOf = (state: VenueState, user: string): Order[] =>
  state.books.flatMap(({bids, asks}) => [...bids, ...asks].filter((order) => order.user === user))

/** The account a signer acts for: its own, or its master's when it is an agent. */
export function accountOf({accounts}: VenueState, signer: string, now: number): Account | null {
  const own = accounts.get(signer)
  if (own) return own
  for (const account of accounts.values()) {
    const agent = account.agents.get(signer)
    if (agent && (agent.validUntil === null || agent.validUntil > now)) return account
  }
  return null
}
