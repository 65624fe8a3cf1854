import {DAY_MS, HOUR_MS, INTERVAL_MS} from '../../kernel/instant.ts'
import {aggregate, type Bar} from '../market/bars.ts'
import type {Print} from '../market/market-source.ts'
import {CANDLE_MEMORY} from '../market/tape.ts'
import {shownFunding, shownMinutes} from '../quirks.ts'
import {markPx, oraclePx, type VenueState} from '../venue-state.ts'
import {pxText, rateText, szText} from '../wire.ts'

const WEEK_MS = 7 * DAY_MS
/** Weeks open on Mondays, as the venue's do. */
const FIRST_MONDAY = 4 * DAY_MS
const FUNDING_PAGE = 500
const MINUTE_MS = 60_000
const RECENT_TRADES = 30
const LEVEL_STEPS = [1, 2, 5]

export const CANDLE_MS: Readonly<Record<string, number>> = {...INTERVAL_MS, '3d': 3 * DAY_MS, '1w': WEEK_MS}

export const meta = ({listing}: VenueState) => ({
  universe: listing.map(({name, szDecimals, shownSzDecimals, maxLeverage, market}) => ({
    szDecimals: shownSzDecimals ?? szDecimals,
    name,
    maxLeverage,
    marginTableId: maxLeverage,
    ...(market.trades ? {} : {isDelisted: true}),
  })),
  marginTables: [...new Set(listing.map(({maxLeverage}) => maxLeverage))]
    .sort((a, b) => a - b)
    .map((id) => [id, {description: '', marginTiers: [{lowerBound: '0.0', maxLeverage: id}]}]),
  collateralToken: 0,
})

export const metaAndAssetCtxs = (state: VenueState, now: number) => [
  meta(state),
  state.listing.map((_, asset) => assetContext(state, asset, now)),
]

/** Context of one asset, as metaAndAssetCtxs and the socket's channels show it. */
export function assetContext(state: VenueState, asset: number, now: number) {
  const {market, szDecimals} = state.listing[asset]!
  const row = market.funding(now).at(-1)
  if (!market.trades) {
    const last = market.days(now).at(-1)?.c ?? 1
    const idle = {funding: '0.0', openInterest: '0.0', prevDayPx: pxText(last), dayNtlVlm: '0.0', premium: null}
    return {...idle, oraclePx: pxText(last), markPx: pxText(last), midPx: null, impactPxs: null, dayBaseVlm: '0.0'}
  }
  const day = market.hours(now).find(({t}) => t > now - DAY_MS)
  const lots = market.dayLots(now)
  const mark = markPx(state, asset, now)
  const {bid, ask} = state.books[asset]!.touch(now)
  const open = state.house.positions.get(asset)?.lots ?? 0
  return {
    funding: rateText(row?.rate ?? 125_000),
    openInterest: szText(Math.round(market.dailyLots / 4) + Math.abs(open), szDecimals),
    prevDayPx: pxText(day?.o ?? market.days(now).at(-1)?.c ?? 1),
    dayNtlVlm: ((lots / 10 ** szDecimals) * (mark / 1e6)).toFixed(4),
    premium: rateText(row?.premium ?? 0),
    oraclePx: pxText(oraclePx(state, asset, now)),
    markPx: pxText(mark),
    midPx: pxText(Math.round((bid + ask) / 2)),
    impactPxs: [pxText(bid), pxText(ask)],
    dayBaseVlm: szText(lots, szDecimals),
  }
}

export const allMids = (state: VenueState, now: number) =>
  Object.fromEntries(
    state.listing.map(({name, market}, asset) => [
      name,
      pxText(market.trades ? markPx(state, asset, now) : (market.days(now).at(-1)?.c ?? 1)),
    ]),
  )

/** Rows whose open time lies in [startTime, endTime], oldest first, the running candle last; the latest 5,000 exist. */
export function candles(state: VenueState, asset: number, interval: string, from: number, to: number, now: number) {
  const {name, szDecimals, market} = state.listing[asset]!
  const ms = CANDLE_MS[interval]!
  const base =
    ms < HOUR_MS ? shownMinutes(state.quirks, asset, market, now) : ms < DAY_MS ? market.hours(now) : market.days(now)
  const oldest = now - CANDLE_MEMORY * ms
  const wanted = base.filter(({t}) => t >= from)
  const bars = aggregate(wanted, ms, ms === WEEK_MS ? FIRST_MONDAY : 0)
  return bars
    .filter(({t}) => t >= from && t <= to && t > oldest && t <= now)
    .map(({t, o, h, l, c, v, n}: Bar) => ({
      t,
      T: t + ms - 1,
      s: name,
      i: interval,
      ...{o: pxText(o), c: pxText(c), h: pxText(h), l: pxText(l), v: szText(v, szDecimals), n},
    }))
}

/** At most 500 rows from startTime on, oldest first: the client pages. */
export function fundingHistory({listing, quirks}: VenueState, asset: number, from: number, to: number, now: number) {
  const {name, market} = listing[asset]!
  const rows = shownFunding(quirks, asset, market, now)
  const first = firstAtOrAfter(rows, from)
  const page: {coin: string; fundingRate: string; premium: string; time: number}[] = []
  for (let i = first; i < rows.length && page.length < FUNDING_PAGE; i++) {
    const {time, rate, premium} = rows[i]!
    if (time > Math.min(to, now)) break
    page.push({coin: name, fundingRate: rateText(rate), premium: rateText(premium), time})
  }
  return page
}

/** Up to 20 levels a side. `nSigFigs` merges prices to 2–5 figures, away from the touch; it adds `spread`. */
export function l2Book(
  state: VenueState,
  asset: number,
  nSigFigs: number | null,
  mantissa: number | null,
  now: number,
) {
  const {name, szDecimals, market} = state.listing[asset]!
  if (!market.trades) return {coin: name, time: now, levels: [[], []]}
  const {bids, asks} = state.books[asset]!.levels(now)
  const wire = (px: number, lots: number, n: number) => ({px: pxText(px), sz: szText(lots, szDecimals), n})
  const side = (levels: readonly {px: number; lots: number; n: number}[], isBid: boolean) => {
    if (nSigFigs === null) return levels.map(({px, lots, n}) => wire(px, lots, n))
    const merged = new Map<number, {lots: number; n: number}>()
    for (const {px, lots, n} of levels) {
      const step = 10 ** (Math.floor(Math.log10(px)) - nSigFigs + 1) * (mantissa ?? 1)
      const at = isBid ? Math.floor(px / step) * step : Math.ceil(px / step) * step
      const held = merged.get(at) ?? {lots: 0, n: 0}
      merged.set(at, {lots: held.lots + lots, n: held.n + n})
    }
    return [...merged].map(([px, {lots, n}]) => wire(Math.round(px), lots, n))
  }
  const spread = nSigFigs === null || !bids[0] || !asks[0] ? {} : {spread: pxText(asks[0].px - bids[0].px)}
  // A recorded book keeps its own time: the age of what is quoted must be visible.
  return {coin: name, time: market.bookTime(now) ?? now, levels: [side(bids, true), side(asks, false)], ...spread}
}

export const isMantissa = (value: number): boolean => LEVEL_STEPS.includes(value)

function firstAtOrAfter(rows: readonly {readonly time: number}[], time: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle]!.time < time) low = middle + 1
    else high = middle
  }
  return low
}

/** One public trade, as the socket and `recentTrades` show it. */
export function tradeRow(state: VenueState, asset: number, {time, px, lots, takerIsBuy, hash, tid, users}: Print) {
  const {name: coin, szDecimals} = state.listing[asset]!
  const side = takerIsBuy ? 'B' : 'A'
  return {coin, side, px: pxText(px), sz: szText(lots, szDecimals), time, hash, tid, users}
}

/** The newest trades up to `now`, oldest first: thirty, or fewer where little trades. */
export function recentTrades(state: VenueState, asset: number, now: number) {
  const {market} = state.listing[asset]!
  const minute = market.prints(now - MINUTE_MS, now)
  const prints = minute.length >= RECENT_TRADES ? minute : market.prints(now - 10 * MINUTE_MS, now)
  return prints.slice(-RECENT_TRADES).map((print) => tradeRow(state, asset, print))
}

/** The last settlement of each contract; as on the real venue, the time named is the hour already settled. */
export const predictedFundings = ({listing}: VenueState, now: number) =>
  listing
    .filter(({market}) => market.trades)
    .map(({name, market}) => {
      const fundingRate = rateText(market.funding(now).at(-1)?.rate ?? 125_000)
      const nextFundingTime = Math.floor(now / HOUR_MS) * HOUR_MS
      return [name, [['HlPerp', {fundingRate, nextFundingTime, fundingIntervalHours: 1}]]]
    })
