import {PRACTICE_USD} from '../contracts/orders.ts'
import {TRADE_ROWS} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {decimalTextOfNumber} from '../kernel/decimal.ts'
import type {MarketState} from '../reflex/market-state.ts'
import type {TradeRules} from './trade-gates.ts'
import {openFeed} from './trade-market.ts'
import {type AccountView, type CyclePlan, planTrade} from './trade-plan.ts'
import type {Standing} from './trade-targets.ts'
import {venueNow} from './trade-venue.ts'

export interface PaperPlan {
  readonly plan: CyclePlan
  readonly account: AccountView
  readonly markets: ReadonlyMap<string, MarketState>
}

/**
 * The plan of a cycle that sends nothing and starts nothing: for `--dry-run` and shadow.
 *
 * Positions and equity are those of the last reconcile in the journal, with none a fresh practice account. Prices are the live venue's books, else the closes of the lake.
 */
export async function planOnly(
  desk: Desk,
  rules: TradeRules,
  standing: readonly Standing[],
  venueLive: boolean,
): Promise<PaperPlan> {
  const account = await lastAccount(desk)
  const coins = [
    ...new Set([...standing.flatMap(({member}) => [...member.weights.keys()]), ...account.positions.keys()]),
  ]
  const markets = venueLive ? await liveMarkets(desk, rules, coins) : lakeMarkets(standing, coins)
  return {plan: await planTrade(desk, rules, standing, account, markets), account, markets}
}

async function lastAccount(desk: Desk): Promise<AccountView> {
  const rows = (await desk.journal('trade').read()).filter(({kind}) => kind === 'reconcile')
  const last = TRADE_ROWS.reconcile.safeParse(rows.at(-1)?.body)
  if (last.success) return {equityUsd: last.data.equity, positions: new Map(Object.entries(last.data.positions))}
  return {equityUsd: PRACTICE_USD, positions: new Map()}
}

async function liveMarkets(desk: Desk, rules: TradeRules, coins: readonly string[]): Promise<Map<string, MarketState>> {
  const venue = await desk.venue('sim')
  const feed = await openFeed(desk, venue, await venueNow(venue), rules.execution)
  const looks = await feed.look(coins.filter((coin) => feed.listings.get(coin)?.delisted === false))
  return new Map(looks.map((market) => [market.asset, market]))
}

/** The newest close as a price without a book: it values a plan; no order is ever placed on it. */
function lakeMarkets(standing: readonly Standing[], coins: readonly string[]): Map<string, MarketState> {
  return new Map(
    coins.flatMap((coin): [string, MarketState][] => {
      const source = standing.find(({closes}) => (closes.get(coin) ?? 0) > 0)
      const sizeDecimals = source?.sizeDecimals.get(coin)
      if (source === undefined || sizeDecimals === undefined) return []
      const close = source.closes.get(coin)!
      const volume = source.dayVolumeUsd.get(coin) ?? Number.NaN
      const state: MarketState = {
        ...{asset: coin, sizeDecimals, noPrice: null, regime: 'calm', bid: null, ask: null, mid: close, micro: close},
        mark: decimalTextOfNumber(close),
        ...{spreadTicks: Number.NaN, spreadBps: Number.NaN, depthUsd: [0, 0, 0], imbalance: [0, 0, 0], ageMs: 0},
        dayVolumeUsd: volume > 0 ? decimalTextOfNumber(volume) : null,
      }
      return [[coin, state]]
    }),
  )
}
