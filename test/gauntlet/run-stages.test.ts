import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {above, atLeast, atMost, holds, reported, stageOf} from '../../src/cognition/gauntlet/check.ts'
import {junitXml} from '../../src/cognition/gauntlet/junit.ts'
import {posteriorFalseDiscovery} from '../../src/cognition/gauntlet/posterior.ts'
import {runStages, type StageCall} from '../../src/cognition/gauntlet/run-stages.ts'

const passes = (id: number): StageCall => ({
  id,
  name: `s${id}`,
  judge: () => stageOf(id, `s${id}`, [atLeast('x', 1, 1)], 'ok'),
})
const fails = (id: number, otherwise: 'FAIL' | 'INSUFFICIENT' | 'INVALID' = 'FAIL', decidesOn?: string): StageCall => ({
  id,
  name: `s${id}`,
  judge: () => stageOf(id, `s${id}`, [atLeast('x', 0, 1, {otherwise, ...(decidesOn ? {decidesOn} : {})})], 'ok'),
})

describe('a check', () => {
  it('is never passed by a number that is missing', () => {
    for (const gate of [atLeast('x', Number.NaN, 0), atMost('x', Number.NaN, 0), above('x', Number.NaN, 0)]) {
      expect(gate.check).toMatchObject({pass: false, value: null})
    }
  })

  it('is never passed against a threshold that is missing, and none stands in the record', () => {
    for (const gate of [atLeast('x', 1, Number.NaN), atMost('x', 1, Number.NaN), above('x', 1, Number.NaN)]) {
      expect(gate.check).toMatchObject({pass: false, threshold: null})
    }
  })

  it('lets a count of exactly the threshold through', () => {
    expect(atLeast('x', 0.1 + 0.2 + 99.7, 100).check.pass).toBe(true)
    expect(atMost('x', 0.05, 0.05).check.pass).toBe(true)
    expect(above('x', 0, 0).check.pass).toBe(false)
  })
})

describe('a stage', () => {
  it('joins its checks by AND', () => {
    const {stage} = stageOf(5, 'edge', [atLeast('a', 1, 0), atLeast('b', -1, 0), atLeast('c', 1, 0)], 'fine')
    expect(stage).toMatchObject({verdict: 'FAIL', sentence: 'B is -1, and must be at least 0.'})
  })

  it('is not failed by what is only reported', () => {
    expect(stageOf(5, 'edge', [reported('b', -1, '', 0, false), holds('c', true, 'yes')], 'fine').stage).toMatchObject({
      verdict: 'PASS',
      sentence: 'fine',
    })
  })

  it('names the latest of the dates that would decide it', () => {
    const late = (day: string) => atLeast('x', 0, 1, {otherwise: 'INSUFFICIENT', decidesOn: day})
    expect(stageOf(4, 'sufficiency', [late('2027-01-01'), late('2031-05-05')], '').decidesOn).toBe('2031-05-05')
  })
})

describe('runStages', () => {
  it('ends at the first stage that is not passed', () => {
    const run = runStages([passes(0), fails(1), passes(2)], false)
    expect(run).toMatchObject({verdict: 'FAIL', failedStage: 1})
    expect(run.stages.map(({id}) => id)).toEqual([0, 1])
  })

  it('goes on for the full picture without changing the verdict', () => {
    const run = runStages([passes(0), fails(1, 'INSUFFICIENT', '2030-01-01'), fails(2, 'INVALID')], true)
    expect(run).toMatchObject({verdict: 'INSUFFICIENT', failedStage: 1, decidesOn: '2030-01-01'})
    expect(run.stages).toHaveLength(3)
  })

  it('calls a stage that threw ERROR and never passed', () => {
    const broken: StageCall = {
      id: 5,
      name: 'edge',
      judge: () => {
        throw new Error('boom')
      },
    }
    expect(runStages([passes(0), broken], false)).toMatchObject({verdict: 'ERROR', failedStage: 5})
  })

  it('is ELIGIBLE when every stage is passed', () => {
    expect(runStages([passes(0), passes(1)], false)).toMatchObject({verdict: 'ELIGIBLE', failedStage: null})
  })
})

describe('junitXml', () => {
  it('has one case per stage and escapes what it quotes', () => {
    const stages = runStages([passes(0), fails(1)], false).stages.map((stage) => ({...stage, sentence: 'a < b & "c"'}))
    const xml = junitXml([{hypothesis: 'trend', verdict: 'FAIL', stages}])
    expect(xml).toContain('tests="2" failures="1" errors="0"')
    expect(xml).toContain('message="a &lt; b &amp; &quot;c&quot;"')
  })
})

describe('posteriorFalseDiscovery', () => {
  it('is .306 for the published example: prior 5 %, true Sharpe .5', () => {
    const observed = {sr: 0.455_695_943_1, T: 24, g3: -2.448, g4: 10.164}
    expect(posteriorFalseDiscovery(observed, 0.05, 0.5)).toBeCloseTo(0.306, 2)
    // The same figure as the best of two hundred is hardly evidence at all.
    expect(posteriorFalseDiscovery(observed, 0.05, 0.5, 200)).toBeGreaterThan(0.9)
  })

  const evidence = fc.record({
    g3: fc.double({min: -3, max: 3, noNaN: true}),
    extra: fc.double({min: 0, max: 20, noNaN: true}),
    T: fc.integer({min: 50, max: 5000}),
    trials: fc.double({min: 1, max: 500, noNaN: true}),
    truth: fc.double({min: 0.005, max: 0.15, noNaN: true}),
    z: fc.double({min: -12, max: 30, noNaN: true}),
    step: fc.double({min: 0, max: 5, noNaN: true}),
    prior: fc.double({min: 0.01, max: 0.5, noNaN: true}),
  })

  it('never rises with the Sharpe that was seen, and never above what was believed before', () => {
    fc.assert(
      fc.property(evidence, ({g3, extra, T, trials, truth, z, step, prior}) => {
        const of = (at: number): number =>
          posteriorFalseDiscovery({sr: at / Math.sqrt(T), T, g3, g4: 1.1 + g3 ** 2 + extra}, prior, truth, trials)
        expect(of(z + step)).toBeLessThanOrEqual(of(z) * (1 + 1e-9))
        expect(of(z)).toBeLessThanOrEqual((1 - prior) * (1 + 1e-9))
      }),
      {numRuns: 2000},
    )
  })

  it('never falls with the trials it was chosen from', () => {
    fc.assert(
      fc.property(evidence, ({g3, extra, T, trials, truth, z, step, prior}) => {
        const of = (N: number): number =>
          posteriorFalseDiscovery({sr: z / Math.sqrt(T), T, g3, g4: 1.1 + g3 ** 2 + extra}, prior, truth, N)
        expect(of(trials + step)).toBeGreaterThanOrEqual(of(trials) * (1 - 1e-9))
      }),
      {numRuns: 1000},
    )
  })

  it('of a daily Sharpe of 3.7 a year among 15.4 trials lies below the 95 % it began with', () => {
    const seen = {sr: 3.7 / Math.sqrt(365), T: 300, g3: 0, g4: 3}
    const alone = posteriorFalseDiscovery(seen, 0.05, 1.5 / Math.sqrt(365))
    const best = posteriorFalseDiscovery(seen, 0.05, 1.5 / Math.sqrt(365), 15.4)
    expect(alone).toBeLessThan(best)
    expect(best).toBeLessThan(0.95)
  })

  it('is almost nothing for overwhelming evidence, and never not a number', () => {
    expect(posteriorFalseDiscovery({sr: 2, T: 5000, g3: 0, g4: 3}, 0.05, 0.05)).toBe(0)
  })
})
