import {describe, expect, it} from 'vitest'
import {judgeData} from '../../src/cognition/gauntlet/stages/01-data.ts'
import {judgeMultiplicity} from '../../src/cognition/gauntlet/stages/06-multiplicity.ts'
import {haircutFromLedger, holm} from '../../src/cognition/statistics/multiple-testing.ts'
import {studentIsf} from '../../src/kernel/distributions.ts'
import {Random} from '../../src/kernel/random.ts'
import {walkPanel} from '../backtest/panels.ts'
import {CONFIG} from './noise-families.ts'

describe('the record of stage 6', () => {
  it('has its three SPA p-values in one order when trials are counted that have no column', () => {
    const random = new Random('padded family')
    const net = Array.from({length: 6}, () => Float64Array.from({length: 400}, () => 0.01 * random.normal()))
    const judged = judgeMultiplicity(
      {
        ...{net, excess: net, candidate: 0, N: 9, effectiveTrials: 5, blockLength: 3, benchmark: 'cash'},
        ...{periodsPerYear: 365, seed: 'test'},
      },
      CONFIG.multiplicity,
    )
    const p = (name: string): number => judged.stage.checks.find((check) => check.name === name)!.value as number
    const [lower, consistent, upper] = ['SPA lower p', 'SPA consistent p', 'SPA upper p'].map(p) as [
      number,
      number,
      number,
    ]
    expect(lower).toBeLessThanOrEqual(consistent)
    expect(consistent).toBeLessThanOrEqual(upper)
    for (const {name, note} of judged.stage.checks.filter((check) => check.name.startsWith('SPA')))
      expect(note, name).toContain('6 columns stand for 9 trials, so times 1.5')
  })

  it('has a haircut Sharpe of exactly 0 where nothing is left of it', () => {
    const {adjustedP, sharpe} = haircutFromLedger(0.4, Array(50).fill(0.3), 400, 365, holm)
    expect(adjustedP).toBe(1)
    expect(sharpe).toBe(0)
    expect(studentIsf(0.5, 7)).toBe(0)
  })
})

describe('the record of stage 1', () => {
  it('does not call a correlation passed that could not be computed', () => {
    const panel = walkPanel({assets: 3, bars: 200})
    const judge = (from: number) =>
      judgeData(
        {
          panel,
          mask: panel.assets.map(() => Uint8Array.from({length: 200}, (_, t) => (t >= from ? 1 : 0))),
          window: {first: from, last: 200},
          ...{bars: 200 - from, thinBars: 0, minAssets: 2, warmupBars: 0, leastBars: 10, startsOn: '2030-01-01'},
          inactiveScreens: [],
        },
        CONFIG.data,
      ).stage
    const name = 'correlation of an asset with its own last bar'
    const short = judge(180)
    expect(short.checks.find((check) => check.name === name)).toMatchObject({gate: false, value: 'not made'})
    expect(short.notRun).toEqual([`${name}: no selected asset has enough returns that vary`])
    const long = judge(0)
    expect(long.checks.find((check) => check.name === name)).toMatchObject({gate: true, pass: true})
    expect(long.notRun).toEqual([])
  })
})
