import {compare, type Decimal, decimal, decimalTextOfNumber, divide, multiply, round} from '../../kernel/decimal.ts'

const FORM = /^-?\d{1,30}(\.\d{1,30})?$/

/** Decimal text or a finite number -> exact decimal; null for everything else: NaN, Infinity, '', exponents, absent. */
export function exact(value: string | number | null | undefined): Decimal | null {
  if (typeof value === 'number') return Number.isFinite(value) ? decimal(decimalTextOfNumber(value)) : null
  return typeof value === 'string' && FORM.test(value) ? decimal(value) : null
}

/** As `exact`, and greater than zero: prices, sizes, equity. */
export function exactPositive(value: string | number | null | undefined): Decimal | null {
  const number = exact(value)
  return number !== null && number.units > 0n ? number : null
}

export const isAbove = (a: Decimal, b: Decimal): boolean => compare(a, b) > 0
export const smallest = (first: Decimal, ...others: readonly Decimal[]): Decimal =>
  others.reduce((least, next) => (compare(next, least) < 0 ? next : least), first)

/** a x fraction, exact. */
export const portion = (a: Decimal, fraction: number): Decimal => multiply(a, decimal(decimalTextOfNumber(fraction)))

/** a / b as text with two digits, for messages only. */
export function ratioText(a: Decimal, b: Decimal): string {
  const {units, scale} = divide(a, b, 4, 'half')
  return `${(Number(units) / 10 ** scale).toFixed(2)}`
}

/** USD text with cents, for messages only: rounded up, so that a value above its limit never reads as equal. */
export function usdText(a: Decimal): string {
  const {units, scale} = round(a, 2, 'up')
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)} USD`
}
