import {Fault} from './fault.ts'

/**
 * Exact decimal numbers for money: an integer count of 10^-scale units.
 *
 * Text is the only way in and out; a float never touches a cash amount. Every operation is exact, except
 * `divide` and `round`, which name their scale and direction.
 */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

export type Rounding = 'down' | 'up' | 'half'

const FORM = /^(-?)(\d+)(?:\.(\d+))?$/

/** Decimal text (no exponent, no sign +) -> Decimal. @throws Fault `decimal.invalid` (contract) */
export function decimal(text: string): Decimal {
  const match = FORM.exec(text)
  if (!match || text.length > 60) {
    throw new Fault('decimal.invalid', {
      family: 'contract',
      what: `'${text.slice(0, 60)}' is not decimal text.`,
      why: 'Money is written as digits with at most one point, without exponent: never as a float.',
      next: ['write it like 1234.56'],
    })
  }
  const fraction = match[3] ?? ''
  const units = BigInt(`${match[2]}${fraction}`)
  return {units: match[1] === '-' ? -units : units, scale: fraction.length}
}

/** Shortest text: no trailing zeros, no negative zero. */
export function decimalText({units, scale}: Decimal): string {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = scale === 0 ? '' : digits.slice(digits.length - scale).replace(/0+$/, '')
  return fraction === '' ? (units === 0n ? '0' : `${sign}${whole}`) : `${sign}${whole}.${fraction}`
}

const at = (value: Decimal, scale: number): bigint => value.units * 10n ** BigInt(scale - value.scale)

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  return {units: at(a, scale) + at(b, scale), scale}
}

export const negate = (a: Decimal): Decimal => ({units: -a.units, scale: a.scale})
export const subtract = (a: Decimal, b: Decimal): Decimal => add(a, negate(b))
export const multiply = (a: Decimal, b: Decimal): Decimal => ({units: a.units * b.units, scale: a.scale + b.scale})
export const abs = (a: Decimal): Decimal => (a.units < 0n ? negate(a) : a)
export const isZero = (a: Decimal): boolean => a.units === 0n

/** −1, 0 or 1. */
export function compare(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const scale = Math.max(a.scale, b.scale)
  const difference = at(a, scale) - at(b, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** To `scale` digits: `down` toward zero, `up` away from zero, `half` to the nearest, ties away from zero. */
export function round(a: Decimal, scale: number, rounding: Rounding): Decimal {
  if (a.scale <= scale) return {units: at(a, scale), scale}
  return {units: divideUnits(a.units, 10n ** BigInt(a.scale - scale), rounding), scale}
}

/** a / b to `scale` digits. @throws Fault `decimal.division_by_zero` (bug) */
export function divide(a: Decimal, b: Decimal, scale: number, rounding: Rounding): Decimal {
  if (b.units === 0n) {
    throw new Fault('decimal.division_by_zero', {
      family: 'bug',
      what: `${decimalText(a)} was divided by zero.`,
      why: 'A price or size of zero reached arithmetic that needs a positive number.',
      next: ['report this with the command you typed'],
    })
  }
  const shift = BigInt(Math.max(0, scale + b.scale - a.scale))
  const surplus = BigInt(Math.max(0, a.scale - b.scale - scale))
  const numerator = a.units * 10n ** shift
  const denominator = b.units * 10n ** surplus
  return {units: divideUnits(numerator, denominator, rounding), scale}
}

function divideUnits(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator
  const remainder = numerator % denominator
  if (remainder === 0n || rounding === 'down') return quotient
  const away = numerator < 0n !== denominator < 0n ? -1n : 1n
  if (rounding === 'up') return quotient + away
  const twice = (remainder < 0n ? -remainder : remainder) * 2n
  return twice >= (denominator < 0n ? -denominator : denominator) ? quotient + away : quotient
}

/** For display and for statistics only: the nearest double. */
export const toNumber = (a: Decimal): number => Number(decimalText(a))

/**
 * The shortest decimal text of a double, without exponent. The way a market float becomes text.
 *
 * @throws Fault `decimal.not_finite` (bug)
 */
export function decimalTextOfNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new Fault('decimal.not_finite', {
      family: 'bug',
      what: `${value} has no decimal text.`,
      why: 'A missing number must be caught before it becomes an order or an amount.',
      next: ['report this with the command you typed'],
    })
  }
  const text = String(value)
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (!match) return Object.is(value, -0) ? '0' : text
  const digits = `${match[2]}${match[3] ?? ''}`
  const point = match[2]!.length + Number(match[4])
  const padded = point <= 0 ? `${'0'.repeat(1 - point)}${digits}` : digits.padEnd(point, '0')
  const split = Math.max(point, 1)
  const fraction = padded.slice(split)
  return `${match[1]}${padded.slice(0, split)}${fraction === '' ? '' : `.${fraction}`}`
}
