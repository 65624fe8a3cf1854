import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {
  type Bars,
  drawBlockOrder,
  drawOrder,
  openToOpen,
  permuteBars,
} from '../../../src/cognition/statistics/bar-permutation.ts'
import {exactAlignment, exactSignFlip} from '../../../src/cognition/statistics/exact-permutation.ts'
import {Random} from '../../../src/kernel/random.ts'
import {expectAllClose, reference} from './reference.ts'

const gold = reference('permutation')
const PARTS = ['open', 'high', 'low', 'close'] as const
const barsOf = (from: Record<string, number[]>): Bars =>
  Object.fromEntries(PARTS.map((part) => [part, Float64Array.from(from[part]!)])) as unknown as Bars

describe.skipIf(gold === null)('permuted bars against the reference', () => {
  it.each([
    ['any order', 'bars'],
    ['from open to open the same', 'preserve_open_to_open'],
  ])('%s', (_, name) => {
    const {perm_bar, perm_gap, out} = gold[name]
    const made = permuteBars(barsOf(gold.bars), gold.bars.start, perm_bar, perm_gap)
    for (const part of PARTS) expectAllClose(made[part], out[part], `${name}.${part}`)
  })

  it('keeps the first gap and the last bar where open to open is kept', () => {
    const {perm_bar, perm_gap} = gold.preserve_open_to_open
    const made = openToOpen(
      perm_bar.slice(0, -1),
      perm_gap.slice(1).map((k: number) => k - 1),
    )
    expect([Array.from(made.bar), Array.from(made.gap)]).toEqual([perm_bar, perm_gap])
  })

  it('counts every alignment and every sign', () => {
    const {position, next_return, n_perm, n_ge, p_exact, observed} = gold.exact_alignment
    const found = exactAlignment(position, next_return)
    expect([found.arrangements, found.reached]).toEqual([n_perm, n_ge])
    expectAllClose([found.p, found.observed], [p_exact, observed], 'alignment')
    const flip = gold.exact_sign_flip
    const signs = exactSignFlip(flip.x)
    expect([signs.arrangements, signs.reached]).toEqual([flip.n, flip.n_ge])
    expectAllClose([signs.p, signs.observed], [flip.p_exact, flip.observed_sum], 'sign flip')
  })
})

describe('orders', () => {
  const sorted = (order: Int32Array): number[] => Array.from(order).sort((a, b) => a - b)

  it('are permutations whose blocks stay whole, whatever their length', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 300}), fc.integer({min: 1, max: 60}), fc.string(), (n, length, seed) => {
        const order = drawBlockOrder(new Int32Array(n), length, new Random(seed))
        expect(sorted(order)).toEqual(Array.from({length: n}, (_, i) => i))
        const breaks = Array.from(order).filter((value, i) => i > 0 && value !== order[i - 1]! + 1).length
        expect(breaks).toBeLessThanOrEqual(Math.ceil(n / length))
      }),
    )
  })

  it('of one bar are those of single bars', () => {
    const [once, twice] = [new Random('a'), new Random('a')]
    expect(drawBlockOrder(new Int32Array(50), 1, once)).toEqual(drawOrder(new Int32Array(50), twice))
  })

  it('put every bar at every place equally often', () => {
    const random = new Random('uniform')
    const counts = Array.from({length: 5}, () => new Int32Array(5))
    for (let i = 0; i < 5000; i++)
      for (const [place, bar] of drawOrder(new Int32Array(5), random).entries()) counts[place]![bar]!++
    for (const row of counts) for (const count of row) expect(Math.abs(count - 1000)).toBeLessThan(130)
  })

  it('that are none are refused', () => {
    const flat = (n: number): Bars => {
      const ones = new Float64Array(n).fill(1)
      return {open: ones, high: ones, low: ones, close: ones}
    }
    const refused = {code: 'gauntlet.out_of_range'}
    expect(() => permuteBars(flat(4), 0, [0, 1, 1], [0, 1, 2])).toThrow(expect.objectContaining(refused))
    expect(() => permuteBars(flat(4), 0, [0, 1], [0, 1])).toThrow(expect.objectContaining(refused))
    expect(() => permuteBars(flat(4), 3, [], [])).toThrow(expect.objectContaining(refused))
    expect(() => drawBlockOrder(new Int32Array(4), 0, new Random('x'))).toThrow(expect.objectContaining(refused))
    expect(() => exactAlignment(new Float64Array(11), new Float64Array(11))).toThrow(expect.objectContaining(refused))
  })
})
