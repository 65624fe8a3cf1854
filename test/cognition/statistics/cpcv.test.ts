import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {cpcvPaths, cpcvSplits} from '../../../src/cognition/statistics/cpcv.ts'
import {Random} from '../../../src/kernel/random.ts'
import {reference} from './reference.ts'

const values = reference('cpcv_N6_k2')
interface Split {
  test_groups: number[]
  test: number[]
  train: number[]
}

describe.skipIf(values === null)('CPCV equals the reference sets', () => {
  it.each([
    ['point_labels_no_purge', 0, 0],
    ['point_labels_embargo2', 0, 2],
    ['interval_labels_h3_embargo0', 3, 0],
    ['interval_labels_h3_embargo2', 3, 2],
  ])('%s', (name, horizon, embargo) => {
    const want = values[name] as {splits: Split[]; path_ids: number[][]; paths: number[][]}
    const splits = cpcvSplits({T: values.T, groups: values.N, tested: values.k, embargo, horizon})
    expect(splits.map(({groups}) => groups)).toEqual(want.splits.map((split) => split.test_groups))
    expect(splits.map(({test}) => [...test])).toEqual(want.splits.map((split) => split.test))
    expect(splits.map(({train}) => [...train])).toEqual(want.splits.map((split) => split.train))
    expect(splits.map(({paths}) => paths)).toEqual(want.path_ids)
    const sources = want.paths.map((path) => path.map((split, group) => [group, splits[split]!.groups.includes(group)]))
    for (const path of sources) for (const [, has] of path) expect(has).toBe(true)
  })

  it('with a remainder in the last group, and with as many splits and paths as the book counts', () => {
    const splits = cpcvSplits({T: 64, groups: 6, tested: 2, embargo: 0, horizon: 0})
    expect(splits.at(-1)!.test.length).toBe(24)
    for (const {N, k, splits: n, paths} of values.counts as {N: number; k: number; splits: number; paths: number}[]) {
      if (n > 1000) continue
      const found = cpcvSplits({T: 10 * N, groups: N, tested: k, embargo: 0, horizon: 0})
      expect([found.length, Math.max(...found.flatMap((split) => split.paths)) + 1]).toEqual([n, paths])
    }
  })
})

describe('purged cross-validation', () => {
  const plan = fc.record({
    T: fc.integer({min: 60, max: 90}),
    groups: fc.integer({min: 4, max: 7}),
    horizon: fc.nat(3),
    embargo: fc.nat(3),
  })

  it('never trains on a label that meets a tested one, and uses everything else', () => {
    fc.assert(
      fc.property(plan, ({T, groups, horizon, embargo}) => {
        for (const {test, train} of cpcvSplits({T, groups, tested: 2, horizon, embargo})) {
          const tested = new Set(test)
          const isTrained = new Set(train)
          const end = (i: number): number => Math.min(i + horizon, T - 1)
          for (const i of train) for (const j of test) expect(i > end(j) || end(i) < j).toBe(true)
          for (let i = 0; i < T; i++) {
            if (tested.has(i) || isTrained.has(i)) continue
            const near = [...test].some((j) => i <= end(j) + embargo && end(i) >= j)
            expect(near).toBe(true)
          }
        }
      }),
      {numRuns: 10},
    )
  })

  it('earns each bar of a path with a column that was chosen without it', () => {
    const random = new Random('qo-test|cpcv')
    const noise = Array.from({length: 4}, () => Float64Array.from({length: 240}, () => random.normal()))
    const {paths, sharpe, chosen} = cpcvPaths(noise, {groups: 6, tested: 2, embargo: 2, horizon: 1})
    expect([paths.length, sharpe.length, chosen.length]).toEqual([5, 5, 15])
    for (const path of paths)
      for (const [t, r] of path.entries()) expect(noise.some((column) => column[t] === r)).toBe(true)
  })

  it('does not choose by the bars it tests: a column that shines in one group alone is not taken there', () => {
    const quiet = Float64Array.from({length: 120}, (_, t) => 0.001 + 0.01 * Math.sin(t))
    const lucky = Float64Array.from({length: 120}, (_, t) => (t < 20 ? 1 : -0.01) + 0.01 * Math.cos(t))
    const {paths} = cpcvPaths([quiet, lucky], {groups: 6, tested: 2, embargo: 0, horizon: 0})
    for (const path of paths) expect([...path.slice(0, 20)]).toEqual([...quiet.slice(0, 20)])
  })

  it('refuses a plan whose purging leaves nothing to learn from', () => {
    expect(() => cpcvSplits({T: 12, groups: 3, tested: 2, embargo: 0, horizon: 9})).toThrowError(
      expect.objectContaining({code: 'gauntlet.empty_training', exitCode: 4}),
    )
    expect(() => cpcvSplits({T: 12, groups: 3, tested: 3, embargo: 0, horizon: 0})).toThrowError(
      expect.objectContaining({code: 'gauntlet.out_of_range'}),
    )
  })
})
