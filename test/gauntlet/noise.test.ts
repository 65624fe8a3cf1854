import {describe, expect, it} from 'vitest'
import {bench} from './noise-families.ts'

// Fixed before the first run. Change it only with a sentence in CHANGELOG that says why.
const SEED = 'qo-gauntlet|v1|bench:noise'

describe('the statistical stages', () => {
  it('let at most 5 of 200 worthless families through, and the vault none of them', () => {
    const shape = {K: 9, T: 1000, V: 375, rho: 0.5}
    const {eligible, passed, died} = bench(SEED, 200, shape)
    console.log(`200 pure-noise hypotheses: ${eligible} ELIGIBLE, ${passed} PASS; ${JSON.stringify(died)}`)
    expect(eligible).toBeLessThanOrEqual(5)
    expect(passed).toBe(0)
  })
})
