import {describe, expect, it} from 'vitest'
import {featureRows} from '../../../src/cognition/features/feature-rows.ts'
import {columnsOf} from '../../../src/contracts/artifact.ts'
import {Features} from '../../../src/contracts/market.ts'
import {HOUR_MS} from '../../../src/kernel/instant.ts'
import {isSorted} from '../../../src/kernel/sort-rows.ts'
import {panelOf} from './panels.ts'

const row = (...values: number[]): Float64Array => Float64Array.from(values)
const panel = {...panelOf({close: [row(1, 2, 3), row(4, 5, 6)]}), assets: ['ZZZ', 'AAA']}
const [HIGH, LOW] = ['f'.repeat(64), '0'.repeat(64)]

describe('rows of features', () => {
  const {count, columns, names} = featureRows(panel, [
    {feature: HIGH, name: 'later', values: [row(1, Number.NaN, 3), row(4, 5, Number.POSITIVE_INFINITY)]},
    {feature: LOW, name: 'first', values: [row(7, 8, 9), row(Number.NaN, Number.NaN, Number.NaN)]},
    {feature: LOW, name: 'same-under-another-name', values: [row(7, 8, 9), row(1, 1, 1)]},
  ])
  const text = (column: string, k: number): string => names[column]![columns[column]![k]!]!

  it('are one per finite value, under the name that came first', () => {
    expect(count).toBe(7)
    expect(Array.from({length: count}, (_, k) => [text('feature', k)[0], text('name', k), text('asset', k)])).toEqual([
      ...Array.from({length: 3}, () => ['0', 'first', 'ZZZ']),
      ...Array.from({length: 2}, () => ['f', 'later', 'AAA']),
      ...Array.from({length: 2}, () => ['f', 'later', 'ZZZ']),
    ])
    expect([...columns['value']!]).toEqual([7, 8, 9, 4, 5, 1, 3])
    expect([...columns['available_at']!].map((at, k) => at - columns['ts']![k]!)).toEqual(Array(7).fill(HOUR_MS))
  })

  it('stand in the order of their table, so that nobody sorts texts', () => {
    const texts = new Set([...columnsOf(Features)].filter(([, {type}]) => type === 'VARCHAR').map(([name]) => name))
    expect(isSorted({count, columns, names}, ['feature', 'asset', 'ts'], texts)).toBe(true)
  })
})
