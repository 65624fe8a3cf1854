import {describe, expect, it} from 'vitest'
import {
  type PermutationJob,
  permutationDraws,
  scoresAsItWas,
} from '../../src/cognition/gauntlet/permutation/permutation-draws.ts'
import {permutationGates} from '../../src/cognition/gauntlet/permutation/permutation-gates.ts'
import {
  type DrawSource,
  onThisThread,
  permutationTest,
} from '../../src/cognition/gauntlet/permutation/permutation-test.ts'
import {permutationsOf} from '../../src/cognition/gauntlet/permutation/permutations-of.ts'
import {judgeEdge} from '../../src/cognition/gauntlet/stages/05-edge.ts'
import type {Panel} from '../../src/contracts/panel.ts'
import {CONFIG} from './noise-families.ts'
import {caseOf, hypothesis, smallMarket} from './small-market.ts'

const volume = {signal: 'ts_mean(log(volume), $n)', params: {n: [1, 2, 3]}, primary: {n: 2}}
const past = {signal: 'returns(close, $n)', params: {n: [1, 2, 4, 8]}, primary: {n: 2}}
const edged = smallMarket({days: 400, assets: 6, edge: 0.3, seed: 'permuted edge'})
const noise = (seed: string): Panel => smallMarket({days: 400, assets: 6, edge: 0, seed})
const LIMITS = {...CONFIG.edge, max_permutation_p: 0.05, permutations: 80}

const permutations = (over: Record<string, unknown>, panel: Panel, source: DrawSource = onThisThread) =>
  permutationsOf(caseOf(hypothesis(over), panel), 'qo-gauntlet|v1|test|stage:edge', source)
const jobOf = (over: Record<string, unknown>, panel: Panel, seed = 's'): PermutationJob => ({
  ...permutations(over, panel).job,
  block: 1,
  seed,
})

describe('the permutation test', () => {
  it('lets a planted edge through and says by how much', () => {
    const found = permutationTest(jobOf(volume, edged), 1, {alpha: 0.05, draws: 80}, onThisThread)
    expect(found).toMatchObject({exceedances: 0, draws: 80, p: 1 / 81})
    expect(found.declared).toBeLessThanOrEqual(found.best)
    expect(found.declaredP).toBeLessThan(0.05)
  })

  it('stops a clear failure after a few draws', () => {
    const found = permutationTest(jobOf(past, noise('nothing')), 1, {alpha: 0.01, draws: 1000}, onThisThread)
    expect([found.stop, found.draws < 200, found.p > 0.01]).toEqual(['above', true, true])
  })

  it('passes a market without memory as rarely as it says', () => {
    const p = Array.from({length: 40}, (_, i) => {
      const job = jobOf(past, smallMarket({days: 150, assets: 4, edge: 0, seed: `null ${i}`}), `null ${i}`)
      const [best, draw] = [Math.max(...scoresAsItWas(job)), permutationDraws(job)]
      return (1 + Array.from({length: 19}, (_, n) => draw(n)).filter((score) => score >= best).length) / 20
    })
    const mean = p.reduce((a, b) => a + b, 0) / p.length
    // Uniform on 1/20 … 1: mean 0.525, standard error of 40 of them 0.046.
    expect(Math.abs(mean - 0.525)).toBeLessThan(0.14)
    expect(p.filter((value) => value <= 0.05).length).toBeLessThanOrEqual(7)
  })

  it('draws four times as many near its threshold, and counts those it has', () => {
    const asked: number[] = []
    // Reached by every 50th draw: a p of 0.02 at a threshold of 0.02.
    const source: DrawSource = () => ({at: (n) => (asked.push(n) % 50 === 1 ? 9 : -9), close: () => {}})
    const found = permutationTest(jobOf(volume, edged), 0, {alpha: 0.02, draws: 100}, source)
    // The eighth that reaches it is number 351; of 401, more than seven are too many.
    expect([found.draws, found.exceedances]).toEqual([351, 8])
    expect(asked).toEqual(Array.from(Array(351).keys()))
  })

  it('gives draw n the same score whatever was drawn before it', () => {
    const [once, again] = [permutationDraws(jobOf(past, edged)), permutationDraws(jobOf(past, edged))]
    const scores = [0, 1, 2, 3].map(once)
    expect([3, 1, 0, 2].map(again)).toEqual([scores[3], scores[1], scores[0], scores[2]])
    expect(new Set(scores).size).toBe(4)
  })

  it('searches the grid anew: more points find more in the same noise', () => {
    const panel = noise('search')
    const job = jobOf(past, panel)
    const [narrow, wide] = [permutationDraws({...job, grid: [{n: 2}]}), permutationDraws(job)]
    for (let n = 0; n < 10; n++) expect(wide(n)).toBeGreaterThanOrEqual(narrow(n) - 1e-12)
  })
})

describe('its gates in stage 5', () => {
  const gatesOf = (over: Record<string, unknown>, panel: Panel, blockLength: number, all = false) =>
    permutationGates({...permutations(over, panel), blockLength}, LIMITS, (bars) => `day ${bars}`, all)

  it('ask for bars and for blocks', () => {
    const gates = gatesOf(volume, edged, 5)
    expect(gates.map(({check}) => [check.name, check.pass])).toEqual([
      ['blocks to put in another order', true],
      ['permutation p, bars', true],
      ['permutation p, blocks of 5', true],
    ])
    expect(gates[1]!.check.note).toContain('MC error')
  })

  it('do not pay for blocks once bars have failed', () => {
    const gates = gatesOf(past, noise('nothing'), 5)
    expect(gates.map(({check}) => [check.name, check.pass])).toEqual([['permutation p, bars', false]])
    expect(gates[0]!.because).toContain('The best of 4 points looks this good in')
    expect(gatesOf(past, noise('nothing'), 5, true).length).toBe(3)
  })

  it('say INSUFFICIENT when there are too few blocks to put in another order', () => {
    const [gate, ...rest] = gatesOf(volume, edged, 200)
    expect([gate!.otherwise, gate!.check.pass, gate!.decidesOn, rest]).toEqual(['INSUFFICIENT', false, 'day 1200', []])
  })

  it('are not asked after a cheaper check has failed, and are named where there are no bars', () => {
    const flat = {
      net: Float64Array.from({length: 200}, (_, t) => (t % 2 === 0 ? 0.01 : -0.01)),
      ...{labelHorizonBars: 1, worstAdverseMove: 0.05, periodsPerYear: 365, windowFrom: 0, barMs: 1, seed: 's'},
    }
    const never = () => {
      throw new Error('asked')
    }
    const skipped = judgeEdge({...flat, permutations: never, all: false}, LIMITS).stage
    expect(skipped.checks.find(({name}) => name === 'permutation p')).toMatchObject({value: 'not asked', gate: false})
    expect([skipped.verdict, skipped.notRun]).toEqual(['FAIL', []])
    const imported = judgeEdge({...flat, permutations: null, all: false}, LIMITS).stage
    expect(imported.notRun).toEqual([expect.stringContaining('MCPT')])
    expect(imported.checks.some(({name}) => name.startsWith('permutation'))).toBe(false)
  })
})
