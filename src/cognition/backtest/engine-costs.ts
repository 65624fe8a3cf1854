import type {Costs, VenueCosts} from '../../contracts/costs.ts'
import type {Panel} from '../../contracts/panel.ts'
import {Fault} from '../../kernel/fault.ts'
import {DAY_MS} from '../../kernel/instant.ts'
import {barLiquidity} from './bar-liquidity.ts'
import {QUEUE_SHARE} from './fill-model.ts'
import {type FundingCosts, fundingCosts} from './funding-costs.ts'

/** Everything the weights engine charges, resolved to fractions per asset and bar. Shapes [N][T] unless said. */
export interface EngineCosts {
  /** rolling 14-day volume a tier starts at, ascending; shape [tiers] */
  readonly tierVolume: readonly number[]
  /** taker fee of a tier, fraction of fill notional; shape [tiers] */
  readonly takerFee: readonly number[]
  /** maker fee of a tier, fraction of fill notional, negative is a rebate; shape [tiers] */
  readonly makerFee: readonly number[]
  /** fraction of notional; NaN: not known, so no trade */
  readonly halfSpread: readonly Float64Array[]
  /** adverse move during the decision lag, fraction of notional */
  readonly lag: readonly Float64Array[]
  /** impact fraction = this × √(order notional), notional in quote currency */
  readonly impact: readonly Float64Array[]
  /** coins displayed at the touch before an order that joins it */
  readonly queueAhead: readonly Float64Array[]
  readonly funding: FundingCosts | null
  /** largest share of a bar's volume; Infinity: no cap, and volume is not asked for */
  readonly participationCap: number
  readonly minNotional: number
  /** paid on the way out of a delisted contract: fraction of the last price, against the position */
  readonly settlementHaircut: number
  /** mean of the last bar stands for the settlement price; false: its close does */
  readonly settleAtBarMean: boolean
  /** fraction of gross notional below which the account is liquidated */
  readonly maintenanceMargin: number
  /** true: nothing can be held short without a loan, whose price is in no file */
  readonly isSpot: boolean
  /** what had to be assumed, for the report */
  readonly flags: readonly string[]
}

const BPS = 1e-4
const known = new WeakMap<Panel, WeakMap<Costs, EngineCosts>>()

/**
 * Resolve `costs.yaml` for one panel: what each order would have cost, with nothing known after the decision bar.
 *
 * @throws Fault `costs.venue_missing` (contract) when the file has no such venue
 */
export function engineCosts(panel: Panel, costs: Costs): EngineCosts {
  const memo = known.get(panel) ?? new WeakMap<Costs, EngineCosts>()
  known.set(panel, memo)
  const found = memo.get(costs)
  if (found) return found
  const venue = costs.venues[panel.venue]
  if (!venue) {
    throw new Fault('costs.venue_missing', {
      family: 'contract',
      what: `configs/costs.yaml has no costs for the venue '${panel.venue}'.`,
      why: `It knows ${Object.keys(costs.venues).join(', ')}; a backtest without costs is fiction.`,
      next: [`add venues.${panel.venue} to configs/costs.yaml`, 'run with --costs none and say so'],
    })
  }
  const made = resolve(panel, costs, venue)
  memo.set(costs, made)
  return made
}

function resolve(panel: Panel, costs: Costs, venue: VenueCosts): EngineCosts {
  const {sigma, dailyNotional} = barLiquidity(panel, costs.trailing_days.value)
  const lagShare = 0.5 * Math.sqrt((costs.decision_lag_seconds.value * 1000) / panel.barMs)
  const barsPerDay = DAY_MS / panel.barMs
  const funding = fundingCosts(panel, costs, venue)
  const settlement = settlementOf(panel, costs, venue)
  return {
    tierVolume: venue.fees.tiers.map((tier) => tier.min_volume_usd_14d),
    takerFee: venue.fees.tiers.map((tier) => tier.taker_bps * BPS),
    makerFee: venue.fees.tiers.map((tier) => tier.maker_bps * BPS),
    halfSpread: dailyNotional.map((notional) => notional.map((usd) => halfSpread(usd, costs))),
    lag: sigma.map((column) => column.map((s) => lagShare * s)),
    // Y σ √(q / V) with σ and V of one bar; scaling both to a day would give the same number.
    impact: sigma.map((column, a) =>
      column.map((s, t) => (costs.impact.y.value * s) / Math.sqrt(dailyNotional[a]![t]! / barsPerDay)),
    ),
    queueAhead: dailyNotional.map((column, a) => {
      const close = panel.series.get('close')![a]!
      return column.map((usd, t) => (QUEUE_SHARE * usd) / close[t]!)
    }),
    funding,
    participationCap: costs.participation_cap.value,
    minNotional: venue.min_notional_usd.value,
    settlementHaircut: settlement.haircut,
    settleAtBarMean: settlement.mean,
    maintenanceMargin: venue.maintenance_margin.value,
    isSpot: venue.funding_interval === null,
    flags: [...(funding?.flags ?? []), ...settlement.flags, 'spread:table', 'lag:bar_sigma'],
  }
}

/** Half-spread of a coin by its median daily notional, fraction; NaN stays NaN. */
function halfSpread(usd: number, {spread}: Costs): number {
  if (!(usd > 0)) return Number.NaN
  return spread.rows.find((row) => usd >= row.min_daily_notional_usd)!.half_spread_bps * BPS
}

/** A settlement mean over the last hour can be read off hourly bars; off anything coarser it is not in the data. */
function settlementOf(
  panel: Panel,
  costs: Costs,
  {settlement}: VenueCosts,
): {haircut: number; mean: boolean; flags: string[]} {
  if (settlement.rule === 'last_close') return {haircut: 0, mean: false, flags: []}
  if (settlement.rule === 'last_hour_mean' && panel.barMs <= 3_600_000) return {haircut: 0, mean: true, flags: []}
  return {haircut: costs.settlement_worst_case.value, mean: false, flags: ['settlement:worst_case']}
}

/** `--costs none`: parity with engines that fill at the bare open and know no funding. Named in every report. */
export function noCosts(panel: {readonly assets: readonly string[]; readonly ts: Float64Array}): EngineCosts {
  return flatCosts(panel, 0, 0)
}

/** One fee and one half-spread for every order: the cost model of most backtest engines, for comparison with them. */
export function flatCosts(
  {assets, ts}: {readonly assets: readonly string[]; readonly ts: Float64Array},
  fee: number,
  halfSpreadFraction: number,
): EngineCosts {
  const zero = new Float64Array(ts.length)
  const half = halfSpreadFraction === 0 ? zero : new Float64Array(ts.length).fill(halfSpreadFraction)
  return {
    tierVolume: [0],
    takerFee: [fee],
    makerFee: [fee],
    halfSpread: assets.map(() => half),
    lag: assets.map(() => zero),
    impact: assets.map(() => zero),
    queueAhead: assets.map(() => zero),
    funding: null,
    participationCap: Number.POSITIVE_INFINITY,
    minNotional: 0,
    settlementHaircut: 0,
    settleAtBarMean: false,
    maintenanceMargin: 0,
    isSpot: false,
    flags: ['costs:flat'],
  }
}
