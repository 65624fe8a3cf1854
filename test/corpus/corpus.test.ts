import {describe, expect, it} from 'vitest'
import {corpusCases, isEarly} from './cases.ts'
import {proveCases} from './prove.ts'

const cases = corpusCases()

describe('the corpus', () => {
  it('holds every mistake of the specification', () => {
    expect(cases.map(({name}) => name)).toEqual(expect.arrayContaining(REQUIRED))
  })
})

const REQUIRED = [
  'bounce',
  'centred-window',
  'crash-seller',
  'higher-timeframe-merge',
  'leading-back-fill',
  'missing-funding',
  'remembered-beginning',
  'single-regime',
  'spike',
  'stale-price',
  'survivorship',
  'touch-fills',
  'universe-look-ahead',
  'unpaid-fees',
  'vault-reuse',
  'whole-frame-normalisation',
]

// What is caught from stage 5 on costs permutations: test/long/corpus.test.ts.
proveCases(cases.filter(isEarly))
