import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {assetDays} from '../../src/selection/asset-days.ts'
import {chooseAssets, type Places} from '../../src/selection/choose-assets.ts'
import {correlationClusters} from '../../src/selection/correlation-clusters.ts'
import {replaySelection} from '../../src/selection/replay.ts'
import type {Score} from '../../src/selection/score.ts'
import {shrink, shrunkCorrelations} from '../../src/selection/shrunk-correlations.ts'
import {dayAt, panelOf} from './panels.ts'
import {costs, ruleOf} from './rules.ts'

/** Twelve returns of five assets: the first three share a factor, the other two another. */
const move = (a: number, t: number): number =>
  (((a * 7 + t * 5 + ((a * t * t) % 11)) % 13) - 6) / 100 +
  (a < 3 ? (((t * t) % 7) - 3) / 20 : (((t * 3) % 5) - 2) / 20)

const factors = assetDays(
  panelOf(
    [0, 1, 2, 3, 4].map((a) => ({
      name: `A${a}`,
      close: (t) => Math.exp(Array.from({length: t}, (_, i) => move(a, i + 1)).reduce((sum, x) => sum + x, 0)),
    })),
    13,
  ),
)

/** scikit-learn 1.7, `ledoit_wolf(X, assume_centered=True)` of the same standardised returns. */
const SHRINKAGE = 0.13595456231673617
const SHRUNK = [
  [1, 0.7906688667636, 0.67290571484854, -0.683033979356396, -0.721576666367622],
  [0.7906688667636, 1, 0.653984231680374, -0.500183278393384, -0.599955332761382],
  [0.67290571484854, 0.653984231680374, 1, -0.351972426596473, -0.351412573703189],
  [-0.683033979356396, -0.500183278393384, -0.351972426596473, 1, 0.766873253296886],
  [-0.721576666367622, -0.599955332761382, -0.351412573703189, 0.766873253296886, 1],
]

describe('shrunkCorrelations', () => {
  it('equals the reference of Ledoit and Wolf', () => {
    const {rho, shrinkage} = shrunkCorrelations(factors, [0, 1, 2, 3, 4], 12, 12)
    expect(shrinkage).toBeCloseTo(SHRINKAGE, 12)
    rho.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(SHRUNK[i]![j]!, 12)
      })
    })
  })

  it('does not look past its day', () => {
    expect(shrunkCorrelations(factors, [0, 1, 2], 8, 6)).toEqual(
      shrunkCorrelations({close: factors.close.map((close) => close.slice(0, 9))}, [0, 1, 2], 8, 6),
    )
  })

  it('has a unit diagonal, stays within one, and is positive definite whatever the returns', () => {
    const column = fc.array(fc.double({min: -3, max: 3, noNaN: true}), {minLength: 6, maxLength: 6})
    fc.assert(
      fc.property(fc.array(column, {minLength: 2, maxLength: 12}), (columns) => {
        const scaled = columns.map((values) => {
          const mean = values.reduce((sum, x) => sum + x, 0) / 6
          const sd = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 6)
          return Float64Array.from(values, (x) => (sd > 1e-9 ? (x - mean) / sd : 0))
        })
        const {rho, shrinkage} = shrink(scaled, 6)
        expect(shrinkage).toBeGreaterThanOrEqual(0)
        expect(shrinkage).toBeLessThanOrEqual(1)
        rho.forEach((row, i) => {
          expect(row[i]).toBe(1)
          for (const value of row) expect(Math.abs(value)).toBeLessThanOrEqual(1 + 1e-12)
        })
      }),
    )
  })
})

describe('correlationClusters', () => {
  const rho = SHRUNK.map((row) => Float64Array.from(row))

  it('cuts the tree of average linkage where scipy does', () => {
    // Merges of scipy.cluster.hierarchy.linkage: (0,1) at .209, (3,4) at .233, (2,01) at .337, the rest at 1.535.
    expect(correlationClusters(rho, 0.5)).toEqual([0, 0, 0, 3, 3])
    expect(correlationClusters(rho, 0.7)).toEqual([0, 0, 2, 3, 3])
    expect(correlationClusters(rho, 0.78)).toEqual([0, 0, 2, 3, 4])
    expect(correlationClusters(rho, 0.8)).toEqual([0, 1, 2, 3, 4])
  })

  it('gives the same groups in whatever order the assets stand', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3, 4], {minLength: 5}),
        fc.double({min: 0.1, max: 0.95, noNaN: true}),
        (order, cut) => {
          const plain = correlationClusters(rho, cut)
          const turned = correlationClusters(
            order.map((i) => Float64Array.from(order, (j) => rho[i]![j]!)),
            cut,
          )
          for (let i = 0; i < 5; i++) {
            for (let j = 0; j < 5; j++) {
              expect(turned[i] === turned[j]).toBe(plain[order[i]!] === plain[order[j]!])
            }
          }
        },
      ),
    )
  })
})

const scoresOf = (count: number): Score[] =>
  Array.from({length: count}, (_, asset) => ({asset, score: -asset, components: {}, unknown: null}))
const places = (changes: Partial<Places>): Places => ({top: 3, buffer: 0, maxReplaced: 3, clusters: null, ...changes})
const chosenOf = (ranked: ReturnType<typeof chooseAssets>): number[] =>
  ranked.filter(({selected}) => selected).map(({asset}) => asset)

describe('chooseAssets', () => {
  it('passes over a full cluster and lets the next in rank move up', () => {
    const clusters = {of: (asset: number) => (asset < 3 ? 0 : asset), max: 2}
    const ranked = chooseAssets(scoresOf(5), new Set(), new Set(), places({clusters}))
    expect(chosenOf(ranked)).toEqual([0, 1, 3])
    expect(ranked.filter(({clusterFull}) => clusterFull).map(({asset}) => asset)).toEqual([2])
  })

  it('lets only so many members go for a better rank, the worst of them', () => {
    const members = new Set([5, 6, 7])
    expect(chosenOf(chooseAssets(scoresOf(8), members, new Set(), places({maxReplaced: 1})))).toEqual([0, 5, 6])
    expect(chosenOf(chooseAssets(scoresOf(8), members, new Set(), places({maxReplaced: 2})))).toEqual([0, 1, 5])
  })

  it('does not count the dead as turnover: whoever is not ranked has left', () => {
    const members = new Set([90, 91, 2])
    expect(chosenOf(chooseAssets(scoresOf(8), members, new Set(), places({maxReplaced: 1})))).toEqual([0, 1, 2])
  })

  it('keeps a member inside its minimum holding time whatever its rank and its cluster', () => {
    const clusters = {of: () => 0, max: 1}
    expect(chosenOf(chooseAssets(scoresOf(8), new Set([7]), new Set([7]), places({clusters})))).toEqual([7])
  })

  it('keeps every promise at once, whatever the ranks', () => {
    const subset = fc.uniqueArray(fc.nat(19), {maxLength: 4})
    fc.assert(
      fc.property(
        subset,
        subset,
        fc.integer({min: 1, max: 4}),
        fc.nat(4),
        fc.integer({min: 1, max: 3}),
        (was, kept, maxReplaced, buffer, max) => {
          const members = new Set(was)
          const held = new Set(kept.filter((asset) => members.has(asset)))
          const clusters = {of: (asset: number) => asset % 4, max}
          const chosen = new Set(
            chosenOf(chooseAssets(scoresOf(20), members, held, {top: 4, buffer, maxReplaced, clusters})),
          )
          expect(chosen.size).toBeLessThanOrEqual(4)
          for (const asset of held) expect(chosen.has(asset)).toBe(true)
          expect(was.filter((asset) => !chosen.has(asset)).length).toBeLessThanOrEqual(maxReplaced)
          for (let cluster = 0; cluster < 4; cluster++) {
            const inside = [...chosen].filter((asset) => asset % 4 === cluster)
            const newcomers = inside.filter((asset) => !members.has(asset))
            // Members that may not leave can overfill a cluster; a newcomer never does.
            if (newcomers.length > 0) expect(inside.length).toBeLessThanOrEqual(max)
          }
        },
      ),
    )
  })
})

describe('replaySelection with diversification', () => {
  it('holds at most so many of a group that moves together, and names the cluster as the reason', () => {
    const herd = (t: number): number => 100 * Math.exp(0.05 * Math.sin(t * 1.7))
    const loner = (t: number): number => 100 * Math.exp(0.05 * Math.cos(t * 0.6))
    const panel = panelOf(
      [
        {name: 'A', close: herd, volume: () => 9e6},
        {name: 'B', close: herd, volume: () => 8e6},
        {name: 'C', close: loner, volume: () => 7e6},
      ],
      60,
    )
    const rule = ruleOf({diversify: {max_per_cluster: 1, min_correlation: 0.7, lookback_days: 40}})
    const last = replaySelection(assetDays(panel), rule, costs, dayAt(60)).rebalances.at(-1)!
    expect([...last.since.keys()]).toEqual([0, 2])
    expect(last.clusters.get(1)).toBe(0)
    expect(last.ranked.find(({asset}) => asset === 1)?.clusterFull).toBe(true)
  })
})
