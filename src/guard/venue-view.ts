import type {z} from 'zod'
import type {Clock} from '../desk.ts'
import {compare, decimal} from '../kernel/decimal.ts'
import {dayOf} from '../kernel/instant.ts'
import type {AccountView, MarketView, WorkingOrder} from '../reflex/controls/control-input.ts'
import type {HaltMarket} from '../reflex/flatten-slice.ts'
import type {OrderLog} from './order-log.ts'
import type {VenueLink} from './venue-link.ts'
import {ClearinghouseState, L2Book, Listing, OpenOrders, RateLimit} from './venue-replies.ts'

interface Listed {
  /** asset id on the wire */
  readonly index: number
  readonly sizeDecimals: number
  readonly delisted: boolean
  readonly markPx: string | null
  readonly oraclePx: string | null
  readonly dayVolumeUsd: string | null
}

/** Equity at the first look of a UTC day (venue time) and the lowest since. */
export interface DayEquity {
  readonly day: string
  readonly start: string
  readonly low: string
}

interface Kept<T> {
  readonly value: T
  /** our clock when the read began */
  readonly at: number
}

const LISTING_MS = 2_500
const BOOK_MS = 400
const BUDGET_MS = 30_000
const SLOW_MS = 2_000

/**
 * What the venue shows, read when it is needed and no more often than its weight limit bears.
 *
 * Freshness is the venue's: prices are dated in venue time, and a clock that stands still is noticed.
 */
export class VenueView {
  readonly #link: VenueLink
  readonly #user: string
  readonly #clock: Clock
  readonly #log: OrderLog
  #clearing: ClearinghouseState | null = null
  #orders: z.infer<typeof OpenOrders> = []
  #listing: Kept<ReadonlyMap<string, Listed>> | null = null
  readonly #books = new Map<string, Kept<L2Book | null>>()
  #budget: Kept<number> | null = null
  #spent = 0
  /** our clock when the venue's clock last moved */
  #movedAt = 0
  #equity: DayEquity | null = null
  #extraWorking: readonly WorkingOrder[] = []

  constructor(link: VenueLink, user: string, clock: Clock, log: OrderLog) {
    this.#link = link
    this.#user = user
    this.#clock = clock
    this.#log = log
  }

  /** Read what controls need about these coins. @throws Fault of family venue */
  async refresh(coins: readonly string[]): Promise<void> {
    const begun = this.#clock.monotonic()
    await this.#readAll(coins)
    // A venue that was slow to answer leaves prices that are as old as the question: ask once more.
    if (this.#clock.monotonic() - begun > SLOW_MS) await this.#readAll(coins)
  }

  async #readAll(coins: readonly string[]): Promise<void> {
    const pending = this.#log.working().filter(({phase}) => phase !== 'open')
    const [orders] = await Promise.all([
      this.#link.ask(OpenOrders, {type: 'frontendOpenOrders', user: this.#user}),
      this.#refreshListing(),
      this.#refreshBudget(),
      ...coins.map((coin) => this.#refreshBook(coin)),
    ])
    this.#orders = orders
    await this.refreshAccount()
    // In flight when the read began, or sent since: not in the list, and not to be forgotten. One that was answered
    // meanwhile may have filled after the positions were read: it counts once more rather than not at all.
    const listed = new Set(orders.map(({cloid}) => cloid))
    const begun = new Set(pending.map(({cloid}) => cloid))
    const since = this.#log.working().filter(({cloid, phase}) => phase !== 'open' && !begun.has(cloid))
    this.#extraWorking = [...pending, ...since].filter(({cloid}) => !listed.has(cloid))
  }

  /** Equity, positions and the venue's time; the cheapest read. */
  async refreshAccount(): Promise<void> {
    const before = this.#clearing?.time
    this.#clearing = await this.#link.ask(ClearinghouseState, {type: 'clearinghouseState', user: this.#user})
    if (this.#clearing.time !== before) this.#movedAt = this.#clock.monotonic()
    this.observeEquity(this.#clearing.marginSummary.accountValue, this.#clearing.time)
  }

  /** Also called with what an earlier guard wrote down. */
  observeEquity(equity: string, venueTime: number): void {
    const day = dayOf(venueTime)
    const known = this.#equity?.day === day ? this.#equity : {day, start: equity, low: equity}
    const isLower = compare(decimal(equity), decimal(known.low)) < 0
    this.#equity = {...known, low: isLower ? equity : known.low}
  }

  restoreDay(equity: DayEquity): void {
    this.#equity = equity
  }

  get dayEquity(): DayEquity | null {
    return this.#equity
  }

  /** Epoch ms by the venue's clock at the last read; null before the first. */
  get venueTime(): number | null {
    return this.#clearing?.time ?? null
  }

  get clearing(): ClearinghouseState | null {
    return this.#clearing
  }

  get openOrders(): z.infer<typeof OpenOrders> {
    return this.#orders
  }

  /** ms of our clock for which the venue's clock has not moved over two reads */
  get stalledMs(): number {
    return Math.max(0, this.#clock.monotonic() - this.#movedAt)
  }

  listed(coin: string): Listed | null {
    return this.#listing?.value.get(coin) ?? null
  }

  spend(messages: number): void {
    this.#spent += messages
  }

  /** Requests left of the address budget; null before the first read. */
  get addressLeft(): number | null {
    return this.#budget === null ? null : this.#budget.value - this.#spent
  }

  market(coin: string): MarketView | null {
    const listed = this.listed(coin)
    if (listed === null) return null
    const book = this.#books.get(coin)?.value ?? null
    const listingAge = this.#clock.monotonic() - (this.#listing?.at ?? Number.NEGATIVE_INFINITY)
    const {index: _, ...facts} = listed
    return {
      coin,
      ...facts,
      bidPx: book?.levels[0][0]?.px ?? null,
      askPx: book?.levels[1][0]?.px ?? null,
      bookTime: book?.time ?? null,
      markTime: this.venueTime === null ? null : Math.floor(this.venueTime - listingAge),
    }
  }

  /** The same coin for the halt machine: every level. */
  haltMarket(coin: string): HaltMarket | null {
    const listed = this.listed(coin)
    if (listed === null) return null
    const [bids, asks] = this.#books.get(coin)?.value?.levels ?? [[], []]
    return {sizeDecimals: listed.sizeDecimals, markPx: listed.markPx, bids, asks}
  }

  /** The account as the controls see it, with `sending` counted as working. */
  account(sending: readonly WorkingOrder[]): AccountView | null {
    if (this.#clearing === null) return null
    const working = [
      ...this.#orders.map((order) => ({...order, tif: null, at: order.time})),
      ...this.#extraWorking,
      ...sending,
    ]
    const positions = new Map(this.#clearing.assetPositions.map(({position: {coin, szi}}) => [coin, szi]))
    const coins = new Set([...positions.keys(), ...working.map(({coin}) => coin)])
    const marks = [...coins].flatMap((coin) => {
      const mark = this.listed(coin)?.markPx
      return mark ? [[coin, mark] as const] : []
    })
    return {
      equity: this.#clearing.marginSummary.accountValue,
      dayStartEquity: this.#equity?.start ?? null,
      dayLowEquity: this.#equity?.low ?? null,
      positions,
      working,
      marks: new Map(marks),
    }
  }

  async #refreshListing(): Promise<void> {
    const at = this.#clock.monotonic()
    if (this.#listing !== null && at - this.#listing.at < LISTING_MS) return
    const [{universe}, contexts] = await this.#link.ask(Listing, {type: 'metaAndAssetCtxs'})
    const rows = universe.map(({name, szDecimals, isDelisted}, index): [string, Listed] => {
      const {markPx = null, oraclePx = null, dayNtlVlm = null} = contexts[index] ?? {}
      return [
        name,
        {index, sizeDecimals: szDecimals, delisted: isDelisted === true, markPx, oraclePx, dayVolumeUsd: dayNtlVlm},
      ]
    })
    this.#listing = {value: new Map(rows), at}
  }

  async #refreshBook(coin: string): Promise<void> {
    const at = this.#clock.monotonic()
    const kept = this.#books.get(coin)
    if (kept !== undefined && at - kept.at < BOOK_MS) return
    this.#books.set(coin, {value: await this.#link.ask(L2Book, {type: 'l2Book', coin}), at})
  }

  async #refreshBudget(): Promise<void> {
    const at = this.#clock.monotonic()
    if (this.#budget !== null && at - this.#budget.at < BUDGET_MS) return
    const {nRequestsCap, nRequestsUsed} = await this.#link.ask(RateLimit, {type: 'userRateLimit', user: this.#user})
    this.#budget = {value: nRequestsCap - nRequestsUsed, at}
    this.#spent = 0
  }
}
