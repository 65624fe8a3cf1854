import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {CLAIMS, checkClaims, realWorkspace, SETS, type SetName} from '../../docs/selection-proof.ts'
import {selectSurvivorship} from '../../src/operations/select-studies.ts'
import {marketData} from '../golden-files.ts'

const names = (Object.keys(SETS) as SetName[]).filter((name) => CLAIMS.some(({set}) => set === name))

describe.each(names)('selection on the real set %s', (name) => {
  const file = marketData(SETS[name].path)
  let workspace: Awaited<ReturnType<typeof realWorkspace>>
  beforeAll(async () => {
    if (file !== null) workspace = await realWorkspace(name, file)
  }, 60_000)
  afterAll(() => workspace?.close())

  it.skipIf(file === null)('holds what is known of dead, reused and prelisted names', {timeout: 120_000}, async () => {
    const checked = await checkClaims(name, workspace.open)
    expect(checked.length).toBeGreaterThan(0)
    expect(checked.filter(({held}) => !held).map(({coin, asOf, found}) => ({coin, asOf, found}))).toEqual([])
  })

  it.skipIf(file === null || name !== 'spot')(
    'measures the premium of leaving out the dead',
    {timeout: 120_000},
    async () => {
      const {premium, premiumError, held, arms} = await selectSurvivorship(await workspace.open())
      // LUNA rose forty-fold on the list before it went to nothing: what leaves it out misses both.
      expect(held).toEqual([expect.objectContaining({asset: 'LUNAUSDT', moved: expect.closeTo(-0.99999, 4)})])
      expect(premium).toBeCloseTo(-0.102, 2)
      expect(premiumError).toBeGreaterThan(0.02)
      expect(new Set(arms.map(({dates}) => dates)).size).toBe(1)
    },
  )
})
