import {
  abs,
  add,
  compare,
  type Decimal,
  decimal,
  decimalText,
  decimalTextOfNumber,
  divide,
  isZero,
  multiply,
  negate,
  round,
  subtract,
} from '../kernel/decimal.ts'
import type {NoPrice} from './market-state.ts'
import {lotOf, lotsFor, notional, roundLots, type Side} from './price-grid.ts'

/** One asset of the book, as the venue and the book see it. */
export interface TargetInput {
  readonly asset: string
  /** target as a fraction of equity; null: no hypothesis has an opinion and none ever had */
  readonly weight: number | null
  /** signed coins, venue truth */
  readonly position: string
  /** close of the deciding bar: turns the weight into coins, as the backtest does; null: `px` does */
  readonly decisionPx: string | null
  /** absolute no-trade band of the hypotheses behind the target, fraction of equity */
  readonly bandWeight: number
  /** market price now, for notionals and caps; null: the venue does not trade this asset */
  readonly px: string | null
  readonly noPrice: NoPrice | null
  readonly sizeDecimals: number
  /** 24 h notional volume in USD; null: unknown */
  readonly dayVolumeUsd: string | null
}

export interface IntentRules {
  /** account equity in USD that the weights are fractions of */
  readonly equityUsd: string
  /** fraction of the target */
  readonly noTradeBand: number
  /** fraction of 24 h volume */
  readonly participationCap: number
  readonly minNotionalUsd: string
}

/** What kept an asset from its target, in the order the rules are applied. */
export type RuleId =
  | 'not_on_venue'
  | 'no_opinion'
  | 'no_price'
  | 'at_target'
  | 'no_trade_band'
  | 'no_volume'
  | 'participation_cap'
  | 'lot'
  | 'min_notional'
  | 'unresolved_order'

export interface Rule {
  readonly id: RuleId
  readonly value: string
  readonly limit: string
}

export interface ParentIntent {
  readonly asset: string
  /** null: nothing to trade, and `rule` says why */
  readonly side: Side | null
  /** coins to trade, unsigned */
  readonly size: string
  /** signed coins: before the cycle, asked for by the book, and reachable by the rules */
  readonly before: string
  readonly wanted: string
  readonly target: string
  readonly reduceOnly: boolean
  readonly notionalUsd: string
  /** `participation_cap` may stand on a traded asset: it then shrank the target */
  readonly rule: Rule | null
}

/**
 * Turn target weights into parent intents: what to trade in each asset, or the rule that says not to.
 *
 * Sizes are exact decimals. A target is cut to the nearest lot; the part of it that the rules allow is the executable
 * target. An order that only shrinks a position is reduce-only; a whole position below the minimum notional may be
 * closed, and only as a whole. Intents that reduce risk come first, then the larger before the smaller.
 *
 * @see execution.md 1
 */
export function targetToIntents(inputs: readonly TargetInput[], rules: IntentRules): ParentIntent[] {
  const rank = (intent: ParentIntent): number => (intent.side === null ? 2 : intent.reduceOnly ? 0 : 1)
  return inputs
    .map((input) => intentFor(input, rules))
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        compare(decimal(b.notionalUsd), decimal(a.notionalUsd)) ||
        (a.asset < b.asset ? -1 : a.asset > b.asset ? 1 : 0),
    )
}

function intentFor(input: TargetInput, rules: IntentRules): ParentIntent {
  const {asset, sizeDecimals, weight} = input
  const before = decimal(input.position)
  const untraded = (rule: Rule, wanted: Decimal = before): ParentIntent => ({
    asset,
    side: null,
    size: '0',
    before: decimalText(before),
    wanted: decimalText(wanted),
    target: decimalText(before),
    reduceOnly: false,
    notionalUsd: '0',
    rule,
  })
  if (input.px === null) return untraded({id: 'not_on_venue', value: asset, limit: 'listed'})
  if (weight === null || !Number.isFinite(weight))
    return untraded({id: 'no_opinion', value: String(weight), limit: 'a finite weight'})
  const px = decimal(input.px)
  // Twelve digits of a weight are a millionth of a cent on a million: below any lot, and safe as decimal text.
  const usd = multiply(decimal(rules.equityUsd), decimal(decimalTextOfNumber(Number(weight.toFixed(12)))))
  const sizingPx = decimal(input.decisionPx ?? input.px)
  const wanted = lotsFor(usd, sizingPx, sizeDecimals)
  if (input.noPrice !== null) return untraded({id: 'no_price', value: input.noPrice, limit: 'a live book'}, wanted)
  const gap = subtract(wanted, before)
  if (isZero(gap)) return untraded({id: 'at_target', value: decimalText(before), limit: decimalText(wanted)}, wanted)
  const closes = isZero(wanted)
  const band = bandOf(input, rules, wanted, sizingPx)
  if (!closes && compare(abs(gap), band) <= 0)
    return untraded({id: 'no_trade_band', value: decimalText(abs(gap)), limit: decimalText(band)}, wanted)
  // Shrinks: towards zero and not through it. Only then is the order reduce-only on the wire.
  const shrinks = !isZero(before) && gap.units < 0n === before.units > 0n && compare(abs(gap), abs(before)) <= 0
  const {size, rule} = participation(gap, shrinks)
  if (rule !== null && isZero(size)) return untraded(rule, wanted)
  if (isZero(size)) return untraded({id: 'lot', value: decimalText(abs(gap)), limit: lotOf(sizeDecimals)}, wanted)
  const value = notional(size, px)
  const whole = closes && compare(size, abs(before)) === 0
  if (!whole && compare(value, decimal(rules.minNotionalUsd)) < 0)
    return untraded({id: 'min_notional', value: decimalText(value), limit: rules.minNotionalUsd}, wanted)
  const signed = gap.units < 0n ? negate(size) : size
  return {
    asset,
    side: gap.units < 0n ? 'sell' : 'buy',
    size: decimalText(size),
    before: decimalText(before),
    wanted: decimalText(wanted),
    target: decimalText(add(before, signed)),
    reduceOnly: shrinks,
    notionalUsd: decimalText(round(value, 2, 'half')),
    rule,
  }

  /** The part of the gap that the cap lets us trade. Unknown volume stops an increase; it never traps a position. */
  function participation(delta: Decimal, reduces: boolean): {size: Decimal; rule: Rule | null} {
    const full = reduces && closes ? abs(delta) : roundLots(abs(delta), sizeDecimals)
    if (input.dayVolumeUsd === null) {
      if (reduces) return {size: full, rule: null}
      return {size: decimal('0'), rule: {id: 'no_volume', value: 'unknown', limit: '24 h notional volume'}}
    }
    const capUsd = multiply(decimal(input.dayVolumeUsd), decimal(decimalTextOfNumber(rules.participationCap)))
    if (compare(notional(full, px), capUsd) <= 0) return {size: full, rule: null}
    const exact = lotsFor(capUsd, px, sizeDecimals)
    const size = compare(notional(exact, px), capUsd) > 0 ? subtract(exact, decimal(lotOf(sizeDecimals))) : exact
    const limit = `${decimalText(round(capUsd, 2, 'half'))} USD`
    const value = `${decimalText(round(notional(full, px), 2, 'half'))} USD`
    return {size, rule: {id: 'participation_cap', value, limit}}
  }
}

/** Coins within which a position is left alone: the wider of the book's relative and the hypotheses' absolute band. */
function bandOf(input: TargetInput, rules: IntentRules, wanted: Decimal, px: Decimal): Decimal {
  const relative = multiply(abs(wanted), decimal(decimalTextOfNumber(rules.noTradeBand)))
  const usd = multiply(decimal(rules.equityUsd), decimal(decimalTextOfNumber(Number(input.bandWeight.toFixed(12)))))
  const absolute = divide(usd, px, input.sizeDecimals, 'down')
  return compare(relative, absolute) < 0 ? absolute : relative
}
