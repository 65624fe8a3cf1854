import {Costs} from '../contracts/costs.ts'
import type {TradeResult} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {type Book, buildBook} from '../reflex/book.ts'
import type {MarketState} from '../reflex/market-state.ts'
import {limitsUsed, type PlannedIntent, planCycle} from '../reflex/plan-cycle.ts'
import type {TradeRules} from './trade-gates.ts'
import type {Standing} from './trade-targets.ts'

export interface AccountView {
  readonly equityUsd: string
  /** coin -> signed coins */
  readonly positions: ReadonlyMap<string, string>
}

export interface CyclePlan {
  readonly book: Book
  readonly intents: readonly PlannedIntent[]
  readonly limits: TradeResult['limits']
  readonly exposure: NonNullable<TradeResult['exposure']>
  readonly expectedCostUsd: number
}

/** Book → targets → intents for one account and one look at the market. Sends nothing, writes nothing. */
export async function planTrade(
  desk: Desk,
  rules: TradeRules,
  standing: readonly Standing[],
  account: AccountView,
  markets: ReadonlyMap<string, MarketState>,
): Promise<CyclePlan> {
  const {venues} = await desk.files.read(Costs)
  const takerBps = (venues['sim'] ?? venues[rules.exchange])?.fees.tiers[0]?.taker_bps ?? 4.5
  const book = buildBook(
    standing.map(({member}) => member),
    rules.book,
    Number(account.equityUsd),
  )
  // Of two hypotheses that want one asset the newer decision sizes it.
  const byAge = [...standing].sort((a, b) => a.decidedAt - b.decidedAt)
  const intents = planCycle(
    {
      book,
      closes: new Map(byAge.flatMap(({closes}) => [...closes])),
      bands: new Map(standing.map(({member, band}) => [member.id, band])),
      silent: [...new Set(standing.flatMap(({silent}) => silent))],
      equityUsd: account.equityUsd,
      positions: account.positions,
      markets,
      noTradeBand: rules.book.no_trade_band,
      execution: rules.execution,
    },
    takerBps,
  )
  const {equityUsd} = account
  return {
    book,
    intents,
    limits: limitsUsed(intents, markets, equityUsd, rules.limits),
    exposure: {
      equityUsd,
      ...exposureOf(account, markets),
      targetGross: book.gross,
      targetNet: book.net,
      targetVolAnnual: book.volAnnual,
    },
    expectedCostUsd: intents.reduce((sum, {crossingCostUsd}) => sum + crossingCostUsd, 0),
  }
}

/** Gross and net notional at mark, fractions of equity. */
export function exposureOf(
  {equityUsd, positions}: AccountView,
  markets: ReadonlyMap<string, MarketState>,
): {gross: number; net: number} {
  const weights = [...positions].map(([coin, szi]) => {
    const market = markets.get(coin)
    const px = market?.mark ?? market?.mid ?? 0
    return (Number(szi) * Number(px)) / Number(equityUsd)
  })
  return {
    gross: weights.reduce((sum, weight) => sum + Math.abs(weight), 0),
    net: weights.reduce((sum, weight) => sum + weight, 0),
  }
}
