import type {RiskLimits} from '../../contracts/risk.ts'
import {compare, type Decimal, subtract} from '../../kernel/decimal.ts'
import type {AccountView, Control, Refusal} from './control-input.ts'
import {exact, exactPositive, portion, smallest, usdText} from './exact.ts'

/**
 * The day's loss, unrealised, fees and funding included, in units of the book's own risk.
 *
 * Fixed percentages halt honest books: at 20 % volatility −3 % days come 2.6 times a year. The measure is the lowest
 * equity of the UTC day, so a loss that recovers keeps its consequence until the day ends.
 *
 * @see risk.md 0.1.3
 */
export const c21DailyLoss: Control = {
  id: 'C21',
  name: 'daily loss',
  scope: 'increasing',
  check: ({limits, account, dailySigma}) =>
    limits === null || account === null
      ? {reason: "the day's loss is unknown"}
      : dailyLoss(limits, account, dailySigma),
}

/** The control without an intent: the watchdog asks it every second. */
export function dailyLoss(limits: RiskLimits, account: AccountView, dailySigma: number | null): Refusal | null {
  const start = exactPositive(account.dayStartEquity)
  const now = exact(account.equity)
  const low = exact(account.dayLowEquity ?? account.equity)
  if (start === null || now === null || low === null) return {reason: "the day's loss is unknown"}
  const loss = subtract(start, smallest(now, low))
  const {halt, reduceOnly} = lossThresholds(limits, start, dailySigma)
  if (halt === null || reduceOnly === null) return {reason: 'the loss limit is unreadable'}
  if (compare(loss, halt) >= 0) {
    return {reason: "the day's loss reached the halt limit", value: usdText(loss), limit: usdText(halt), action: 'halt'}
  }
  if (compare(loss, reduceOnly) >= 0) {
    return {
      reason: "the day's loss allows reductions only",
      value: usdText(loss),
      limit: usdText(reduceOnly),
      action: 'reduce_only',
    }
  }
  return null
}

/** USD losses at which the day turns reduce-only and at which it halts; null when one cannot be computed. */
export function lossThresholds(
  {daily_loss}: RiskLimits,
  start: Decimal,
  dailySigma: number | null,
): {reduceOnly: Decimal | null; halt: Decimal | null} {
  const cap = exactPositive(daily_loss.halt_usd)
  const usable = dailySigma === null || (Number.isFinite(dailySigma) && dailySigma > 0)
  if (cap === null || !usable) return {reduceOnly: null, halt: null}
  const [soft, hard] =
    dailySigma === null
      ? [daily_loss.reduce_only_fallback, daily_loss.halt_fallback]
      : [daily_loss.reduce_only_sigma * dailySigma, daily_loss.halt_sigma * dailySigma]
  return {reduceOnly: smallest(portion(start, soft), cap), halt: smallest(portion(start, hard), cap)}
}
