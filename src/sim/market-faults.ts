import {HOUR_MS} from '../kernel/instant.ts'
import {closeOrder} from './cancel-order.ts'
import {CoinBook} from './coin-book.ts'
import type {Controlled} from './control.ts'
import {CATALOGUE} from './fault-catalogue.ts'
import type {ArmedFault, FaultRequest} from './faults.ts'
import type {ListedAsset} from './listing.ts'
import {DelistedMarket} from './market/delisted-market.ts'
import {ScriptedMarket} from './market/scripted-market.ts'
import {Tape} from './market/tape.ts'
import type {VenueState} from './venue-state.ts'

const MINUTE_MS = 60_000
/** A minute without trades turns up this long after it ended; a changed one is put right this long after. */
const LATE_CANDLE_MS = 3 * MINUTE_MS
/** A candle that is changed later lacks its last trades at first. */
const UNSEEN_MS = 10_000
const LATE_FUNDING_MS = 90_000

/** Arm a fault; one that strikes the market itself happens at its time, whoever is connected. */
export function armFault(venue: Controlled, request: FaultRequest): ArmedFault {
  const now = venue.state.clock.now()
  const armed = venue.faults.arm(request, now)
  if (CATALOGUE[armed.id].meets === 'market') {
    venue.feeds.at(Math.max(armed.from, now), () => {
      if (venue.faults.strikes(armed)) strike(venue, armed)
    })
  }
  return armed
}

function strike({state, feeds}: Controlled, {id, from, request}: ArmedFault): void {
  const asset = assetOf(state, request.scope)
  const {variant} = request
  if (id === 'funding.late') {
    const hour = Math.ceil(from / HOUR_MS) * HOUR_MS
    state.quirks.funding.push({asset, hour, isTwice: variant === 'twice', from: hour + LATE_FUNDING_MS})
  } else if (id === 'candle.late') {
    const minute = Math.floor(from / MINUTE_MS) * MINUTE_MS + MINUTE_MS
    const until = minute + MINUTE_MS + LATE_CANDLE_MS
    const {market} = state.listing[asset]!
    const isFlat = variant !== 'edited' && market instanceof ScriptedMarket
    if (isFlat) market.silence(minute)
    const quirk = {asset, minute, until, seenTo: isFlat ? null : minute + MINUTE_MS - UNSEEN_MS}
    state.quirks.candles.push(quirk)
    feeds.at(until, () => feeds.showCandle(asset, minute, until))
  } else changeMeta(state, asset, variant ?? 'delisted', from)
}

/** The contract a fault names; without a name one in the middle of the list that trades. */
function assetOf({listing}: VenueState, scope: string | undefined): number {
  const named = listing.findIndex(({name}) => name === scope)
  if (named >= 0) return named
  const middle = listing.findIndex(({market}, i) => i >= listing.length / 2 && market.trades)
  return Math.max(0, middle)
}

function changeMeta(state: VenueState, asset: number, variant: string, time: number): void {
  const listed = state.listing[asset]!
  switch (variant) {
    case 'leverage':
      state.listing[asset] = {...listed, maxLeverage: Math.max(1, Math.floor(listed.maxLeverage / 2))}
      return
    case 'decimals':
      state.listing[asset] = {
        ...listed,
        shownSzDecimals: Math.max(0, (listed.shownSzDecimals ?? listed.szDecimals) - 1),
      }
      return
    case 'appended':
      append(state, time)
      return
    default: {
      const book = state.books[asset]!
      for (const order of [...book.bids, ...book.asks]) closeOrder(state, order, 'delistedCanceled', time)
      const market = new DelistedMarket(listed.market, time)
      state.listing[asset] = {...listed, market}
      state.books[asset] = new CoinBook(market)
    }
  }
}

/** A contract that starts to trade now: a name nobody has seen, no past. */
function append(state: VenueState, time: number): void {
  const number = state.listing.filter(({name}) => name.startsWith('TALC')).length
  const name = number === 0 ? 'TALC' : `TALC${number + 1}`
  const end = Math.floor(time / HOUR_MS) * HOUR_MS
  const past = {days: [], hours: [], minutes: [], funding: [], hourlyFundingFrom: Number.NEGATIVE_INFINITY}
  const seed = state.listing[0]!.market.seed
  const start = {name, szDecimals: 1, seed, end, ...past, lastPx: 4_200_000, sigma: 0.06, dailyLots: 20_000_000}
  const asset: ListedAsset = {
    ...{name, szDecimals: 1, maxLeverage: 3},
    market: new ScriptedMarket(new Tape(start, state.scenario.events), state.scenario),
  }
  state.listing.push(asset)
  state.books.push(new CoinBook(asset.market))
}
