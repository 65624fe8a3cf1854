import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {cscv, cscvBlocks, cscvGate} from '../../../src/cognition/statistics/cscv.ts'
import {Random} from '../../../src/kernel/random.ts'
import {columnsOf, expectAllClose, expectClose, reference, table} from './reference.ts'

const values = reference('cscv_pbo')
// biome-ignore lint/suspicious/noExplicitAny: numbers, and lists of them in the smaller cases
type Reference = Record<string, any>

describe.skipIf(values === null)('CSCV equals the reference values', () => {
  const edge = columnsOf(table('cscv_matrix'))
  const noise = columnsOf(table('cscv_null_matrix'))
  const cases = [
    ...Object.values<Reference>(values?.results ?? {}).map((want) => ['edge', edge, want] as const),
    ...Object.values<Reference>(values?.null_results ?? {}).map((want) => ['noise', noise, want] as const),
  ]
  for (const [name, columns, want] of cases) {
    it(`on the ${name} family with ${want['S']} blocks`, () => {
      const found = cscv(columns, want['S']!)
      expect([found.blockLength, found.combinations]).toEqual([want['block_len'], want['n_comb']])
      for (const [ours, theirs] of [
        ['pbo', 'pbo'],
        ['probabilityOfLoss', 'prob_oos_loss'],
        ['slope', 'slope'],
        ['intercept', 'intercept'],
        ['r2', 'r2'],
        ['meanInSample', 'mean_is'],
        ['meanOutOfSample', 'mean_oos'],
      ] as const)
        expectClose(found[ours], want[theirs]!, `${ours}`)
      const logits: number[] | undefined = want['logits']
      expectAllClose(found.logits, logits ?? [], 'logit')
      if (logits) expect([...found.winners]).toEqual(want['n_star'])
      const pairs: [number, number][] | undefined = want['is_oos_pairs']
      pairs?.forEach(([is, oos], c) => {
        expectClose(found.inSample[c]!, is, `IS ${c}`)
        expectClose(found.outOfSample[c]!, oos, `OOS ${c}`)
      })
    })
  }

  it('gates on the pair: the family with an edge passes, the noise family loses too often', () => {
    expect([cscvGate(cscv(edge, 10)), cscvGate(cscv(noise, 10))]).toEqual([true, false])
  })
})

describe('CSCV', () => {
  const family = (seed: string, K: number, T: number): Float64Array[] => {
    const random = new Random(seed)
    return Array.from({length: K}, () => Float64Array.from({length: T}, () => 0.01 * random.normal()))
  }

  it('splits into 10 blocks below 1,600 observations and 16 from there on', () => {
    expect([cscvBlocks(1599), cscvBlocks(1600)]).toEqual([10, 16])
  })

  it('scores a column that never trades as 0 and names it', () => {
    const columns = [new Float64Array(120), ...family('flat', 2, 120)]
    const found = cscv(columns, 4)
    expect(found.flat).toEqual([0])
    expect(found.logits.every(Number.isFinite)).toBe(true)
  })

  it('fails the gate when nobody makes money in sample', () => {
    const losing = family('losing', 3, 120).map((column) => column.map((x) => x - 1))
    const found = cscv(losing, 4)
    expect(found.degradation).toBeNaN()
    expect([found.probabilityOfLoss, cscvGate(found)]).toEqual([1, false])
  })

  it('refuses one configuration, short blocks, odd blocks and holes', () => {
    const columns = family('bad', 3, 120)
    const holed = columns.map((column, k) => (k === 1 ? column.with(7, Number.NaN) : column))
    for (const [wrong, code] of [
      [() => cscv(columns.slice(0, 1), 4), 'gauntlet.too_few_configurations'],
      [() => cscv(columns, 6), 'gauntlet.sample_too_small'],
      [() => cscv(columns, 3), 'gauntlet.out_of_range'],
      [() => cscv(holed, 4), 'gauntlet.not_finite'],
      [() => cscv([columns[0]!, columns[1]!.subarray(1)], 2), 'gauntlet.ragged_columns'],
    ] as const)
      expect(wrong).toThrowError(expect.objectContaining({code}))
  })

  it('does not know the unit of returns, nor the order of the columns', () => {
    fc.assert(
      fc.property(fc.string({minLength: 1, maxLength: 8}), fc.integer({min: 1, max: 4}), (seed, shift) => {
        const columns = family(seed, 5, 130)
        const base = cscv(columns, 4)
        const scaled = cscv(
          columns.map((column) => column.map((x) => x * 8)),
          4,
        )
        const turned = cscv([...columns.slice(shift), ...columns.slice(0, shift)], 4)
        for (const other of [scaled, turned]) {
          expect(other.pbo).toBe(base.pbo)
          expect(other.probabilityOfLoss).toBe(base.probabilityOfLoss)
          expectClose(other.meanInSample, base.meanInSample, 'mean IS')
        }
      }),
      {numRuns: 30},
    )
  })
})
