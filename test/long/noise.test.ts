import {describe, expect, it} from 'vitest'
import {bench} from '../gauntlet/noise-families.ts'

const FOUR_YEARS = 4 * 365
const VAULT = Math.round(1.5 * 365)

// Seeds fixed before the first run.
describe('error rate and power of stages 4 to 7 and the vault', () => {
  it('lets at most 4 of 2,000 worthless families through everything', () => {
    let [eligible, passed] = [0, 0]
    for (const rho of [0, 0.5, 0.8, 0.95]) {
      const found = bench(`qo-gauntlet|v1|bench:long-noise|rho:${rho}`, 500, {K: 40, T: FOUR_YEARS, V: VAULT, rho})
      console.log(`rho ${rho}: ${found.eligible} ELIGIBLE, ${found.passed} PASS of 500; ${JSON.stringify(found.died)}`)
      eligible += found.eligible
      passed += found.passed
    }
    console.log(`2,000 worthless families of 40: ${eligible} ELIGIBLE, ${passed} PASS`)
    expect(passed).toBeLessThanOrEqual(4)
  })

  it('passes a true Sharpe of 2 more often than not at 4 years and a vault of 1.5', () => {
    const shape = {K: 40, T: FOUR_YEARS, V: VAULT, rho: 0.8, srAnnual: 2}
    const {eligible, passed, died} = bench('qo-gauntlet|v1|bench:long-power', 200, shape)
    console.log(`true Sharpe 2: ${eligible} ELIGIBLE, ${passed} PASS of 200; ${JSON.stringify(died)}`)
    expect(passed / 200).toBeGreaterThan(0.5)
  })
})
