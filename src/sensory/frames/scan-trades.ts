import type {TradeColumns} from './tick-columns.ts'

/** A text of at least four ASCII letters, as the words of four letters that it is compared by; the last two overlap. */
interface Literal {
  readonly length: number
  readonly words: Int32Array
  readonly offsets: Int32Array
}

function literal(text: string): Literal {
  const offsets: number[] = []
  for (let at = 0; at + 4 < text.length; at += 4) offsets.push(at)
  offsets.push(text.length - 4)
  const letter = (at: number): number => text.charCodeAt(at)
  const wordAt = (at: number): number =>
    letter(at) | (letter(at + 1) << 8) | (letter(at + 2) << 16) | (letter(at + 3) << 24)
  return {length: text.length, words: Int32Array.from(offsets, wordAt), offsets: Int32Array.from(offsets)}
}

const HEAD = literal('{"channel":"trades","data":[')
const COIN = literal('{"coin":"')
const SIDE = literal('","side":"')
const PX = literal('","px":"')
const SZ = literal('","sz":"')
const TIME = literal('","time":')
const HASH = literal(',"hash":"')
const TID = literal('","tid":')
const USERS = literal(',"users":["')

const QUOTE = 34
const COMMA = 44
const POINT = 46
const ZERO = 48
const BACKSLASH = 92
const CLOSING = 93
const CLOSING_BRACE = 125
/** Whole numbers of so many digits are doubles without rounding, and so are the powers of ten up to 10^22. */
const MOST_DIGITS = 15
/** so many fit a word of 31 bits */
const WORD_DIGITS = 9
const POWERS = Float64Array.from({length: MOST_DIGITS + 1}, (_, k) => 10 ** k)

/** Where the last scanned thing ended. */
let end = 0

/**
 * Prints of one frame, read from its bytes: the same rows as from the parsed frame, in a fraction of the time, because
 * hash and users are passed over and no object is made.
 *
 * Only frames written exactly as the venue writes them are read. Anything else, down to one blank, leaves the columns
 * as they were and is for the slow way to judge.
 *
 * @param from  offset of the frame in `bytes`; it ends before `to`, and nothing behind that is looked at
 * @returns true when every print of the frame was taken
 */
export function scanTrades(
  bytes: DataView,
  from: number,
  to: number,
  columns: TradeColumns,
  receivedAt: number,
): boolean {
  if (!meets(bytes, from, to, HEAD)) return false
  const before = columns.length
  let at = from + HEAD.length
  for (;;) {
    at = scanPrint(bytes, at, to, columns, receivedAt)
    if (at > 0 && at < to && bytes.getUint8(at) === COMMA) at++
    else break
  }
  if (at > 0 && at + 2 === to && bytes.getUint8(at) === CLOSING && bytes.getUint8(at + 1) === CLOSING_BRACE) return true
  columns.cutTo(before)
  return false
}

/** Offset behind the print that starts at `at`; 0 when it is not as expected. */
function scanPrint(bytes: DataView, at: number, to: number, columns: TradeColumns, receivedAt: number): number {
  if (!meets(bytes, at, to, COIN)) return 0
  const coin = at + COIN.length
  const coinEnd = quoteAt(bytes, coin, to)
  if (coinEnd <= coin || !meets(bytes, coinEnd, to, SIDE)) return 0
  const sideAt = coinEnd + SIDE.length
  if (!meets(bytes, sideAt + 1, to, PX)) return 0
  const side = bytes.getUint8(sideAt)
  if (side !== 65 && side !== 66) return 0
  const px = decimalAt(bytes, sideAt + 1 + PX.length, to)
  if (!(px > 0) || !meets(bytes, end, to, SZ)) return 0
  const sz = decimalAt(bytes, end + SZ.length, to)
  if (!(sz > 0) || !meets(bytes, end, to, TIME)) return 0
  const time = wholeAt(bytes, end + TIME.length, to)
  if (!(time > 0) || !meets(bytes, end, to, HASH)) return 0
  const hashEnd = quoteAt(bytes, end + HASH.length, to)
  if (hashEnd === 0 || !meets(bytes, hashEnd, to, TID)) return 0
  const tid = wholeAt(bytes, hashEnd + TID.length, to)
  if (!(tid >= 0) || !meets(bytes, end, to, USERS)) return 0
  const buyerEnd = quoteAt(bytes, end + USERS.length, to)
  // `","` between the users, `"]}` behind them.
  if (buyerEnd === 0 || buyerEnd + 3 > to || bytes.getUint16(buyerEnd + 1, true) !== 0x222c) return 0
  const sellerEnd = quoteAt(bytes, buyerEnd + 3, to)
  if (sellerEnd === 0 || sellerEnd + 3 > to || bytes.getUint16(sellerEnd + 1, true) !== 0x7d5d) return 0
  columns.push(columns.codeAt(bytes, coin, coinEnd), side === 66, time, tid, px, sz, receivedAt)
  return sellerEnd + 3
}

function meets(bytes: DataView, at: number, to: number, {length, words, offsets}: Literal): boolean {
  if (at + length > to) return false
  for (let k = 0; k < words.length; k++) if (bytes.getInt32(at + offsets[k]!, true) !== words[k]) return false
  return true
}

/** 1 for letters that stand for themselves in a JSON text of ASCII. */
const PLAIN = Uint8Array.from({length: 256}, (_, letter) =>
  letter >= 32 && letter <= 126 && letter !== QUOTE && letter !== BACKSLASH ? 1 : 0,
)

/**
 * Offset of the quote that ends a plain text; 0 when something in it needs a parser.
 *
 * Four letters a step: a word goes by when none of its bytes is a quote, a backslash, below a blank or above a tilde.
 *
 * @see Warren, Hacker's Delight, 6-1: the test for a zero byte in a word
 */
function quoteAt(bytes: DataView, from: number, to: number): number {
  let at = from
  for (; at + 4 <= to; at += 4) {
    const word = bytes.getInt32(at, true)
    const quote = word ^ 0x22222222
    const slash = word ^ 0x5c5c5c5c
    const isZero = ((quote - 0x01010101) & ~quote) | ((slash - 0x01010101) & ~slash)
    const isOutside = word | ((word - 0x20202020) & ~word) | (word + 0x01010101)
    if (((isZero | isOutside) & 0x80808080) !== 0) break
  }
  while (at < to && PLAIN[bytes.getUint8(at)] === 1) at++
  return at < to && bytes.getUint8(at) === QUOTE ? at : 0
}

/** `84143.0`: the nearest double, exactly, because both parts of the quotient are; -1 when it is written otherwise. */
function decimalAt(bytes: DataView, from: number, to: number): number {
  let at = from
  let [high, low] = [0, 0]
  let point = -1
  for (; at < to; at++) {
    const letter = bytes.getUint8(at)
    if (letter >= ZERO && letter < ZERO + 10) {
      if (at - from < WORD_DIGITS) high = (Math.imul(high, 10) + (letter - ZERO)) | 0
      else low = low * 10 + (letter - ZERO)
    } else if (letter === POINT && point < 0 && at > from) point = at
    else break
  }
  const decimals = point < 0 ? 0 : at - point - 1
  const digits = at - from - (point < 0 ? 0 : 1)
  if (at === from || (point >= 0 && decimals === 0) || digits > MOST_DIGITS) return -1
  end = at
  const inHigh = Math.min(digits, point >= 0 && point - from < WORD_DIGITS ? WORD_DIGITS - 1 : WORD_DIGITS)
  return (high * POWERS[digits - inHigh]! + low) / POWERS[decimals]!
}

/** A whole number as JSON has it; -1 when it is written otherwise or too long to be exact. */
function wholeAt(bytes: DataView, from: number, to: number): number {
  let at = from
  let high = 0
  for (const word = Math.min(to, from + WORD_DIGITS); at < word; at++) {
    const digit = bytes.getUint8(at) - ZERO
    if (digit < 0 || digit > 9) break
    high = (Math.imul(high, 10) + digit) | 0
  }
  let value = high
  for (; at < to; at++) {
    const digit = bytes.getUint8(at) - ZERO
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (at === from || (at > from + 1 && bytes.getUint8(from) === ZERO) || !Number.isSafeInteger(value)) return -1
  end = at
  return value
}
