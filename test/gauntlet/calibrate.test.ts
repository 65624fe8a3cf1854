import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {shippedGates} from '../../bench/calibrate/do-batch.ts'
import {drawFamily, type Noise, type Shape} from '../../bench/calibrate/families.ts'
import {rateOf} from '../../bench/calibrate/interval.ts'
import {openFamily} from '../../bench/calibrate/judge-family.ts'
import {calibrationPage} from '../../bench/calibrate/page.ts'
import {CELLS, SETS} from '../../bench/calibrate/plan.ts'
import {batchesOf, keyOf, resultOf} from '../../bench/calibrate/result.ts'
import {attackVault} from '../../bench/calibrate/vault-author.ts'
import {runStages} from '../../src/cognition/gauntlet/run-stages.ts'
import {autocorrelations, moments} from '../../src/cognition/statistics/moments.ts'

const shape = (rest: Partial<Shape>): Shape => ({
  ...{axes: [2], bar: 'day', research: 20_000, vault: 375, rho: 0.5, noise: 'normal', edge: 'constant', sharpe: 0},
  ...rest,
})
const correlation = (a: Float64Array, b: Float64Array): number => {
  const [A, B] = [moments(a), moments(b)]
  const [meanA, meanB] = [A.sr * spread(a), B.sr * spread(b)]
  return a.reduce((sum, x, t) => sum + (x - meanA) * (b[t]! - meanB), 0) / a.length / (spread(a) * spread(b))
}
const spread = (x: Float64Array): number => {
  const centre = x.reduce((a, b) => a + b, 0) / x.length
  return Math.sqrt(x.reduce((a, b) => a + (b - centre) ** 2, 0) / (x.length - 1))
}

describe('planted families', () => {
  it.each<[Noise, number, number]>([
    ['normal', 0, 3],
    // kurtosis of t5 is 9, from few and heavy draws
    ['t5', 0, 9],
    ['ar1:0.2', 0.2, 3],
    ['ar1:0.5', 0.5, 3],
    ['smoothed', 2 / 3, 3],
  ])('of %s noise have a deviation of 1 %%, autocorrelation %d and kurtosis near %d', (noise, rho1, kurtosis) => {
    const [first, second] = drawFamily(shape({noise}), 'noise').research
    expect(spread(first!)).toBeCloseTo(0.01, 3)
    expect(autocorrelations(first!, 1)[0]!).toBeCloseTo(rho1, 1)
    expect(moments(first!).g4 / kurtosis).toBeGreaterThan(0.6)
    expect(moments(first!).g4 / kurtosis).toBeLessThan(1.6)
    expect(correlation(first!, second!)).toBeCloseTo(0.5, 1)
  })

  it('of GARCH noise have quiet and wild times without a sign that persists', () => {
    const [own] = drawFamily(shape({noise: 'garch', axes: [1]}), 'garch').research
    expect(spread(own!)).toBeCloseTo(0.01, 2)
    expect(Math.abs(autocorrelations(own!, 1)[0]!)).toBeLessThan(0.03)
    expect(autocorrelations(own!.map(Math.abs), 1)[0]!).toBeGreaterThan(0.08)
  })

  it('of crash sellers earn a little on most days and nothing in the long run', () => {
    const [own] = drawFamily(shape({noise: 'crash', axes: [1], research: 100_000}), 'crash').research
    const crashes = own!.filter((r) => r < -0.08).length
    expect(crashes / own!.length).toBeCloseTo(0.004, 3)
    expect(Math.abs(own!.reduce((a, b) => a + b, 0) / own!.length)).toBeLessThan(2e-4)
  })

  it('carry the Sharpe that is planted, at the best point and while it lasts', () => {
    const long = {sharpe: 5, research: 73_000}
    const yearly = (x: Float64Array): number => moments(x).sr * Math.sqrt(365)
    const [worse, best] = drawFamily(shape(long), 'edge').research
    expect(yearly(best!)).toBeCloseTo(5, 0)
    expect(yearly(worse!) / yearly(best!)).toBeGreaterThan(0.6)
    const [none] = drawFamily(shape({...long, edge: 'spike'}), 'edge').research
    expect(Math.abs(yearly(none!))).toBeLessThan(0.3)
    const [, early] = drawFamily(shape({...long, edge: 'first fifth'}), 'edge').research
    expect(yearly(early!.subarray(0, 14_600))).toBeCloseTo(5, 0)
    expect(Math.abs(yearly(early!.subarray(14_600)))).toBeLessThan(0.3)
  })

  it('go through stages 4 to 8 and the vault, and a strong edge through all of them', () => {
    const strong = shape({axes: [3, 3], research: 1460, vault: 548, rho: 0.8, sharpe: 5})
    const {calls, unseal} = openFamily(strong, 5, 'strong', shippedGates())
    const run = runStages(calls, true)
    expect([run.sentence, run.stages.map(({id}) => id)]).toEqual([expect.stringContaining('passed'), [4, 5, 6, 7, 8]])
    expect(unseal().verdict).toBe('ELIGIBLE')
  })
})

describe('an attack on a vault', () => {
  const attack = (policy: 'keep' | 'retire-on-pass' | 'naive', seed: string) =>
    attackVault({author: 'prober', policy, attempts: 100, vaultBars: 375}, seed, shippedGates())

  it('breaks a vault without a schedule nearly always, and one with a schedule hardly ever', () => {
    const seeds = Array.from({length: 12}, (_, i) => `attack ${i}`)
    const broken = (policy: Parameters<typeof attack>[0]): number =>
      seeds.filter((seed) => attack(policy, seed)['broken'] === 1).length
    expect(broken('naive')).toBeGreaterThanOrEqual(9)
    expect(broken('keep')).toBeLessThanOrEqual(3)
  })

  it('tells the prober something: its probes pass about half of the time', () => {
    const {asked, passes} = attack('keep', 'half')
    expect(asked).toBe(100)
    expect(passes).toBeGreaterThan(12)
    expect(passes).toBeLessThan(38)
  })

  it('ends with the first pass where a pass retires the vault', () => {
    expect(attack('retire-on-pass', 'retired')['passes']).toBe(1)
  })
})

/** count, of, low, high; from sums of binomial terms with 60 digits */
const REFERENCE = [
  [0, 2000, 0, 0.00184273979341],
  [4, 2000, 0.000545193125211, 0.00511280860535],
  [1, 1, 0.025, 1],
  [7, 20, 0.153909204785, 0.592188534533],
  [160, 200, 0.73777363541, 0.853105511784],
  [200, 200, 0.981724659645, 1],
] as const

describe('rateOf', () => {
  it('is the exact interval of Clopper and Pearson', () => {
    for (const [k, n, low, high] of REFERENCE) {
      const rate = rateOf(k, n)
      expect(rate.low).toBeCloseTo(low, 10)
      expect(rate.high).toBeCloseTo(high, 10)
    }
  })

  it('holds the share, and narrows as more is seen', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 300}), fc.nat(300), (of, some) => {
        const count = Math.min(some, of)
        const [few, many] = [rateOf(count, of), rateOf(4 * count, 4 * of)]
        expect(few.low).toBeLessThanOrEqual(count / of)
        expect(few.high).toBeGreaterThanOrEqual(count / of)
        expect(many.high - many.low).toBeLessThan(few.high - few.low)
      }),
      {numRuns: 50},
    )
  })
})

describe('the plan', () => {
  it('has at least 2,000 worthless families to confirm, and names no row twice', () => {
    const nulls = CELLS.filter(({group}) => group === 'null').reduce((total, {reps}) => total + reps, 0)
    expect(nulls).toBeGreaterThanOrEqual(2000)
    expect(new Set(CELLS.map(({id}) => id)).size).toBe(CELLS.length)
  })

  it('cuts every repetition of every row into exactly one batch', () => {
    const batches = batchesOf({sets: SETS, cells: CELLS, most: 50})
    expect(new Set(batches.map(keyOf)).size).toBe(batches.length)
    for (const {id, reps} of CELLS) {
      const own = batches.filter(({set, cell}) => set === 'confirmation' && cell === id)
      expect(own.reduce((total, {from, to}) => total + to - from, 0)).toBe(Math.min(50, reps))
    }
  })
})

describe('a result', () => {
  const scope = {sets: SETS, cells: CELLS.filter(({id}) => id === 'null K 2 rho 0'), most: 40}
  const done = batchesOf(scope).map((batch) => ({batch, tally: {'verdict:FAIL 5': batch.to - batch.from}}))

  it('does not depend on the order in which batches came, nor on batches of another plan', () => {
    const stray = {
      batch: {set: 'confirmation', cell: 'null K 2 rho 0', from: 0, to: 7},
      tally: {'asked:PASS': 7},
    } as const
    const [one, other] = [done, [stray, ...done.toReversed()]].map((all) =>
      resultOf(all, scope, 'code', shippedGates()),
    )
    expect(JSON.stringify(other)).toBe(JSON.stringify(one))
    expect(calibrationPage(other!)).toBe(calibrationPage(one!))
  })

  it('says how much of the plan is done', () => {
    const {cells} = resultOf(done.slice(0, -1), scope, 'code', shippedGates())
    expect(cells.map(({set, reps, planned}) => [set, reps, planned])).toEqual([
      ['development', 31, 31],
      ['confirmation', 20, 40],
    ])
  })
})
