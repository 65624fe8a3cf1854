import {abs, add, compare, type Decimal, multiply} from '../../kernel/decimal.ts'
import type {AccountView, Control} from './control-input.ts'
import {exactPositive, isAbove, portion, ratioText} from './exact.ts'
import {type Candidate, positionRange, worstSize} from './worst-position.ts'

const ZERO: Decimal = {units: 0n, scale: 0}

/** Gross and net exposure after the worst fill of all that works. */
export const c11Leverage: Control = {
  id: 'C11',
  name: 'leverage',
  scope: 'increasing',
  check({intent, limits, account, market}) {
    const equity = exactPositive(account?.equity)
    if (limits === null || account === null || equity === null) return {reason: 'equity is unknown or not positive'}
    const marks = new Map(account.marks)
    if (market?.markPx) marks.set(intent.coin, market.markPx)
    const exposure = worstExposure({...account, marks}, intent)
    if (exposure === null) return {reason: 'a position, an order or a mark cannot be read'}
    for (const side of ['gross', 'net'] as const) {
      if (isAbove(exposure[side], portion(equity, limits.leverage[side]))) {
        return {
          reason: `${side} leverage would be too high`,
          value: ratioText(exposure[side], equity),
          limit: String(limits.leverage[side]),
        }
      }
    }
    return null
  },
}

/**
 * USD exposure after the worst fills: gross is the sum of each coin's worst |position|, net the larger of all buys
 * filled and all sells filled.
 *
 * @returns null when a size or a mark cannot be read
 */
export function worstExposure(
  account: AccountView,
  candidate: Candidate | null,
): {gross: Decimal; net: Decimal} | null {
  const coins = new Set([...account.positions.keys(), ...account.working.map(({coin}) => coin)])
  if (candidate !== null) coins.add(candidate.coin)
  let [gross, long, short] = [ZERO, ZERO, ZERO]
  for (const coin of coins) {
    const mark = exactPositive(account.marks.get(coin))
    const range = positionRange(account, coin, candidate)
    if (mark === null || range === null) return null
    gross = add(gross, multiply(worstSize(range), mark))
    long = add(long, multiply(range.long, mark))
    short = add(short, multiply(range.short, mark))
  }
  return {gross, net: compare(abs(long), abs(short)) >= 0 ? abs(long) : abs(short)}
}
