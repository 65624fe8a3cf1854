import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {compileFeatureSet} from '../../../src/cognition/features/compile-hypothesis.ts'
import {evaluateFeatures} from '../../../src/cognition/features/evaluate.ts'
import {summariseFeature} from '../../../src/cognition/features/summarise-feature.ts'
import {FeatureSet} from '../../../src/contracts/features.ts'
import {everywhere, firstBars, randomPanel} from './panels.ts'

const path = join(import.meta.dirname, '../../../configs/features/alpha101.yaml')
const set = FeatureSet.schema.parse(parse(readFileSync(path, 'utf8')))

/** Formulas that need an industry classification, and the one that needs the market capitalisation. */
const ELSEWHERE = [48, 56, 58, 59, 63, 67, 69, 70, 76, 79, 80, 82, 87, 89, 90, 91, 93, 97, 100]

describe('the published formulaic alphas', () => {
  const panel = randomPanel('alpha101', 12, 700)
  const compiled = compileFeatureSet(set)
  const values = evaluateFeatures(compiled, panel, everywhere(panel), {})

  it('are 82 of 101: all but those that need an industry map or a market capitalisation', () => {
    const numbers = Object.keys(set.features).map((name) => Number(name.slice(5)))
    const all = [...numbers, ...ELSEWHERE].sort((a, b) => a - b)
    expect(all).toEqual(Array.from({length: 101}, (_, i) => i + 1))
  })

  it('read no later bar', () => expect(compiled.future).toEqual([]))

  it.each(Object.keys(set.features))(
    '%s has values once its window is full, and none of them knows the future',
    (name) => {
      const rows = values.get(name)!
      const {coverage} = summariseFeature(panel, rows)
      // 96 correlates a rank among four with another over three bars: one of its 26 bars always stands still.
      if (name === 'alpha096') expect(coverage).toBe(0)
      else expect(coverage).toBeGreaterThan(0)
      const cut = firstBars(panel, 600)
      const earlier = evaluateFeatures(compiled, cut, everywhere(cut), {}, [name]).get(name)!
      for (const [a, row] of earlier.entries()) expect(row).toEqual(rows[a]!.slice(0, 600))
    },
  )
})

describe('the summary of a feature', () => {
  it('has no spread when the values are too large to square', () => {
    const panel = randomPanel('huge', 1, 40)
    const huge = [Float64Array.from({length: 40}, (_, t) => (t % 2 === 0 ? 1e300 : -1e300))]
    expect(summariseFeature(panel, huge)).toMatchObject({rows: 40, sd: null, lag1: null})
  })
})
