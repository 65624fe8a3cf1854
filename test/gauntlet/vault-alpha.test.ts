import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {vaultAlpha} from '../../src/cognition/gauntlet/vault-alpha.ts'
import {Random} from '../../src/kernel/random.ts'

const keep = (attempts: number, passes: number, familyAttempt = 0) =>
  vaultAlpha({attempts, passes, familyAttempt}, 'keep', 0.05)

describe('vaultAlpha', () => {
  it('gives the first attempt .02 and pays for every later one', () => {
    expect(keep(0, 0).alpha).toBeCloseTo(0.02, 12)
    expect(keep(1, 0).alpha).toBeCloseTo(0.04 / 6, 12)
    expect(keep(2, 0).alpha).toBeCloseTo(0.04 / 12, 12)
  })

  it('leaves two attempts after a pass at the first, at .00083 and .00021', () => {
    expect(keep(1, 1).alpha).toBeCloseTo(0.005 / 6, 12)
    expect(keep(2, 1).alpha).toBeCloseTo(0.005 / 24, 12)
    expect([keep(1, 1).exhausted, keep(2, 1).exhausted, keep(3, 1).exhausted]).toEqual([false, false, true])
  })

  it('is exhausted at the fourteenth attempt without a pass', () => {
    expect(keep(12, 0).exhausted).toBe(false)
    expect(keep(13, 0).exhausted).toBe(true)
  })

  it('carries the failures of a family to its next vault', () => {
    expect(keep(0, 0, 2)).toMatchObject({attempt: 3, alpha: keep(2, 0).alpha})
  })

  it('retires a vault at its first pass under the older policy', () => {
    const retire = (attempts: number, passes: number) =>
      vaultAlpha({attempts, passes, familyAttempt: 0}, 'retire-on-pass', 0.05)
    expect(retire(0, 0).alpha).toBeCloseTo(0.025, 12)
    expect(retire(5, 0).exhausted).toBe(false)
    expect(retire(6, 0).exhausted).toBe(true)
    expect(retire(1, 1).exhausted).toBe(true)
  })

  it('never spends more than alpha along all transcripts of answers', () => {
    let total = 0
    for (let i = 1; i <= 400; i++) {
      for (let j = 0; j < i; j++) {
        // C(i − 1, j) transcripts share one level
        let transcripts = 1
        for (let k = 1; k <= j; k++) transcripts = (transcripts * (i - 1 - j + k)) / k
        if (Number.isFinite(transcripts) && i < 60) total += transcripts * keep(i - 1, j).alpha
      }
    }
    expect(total).toBeLessThanOrEqual(0.05)
  })

  it('keeps the family-wise error of an author who adapts to every answer below 5 %', () => {
    // All ideas are null, and the author reuses what passed: submits the same vault statistic shifted by the answers.
    const random = new Random('qo-gauntlet|v1|test:vault-fwer')
    let broken = 0
    const runs = 4000
    for (let run = 0; run < runs; run++) {
      // p-values that depend on each other as strongly as a shared vault makes them: one common shock
      const shock = random.unit()
      let [attempts, passes, wrong] = [0, 0, false]
      for (;;) {
        const {alpha, exhausted, attempt} = keep(attempts, passes)
        if (exhausted) break
        const p = attempt % 2 === 1 ? random.unit() : shock
        attempts += 1
        if (p <= alpha) [passes, wrong] = [passes + 1, true]
      }
      if (wrong) broken += 1
    }
    expect(broken / runs).toBeLessThan(0.05)
  })

  it('falls with every attempt and with every pass', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 40}), fc.nat(39), (attempts, passes) => {
        fc.pre(passes < attempts)
        expect(keep(attempts, passes).alpha).toBeLessThan(
          keep(attempts - 1, Math.min(passes, attempts - 1)).alpha + 1e-15,
        )
        if (passes === 0) expect(keep(attempts, 1).alpha).toBeLessThan(keep(attempts, 0).alpha)
      }),
    )
  })

  it('refuses more passes than attempts', () => {
    expect(() => keep(1, 2)).toThrowError(expect.objectContaining({code: 'gauntlet.vault_history'}))
  })
})
