import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {arrangeRows} from '../../../src/io/lake/arrange-rows.ts'
import {stretchesInOrder} from '../../../src/kernel/merge-runs.ts'
import {sortRows} from '../../../src/kernel/sort-rows.ts'

/** Rows of `NAME time`, numbered as they come. */
function rowsOf(rows: readonly (readonly [string, number])[]) {
  return {
    count: rows.length,
    columns: {
      coin: rows.map(([name]) => name),
      ts: Float64Array.from(rows, ([, ts]) => ts),
      at: Float64Array.from(rows, (_, i) => i),
    },
    lists: {px: rows.map((_, i) => Float64Array.of(i))},
  }
}

const arranged = (rows: ReturnType<typeof rowsOf>) =>
  arrangeRows(rows, stretchesInOrder(rows.columns.coin, rows.columns.ts))

describe('runs of several files', () => {
  it('of one year each go behind one another, name by name', () => {
    const rows = rowsOf([
      ...([
        ['BTC', 1],
        ['BTC', 2],
        ['ETH', 1],
        ['ETH', 2],
      ] as const),
      ...([
        ['BTC', 3],
        ['ETH', 3],
        ['ETH', 4],
      ] as const),
    ])
    expect(stretchesInOrder(rows.columns.coin, rows.columns.ts)).toEqual([
      {from: 0, to: 2},
      {from: 4, to: 5},
      {from: 2, to: 4},
      {from: 5, to: 7},
    ])
  })

  it('in order already are one stretch, and the rows stay the very same', () => {
    const rows = rowsOf([
      ['BTC', 5],
      ['BTC', 6],
      ['ETH', 1],
    ])
    expect(stretchesInOrder(rows.columns.coin, rows.columns.ts)).toEqual([{from: 0, to: 3}])
    expect(arranged(rows)).toBe(rows)
  })

  it('that fill a hole in one another interleave', () => {
    const rows = rowsOf([
      ['BTC', 1],
      ['BTC', 2],
      ['BTC', 5],
      ['BTC', 6],
      ['BTC', 3],
      ['BTC', 4],
      ['BTC', 7],
    ])
    expect(Array.from(arranged(rows).columns['ts'] as Float64Array)).toEqual([1, 2, 3, 4, 5, 6, 7])
  })

  it('sort names as UTF-8 does, and keep the first of two rows with one name and time first', () => {
    const rows = rowsOf([
      ['\u{1f600}', 1],
      ['\uffee', 1],
      ['B', 2],
      ['B', 2],
      ['B', 1],
    ])
    const {coin, at} = arranged(rows).columns
    expect(coin).toEqual(['B', 'B', 'B', '\uffee', '\u{1f600}'])
    expect(Array.from(at as Float64Array)).toEqual([4, 2, 3, 1, 0])
  })

  it('come out as a sort of all their rows would, lists with them', () => {
    const row = fc.tuple(fc.constantFrom('SOL', 'BTC', 'é', '\u{1f600}', '\uffee'), fc.nat(12))
    const files = fc.array(fc.array(row, {maxLength: 30}), {maxLength: 5})
    fc.assert(
      fc.property(files, fc.boolean(), (parts, eachSorted) => {
        const order = (a: readonly [string, number], b: readonly [string, number]): number =>
          Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0])) || a[1] - b[1]
        const rows = rowsOf(parts.flatMap((part) => (eachSorted ? [...part].sort(order) : part)))
        const expected = sortRows(rows, ['coin', 'ts', 'at'], new Set(['coin']))
        expect(arranged(rows)).toEqual(expected)
      }),
    )
  })
})
