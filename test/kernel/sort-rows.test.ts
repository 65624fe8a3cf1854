import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {hasTwins, isSorted, type SortableRows, sortRows} from '../../src/kernel/sort-rows.ts'

const ORDER = ['coin', 'ts', 'tid'] as const
const TEXTS = new Set(['coin', 'tid'])
const NAMES = ['SOL', 'BTC', 'é', '\u{1f600}', '\uffee']

/** One print as the tuple it is compared by. */
interface Print {
  readonly code: number
  readonly ts: number
  readonly tid: number
}

function rowsOf(prints: readonly Print[]): SortableRows {
  return {
    count: prints.length,
    columns: {
      coin: Float64Array.from(prints, ({code}) => code),
      ts: Float64Array.from(prints, ({ts}) => ts),
      tid: Float64Array.from(prints, ({tid}) => tid),
      at: Float64Array.from(prints, (_, i) => i),
    },
    names: {coin: NAMES},
  }
}

const bytes = new TextEncoder()

/** The order that a database gives texts: byte by byte. */
function byBytes(a: string, b: string): number {
  const [left, right] = [bytes.encode(a), bytes.encode(b)]
  for (let k = 0; k < Math.min(left.length, right.length); k++) {
    if (left[k] !== right[k]) return left[k]! - right[k]!
  }
  return left.length - right.length
}

function inOrder(prints: readonly Print[]): number[] {
  return [...prints.keys()].sort((i, j) => {
    const [a, b] = [prints[i]!, prints[j]!]
    return byBytes(NAMES[a.code]!, NAMES[b.code]!) || a.ts - b.ts || byBytes(String(a.tid), String(b.tid)) || i - j
  })
}

const print = fc.record({
  code: fc.nat(NAMES.length - 1),
  ts: fc.nat(5),
  // Digits of different lengths, and ids about the lengths that are compared as numbers.
  tid: fc.oneof(
    fc.nat(120),
    fc.integer({min: 0, max: 3}).map((k) => 999_999_999_999_998 + k),
    fc.maxSafeNat(),
  ),
})

describe('sortRows', () => {
  it('gives the order of the table, and of equal rows the first stays the first', () => {
    fc.assert(
      fc.property(fc.array(print, {maxLength: 60}), (prints) => {
        const sorted = sortRows(rowsOf(prints), ORDER, TEXTS)
        expect(Array.from(sorted.columns['at'] as Float64Array)).toEqual(inOrder(prints))
        expect(isSorted(sorted, ORDER, TEXTS)).toBe(true)
      }),
      {numRuns: 500},
    )
  })

  it('sorts what is far from any order as well', () => {
    const prints = Array.from({length: 5000}, (_, i) => ({code: i % 2, ts: 5000 - i, tid: (i * 7919) % 5000}))
    const sorted = sortRows(rowsOf(prints), ORDER, TEXTS)
    expect(Array.from(sorted.columns['at'] as Float64Array)).toEqual(inOrder(prints))
  })

  it('hands rows that are in order back as they are', () => {
    const rows = rowsOf([1, 2, 3].map((ts) => ({code: 1, ts, tid: 9 - ts})))
    expect(sortRows(rows, ORDER, TEXTS)).toBe(rows)
  })

  it('puts a missing number last, so that it is in order only there', () => {
    const rows = (ts: number[]): SortableRows => ({count: ts.length, columns: {ts: Float64Array.from(ts)}})
    expect(isSorted(rows([1, 2, Number.NaN]), ['ts'], TEXTS)).toBe(true)
    expect(isSorted(rows([1, Number.NaN, 2]), ['ts'], TEXTS)).toBe(false)
  })
})

describe('hasTwins', () => {
  it('finds a key that stands twice exactly when there is one', () => {
    fc.assert(
      fc.property(fc.array(print, {maxLength: 12}), (prints) => {
        const keys = new Set(prints.map(({code, ts, tid}) => `${code} ${ts} ${tid}`))
        expect(hasTwins(sortRows(rowsOf(prints), ORDER, TEXTS), ORDER)).toBe(keys.size < prints.length)
      }),
    )
  })
})
