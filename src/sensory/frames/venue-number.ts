/**
 * A number as the venue writes it: decimal text like `84143.0`, `-0.0006` or `1e-7`.
 *
 * Stricter than `Number`: no sign but a leading minus, no white space, no hexadecimal. Hand-written because a regular
 * expression for each of five million numbers costs more than parsing the frames they stand in.
 *
 * @returns NaN for anything else, a real number included
 */
export function numberOf(text: unknown): number {
  if (typeof text !== 'string' || text.length === 0) return Number.NaN
  const first = text.charCodeAt(0)
  const start = first === MINUS ? 1 : 0
  if (!isDigit(text.charCodeAt(start)) || !isDigit(text.charCodeAt(text.length - 1))) return Number.NaN
  // `0x1f` and its kind; `0.5` and `0` go on.
  if (text.charCodeAt(start) === ZERO && text.length > start + 1 && isLetter(text.charCodeAt(start + 1))) {
    return Number.NaN
  }
  const value = Number(text)
  return Number.isFinite(value) ? value : Number.NaN
}

const MINUS = 45
const ZERO = 48
const isDigit = (code: number): boolean => code >= ZERO && code <= 57
/** `e` may follow a zero: `0e5` is zero. */
const isLetter = (code: number): boolean => code > 57 && code !== 69 && code !== 101

/** A number that may be missing: NaN for null, `undefined` for something that is no number. */
export function numberOrNone(text: unknown): number | undefined {
  if (text === null || text === undefined) return Number.NaN
  const value = numberOf(text)
  return Number.isNaN(value) ? undefined : value
}
