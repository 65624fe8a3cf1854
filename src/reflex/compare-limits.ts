import type {AccountSnapshot} from '../contracts/orders.ts'
import type {Breach, RiskCheckReport, RiskLimits} from '../contracts/risk.ts'
import {type Decimal, decimalText, divide, multiply, subtract, toNumber} from '../kernel/decimal.ts'
import {worstExposure} from './controls/c11-leverage.ts'
import {lossThresholds} from './controls/c21-daily-loss.ts'
import type {AccountView} from './controls/control-input.ts'
import {exact, exactPositive, isAbove, portion, ratioText, smallest, usdText} from './controls/exact.ts'
import {positionRange, worstSize} from './controls/worst-position.ts'

type LimitRow = RiskCheckReport['limits'][number]

export interface Compared {
  readonly limits: readonly LimitRow[]
  readonly breaches: readonly Breach[]
}

/** What the account is compared under, beside the limits. */
export interface LimitContext {
  /** coins on the selected list; null without one */
  readonly selected: readonly string[] | null
  /** standard deviation of one day's return at the book's volatility target; null without one */
  readonly dailySigma: number | null
  /** lowest equity of the day; null before the second reconcile */
  readonly dayLowEquity: string | null
}

/**
 * Compare an account with every limit that bounds a standing exposure: position, leverage, open orders, the day's loss.
 *
 * Limits on single orders cannot be breached by standing still and are not listed. What cannot be computed, because a
 * mark or the equity is missing, is a breach: an exposure nobody can measure is not within its limit.
 */
export function compareLimits(limits: RiskLimits, snapshot: AccountSnapshot, context: LimitContext): Compared {
  const rows: LimitRow[] = []
  const breaches: Breach[] = []
  const compare = (row: Omit<LimitRow, 'used'>, value: Decimal | null, limit: Decimal | null, reason: string): void => {
    const used = value === null || limit === null ? null : toNumber(divide(value, limit, 6, 'half'))
    rows.push({...row, used})
    const isBreached = value === null || limit === null || isAbove(value, limit)
    if (isBreached) breaches.push({...row, reason: used === null ? 'it cannot be computed' : reason})
  }
  const account = accountOf(snapshot, context.dayLowEquity)
  const equity = exactPositive(account.equity)

  for (const coin of coinsOf(snapshot)) {
    const fraction = limits.position.per_coin[coin] ?? limits.position.max_equity_fraction
    const mark = exactPositive(account.marks.get(coin))
    const range = positionRange(account, coin, null)
    const exposure = mark === null || range === null ? null : multiply(worstSize(range), mark)
    const limit = equity === null ? null : portion(equity, fraction)
    const value = exposure === null || equity === null ? 'unknown' : `${ratioText(exposure, equity)} x equity`
    compare(
      {control: 'C10', subject: coin, value, limit: `${fraction} x equity`},
      exposure,
      limit,
      'the position is too large',
    )
  }

  const exposure = worstExposure(account, null)
  for (const side of ['gross', 'net'] as const) {
    const value = exposure === null || equity === null ? 'unknown' : ratioText(exposure[side], equity)
    const limit = equity === null ? null : portion(equity, limits.leverage[side])
    const row = {control: 'C11', subject: `${side} leverage`, value, limit: String(limits.leverage[side])}
    compare(row, exposure?.[side] ?? null, limit, `${side} leverage is too high`)
  }

  const {max, per_selected_asset} = limits.open_orders
  const most = Math.max(max, per_selected_asset * (context.selected?.length ?? 0))
  const open = snapshot.openOrders.length
  const orders = {control: 'C20', subject: 'open orders', value: String(open), limit: String(most)}
  compare(orders, exact(open), exact(most), 'too many open orders')

  const start = exactPositive(account.dayStartEquity)
  const low = exact(account.dayLowEquity)
  const loss = start === null || low === null ? null : subtract(start, low)
  const positive = loss !== null && loss.units > 0n ? loss : loss === null ? null : exact(0)
  const {reduceOnly, halt} =
    start === null ? {reduceOnly: null, halt: null} : lossThresholds(limits, start, context.dailySigma)
  for (const [name, limit] of [
    ['reduce-only', reduceOnly],
    ['halt', halt],
  ] as const) {
    const [value, bound] = [positive, limit].map((amount) => (amount === null ? 'unknown' : usdText(amount)))
    const row = {control: 'C21', subject: `daily loss, ${name}`, value: value!, limit: bound!}
    compare(row, positive, limit, `the day's loss reached the ${name} limit`)
  }
  return {limits: rows, breaches}
}

const coinsOf = ({positions, openOrders}: AccountSnapshot): string[] =>
  [...new Set([...positions, ...openOrders].map(({coin}) => coin))].sort()

/** The snapshot as the controls see an account; equity counts as the day's low when it is lower. */
function accountOf(
  {equity, dayStartEquity, positions, openOrders}: AccountSnapshot,
  dayLow: string | null,
): AccountView {
  const [now, low] = [exact(equity), exact(dayLow ?? equity)]
  return {
    equity,
    dayStartEquity,
    dayLowEquity: now === null || low === null ? null : decimalText(smallest(now, low)),
    positions: new Map(positions.map(({coin, szi}) => [coin, szi])),
    working: openOrders.map((order) => ({...order, tif: null, at: order.time})),
    // A coin with orders alone is measured at their price: that is what they would cost.
    marks: new Map([
      ...openOrders.map(({coin, px}) => [coin, px] as const),
      ...positions.map(({coin, markPx}) => [coin, markPx ?? ''] as const),
    ]),
  }
}
