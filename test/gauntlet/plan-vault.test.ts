import {describe, expect, it} from 'vitest'
import {planVault, vaultDecidesAt, vaultYearsFor} from '../../src/cognition/gauntlet/plan-vault.ts'
import {DAY_MS, isoOf, YEAR_MS} from '../../src/kernel/instant.ts'

const from = Date.parse('2015-01-01T00:00:00Z')
const plan = {srTarget: 1.5, barMs: DAY_MS, share: 0.2, maxShare: 0.5}

describe('planVault', () => {
  it('seals 20 % of ten years, more than half power at 1.5 asks for', () => {
    const to = from + 10 * YEAR_MS
    const vault = planVault('sim', {from, to}, plan, [])
    expect(vault).toEqual({
      id: 'V-sim-202412',
      venue: 'sim',
      start: isoOf(to - 2 * YEAR_MS),
      end: isoOf(to),
      tier: 'V0',
      policy: 'keep',
    })
  })

  it('seals the years that half power needs when they are more', () => {
    const to = from + 4 * YEAR_MS
    const {start, end} = planVault('sim', {from, to}, plan, [])
    const years = (Date.parse(end) - Date.parse(start)) / YEAR_MS
    expect(years).toBeGreaterThanOrEqual(vaultYearsFor(1.5))
    expect(years).toBeLessThan(vaultYearsFor(1.5) + 1.01 / 365)
  })

  it('never seals more than half, and names the day on which half is enough', () => {
    const to = from + YEAR_MS
    const {start, end} = planVault('sim', {from, to}, plan, [])
    expect((Date.parse(end) - Date.parse(start)) / YEAR_MS).toBeCloseTo(0.5, 2)
    const decides = vaultDecidesAt(from, 1.5, 0.5)
    const later = planVault('sim', {from, to: decides + 2 * DAY_MS}, plan, [])
    expect((Date.parse(later.end) - Date.parse(later.start)) / YEAR_MS).toBeGreaterThanOrEqual(vaultYearsFor(1.5))
  })

  it('never reaches back into bars that research has read, whatever a later batch declares', () => {
    const first = planVault('sim', {from, to: from + 4 * YEAR_MS}, {...plan, srTarget: 3}, [])
    const span = {from, to: from + 4.2 * YEAR_MS}
    const modest = {...plan, srTarget: 1}
    expect(planVault('sim', span, modest, []).start < first.start).toBe(true)
    const later = planVault('sim', span, {...modest, notBefore: Date.parse(first.start)}, [])
    expect(later.start).toBe(first.start)
  })

  it('ends on a whole bar', () => {
    const {end} = planVault('sim', {from, to: from + 3 * YEAR_MS + 5 * 3_600_000}, plan, [])
    expect(Date.parse(end) % DAY_MS).toBe(0)
  })

  it('gives a second vault another id and starts it after the first', () => {
    const to = from + 4 * YEAR_MS
    const first = planVault('sim', {from, to}, plan, [])
    const second = planVault('sim', {from, to: to + 20 * DAY_MS}, plan, [first])
    expect(second.start).toBe(first.end)
    expect(second.id).not.toBe(first.id)
  })

  it('refuses a venue with no room left', () => {
    const to = from + 4 * YEAR_MS
    const first = planVault('sim', {from, to}, plan, [])
    expect(() => planVault('sim', {from, to}, plan, [first])).toThrowError(
      expect.objectContaining({code: 'vault.no_room', exitCode: 4}),
    )
  })
})
