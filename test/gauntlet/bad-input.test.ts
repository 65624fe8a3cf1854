import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {judgeHypothesis} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {runStages} from '../../src/cognition/gauntlet/run-stages.ts'
import {type Statistics, statisticalStages} from '../../src/cognition/gauntlet/statistical-stages.ts'
import {Stage} from '../../src/contracts/gauntlet.ts'
import type {InputName, Panel} from '../../src/contracts/panel.ts'
import {DAY_MS} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {CONFIG as SHIPPED} from './noise-families.ts'
import {caseOf, docket, hypothesis, smallMarket, years} from './small-market.ts'
import {deskAt, ideaText, workspace} from './workspace.ts'

const CONFIG = {
  ...SHIPPED,
  lookahead: {...SHIPPED.lookahead, cuts: 16, scramble_cuts: 2},
  edge: {...SHIPPED.edge, permutations: 60},
}

/** Stages 4 to 7 on a matrix of returns, as nothing before them would let it through. */
function statistics(net: readonly Float64Array[], over: Partial<Statistics> = {}) {
  const T = net[0]?.length ?? 0
  const sufficiency = {
    ...{nEff: 500, researchYears: 9, vaultYears: 9, vaultFrom: 0, srTarget: 3, nextAlpha: 0.02},
    ...{spanFrom: 0, windowFrom: 0, gapMs: 0, maxVaultShare: 0.5},
  }
  const input: Statistics = {
    ...{net, excess: net, candidate: 0, N: net.length, blockLength: 2, labelHorizonBars: 1, gapBars: 2},
    ...{worstAdverseMove: 0.1, benchmark: 'none', periodsPerYear: 365, barMs: DAY_MS, windowFrom: 0},
    seedOf: (stage) => `bad input|${stage}|${T}`,
    ...over,
  }
  return runStages(statisticalStages(input, sufficiency, CONFIG, true), true)
}
const noise = (T: number, K: number, drift = 0.002): Float64Array[] => {
  const random = new Random(`noise ${T} ${K}`)
  return Array.from({length: K}, () => Float64Array.from({length: T}, () => drift + 0.01 * random.normal()))
}

describe('a matrix of returns that is none', () => {
  it.each([
    ['constant columns', Array.from({length: 3}, () => new Float64Array(600).fill(0.01))],
    ['columns of zeros', Array.from({length: 3}, () => new Float64Array(600))],
    ['a column with a hole', noise(600, 3).map((column, k) => (k === 1 ? column.with(300, Number.NaN) : column))],
    ['an infinite return', noise(600, 3).map((column) => column.with(10, Number.POSITIVE_INFINITY))],
    ['columns of different lengths', noise(600, 3).map((column, k) => column.subarray(0, 600 - k))],
    ['49 bars', noise(49, 3)],
    ['one bar', noise(1, 3)],
    ['no bar', noise(0, 3)],
    ['a candidate that never trades beside others that do', [new Float64Array(600), ...noise(600, 2)]],
  ])('is never ELIGIBLE: %s', (_, net) => {
    const {verdict, stages} = statistics(net)
    expect(['FAIL', 'INSUFFICIENT', 'INVALID', 'ERROR']).toContain(verdict)
    for (const stage of stages) {
      expect(Stage.parse(stage)).toEqual(stage)
      expect(stage.sentence).not.toMatch(/at .*\.ts:|TypeError|RangeError|undefined/)
    }
  })

  it('is never ELIGIBLE whatever a few bars hold, and never breaks the record', () => {
    const cell = fc.oneof(fc.constantFrom(0, Number.NaN, Infinity, -1, 1e300, -1e300, 5e-324), fc.double())
    fc.assert(
      fc.property(fc.array(fc.array(cell, {minLength: 59, maxLength: 59}), {minLength: 1, maxLength: 3}), (rows) => {
        const {verdict, stages} = statistics(rows.map((row) => Float64Array.from(row)))
        expect(verdict).not.toBe('ELIGIBLE')
        for (const stage of stages) expect(Stage.parse(stage)).toEqual(stage)
      }),
      {numRuns: 30},
    )
  })
})

describe('what is small and still valid', () => {
  it('is judged as a grid of one: nothing to overfit, nothing hidden', () => {
    const {stages} = statistics(noise(1500, 1, 0.003))
    const overfitting = stages.find(({id}) => id === 7)!
    expect(overfitting.verdict).toBe('PASS')
    expect(overfitting.checks.map(({name, value}) => [name, value])).toEqual(
      expect.arrayContaining([
        ['CSCV', 'not applicable'],
        ['purged paths (CPCV)', 'not applicable'],
      ]),
    )
    expect(stages.find(({id}) => id === 6)!.verdict).toBe('PASS')
  })

  it('never rewards returns that turn around: a negative long-run variance counts as none', () => {
    const random = new Random('bounce')
    const shocks = Float64Array.from({length: 1501}, () => 0.01 * random.normal())
    // A moving average with −0.95: autocovariances nearly cancel the variance, and t would be without bound.
    const turning = Float64Array.from({length: 1500}, (_, t) => 0.0002 + shocks[t + 1]! - 0.95 * shocks[t]!)
    const t = statistics([turning]).stages.find(({id}) => id === 5)!.checks[0]!
    const naive = (0.0002 / 0.0138) * Math.sqrt(1500)
    expect(t.value as number).toBeLessThan(2 * naive)
    expect(t.pass).toBe(false)
  })

  it('leaves no fold without training: a label that lives longer than the history is INSUFFICIENT', () => {
    const {stages} = statistics(noise(200, 4), {labelHorizonBars: 90, gapBars: 90})
    const overfitting = stages.find(({id}) => id === 7)!
    expect(['INSUFFICIENT', 'FAIL']).toContain(overfitting.verdict)
    const folds = overfitting.checks.find(({name}) => name === 'bars for purged paths')!
    expect(folds.pass).toBe(false)
  })
})

describe('a market that is none', () => {
  const market = smallMarket({days: years(3), assets: 5, edge: 0.1, seed: 'bad input'})
  const busy = hypothesis({signal: 'ts_mean(log(volume), $n)', params: {n: [1, 2]}, primary: {n: 1}})
  const judge = (panel: Panel, over = {}) => {
    const opened = caseOf(busy, panel)
    return judgeHypothesis(opened, docket(opened, over), CONFIG, true)
  }
  const withSeries = (change: (name: InputName, column: Float64Array, a: number) => Float64Array): Panel => ({
    ...market,
    series: new Map([...market.series].map(([name, columns]) => [name, columns.map((c, a) => change(name, c, a))])),
  })
  const prices: readonly InputName[] = ['open', 'high', 'low', 'close']

  it.each([
    ['prices that never move', withSeries((name, column) => (prices.includes(name) ? column.map(() => 100) : column))],
    ['volume that never moves', withSeries((name, column) => (name === 'volume' ? column.map(() => 1e6) : column))],
    ['no volume at all', withSeries((name, column) => (name === 'volume' ? column.map(() => 0) : column))],
    ['one asset for all', withSeries((name) => market.series.get(name)![0]!)],
    [
      'prices of a millionth of a millionth',
      withSeries((name, c) => (prices.includes(name) ? c.map((x) => x * 1e-12) : c)),
    ],
  ])('is refused with a sentence: %s', (_, panel) => {
    const {verdict, stages, sentence} = judge(panel)
    expect(['FAIL', 'INSUFFICIENT', 'INVALID', 'ERROR']).toContain(verdict)
    expect(sentence).not.toMatch(/undefined|NaN|TypeError/)
    for (const stage of stages) expect(Stage.parse(stage)).toEqual(stage)
  })

  it('has no research before a vault that begins where history does', () => {
    const empty: Panel = {
      ...market,
      ts: market.ts.subarray(0, 0),
      series: new Map([...market.series].map(([name, columns]) => [name, columns.map((c) => c.subarray(0, 0))])),
      state: market.state.map((column) => column.subarray(0, 0)),
      availableAt: market.availableAt.map((column) => column.subarray(0, 0)),
    }
    expect(judge(empty)).toMatchObject({verdict: 'INSUFFICIENT', failedStage: 1})
  })
})

describe('qo gauntlet where something else is wrong', () => {
  let [root, remove] = ['', () => {}]
  const run = async () => gauntlet(await deskAt(root), {files: ['volume'], all: false})
  const edit = (path: string, change: (text: string) => string): (() => void) => {
    const before = readFileSync(join(root, path), 'utf8')
    const after = change(before)
    expect(after).not.toBe(before)
    writeFileSync(join(root, path), after)
    return () => writeFileSync(join(root, path), before)
  }

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 3 * 365, assets: 5, edge: 0, seed: 'bad input'}))
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
  })
  afterAll(() => remove())

  it('names the costs file that is missing, and a venue that it has no costs for', async () => {
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume', {costs: 'configs/nowhere.yaml'}))
    await expect(run()).rejects.toMatchObject({code: 'file.missing', what: expect.stringContaining('nowhere')})
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    const restore = edit('configs/costs.yaml', (text) => text.replace(/^ {2}sim:$/m, '  elsewhere:'))
    await expect(run()).rejects.toMatchObject({code: 'costs.venue_missing'})
    restore()
  })

  it('finishes two runs at once with one chain and every trial counted', async () => {
    const twice = await Promise.allSettled([run(), run()])
    const done = twice.flatMap((one) => (one.status === 'fulfilled' ? [one.value.verdicts[0]!] : []))
    expect(done.length).toBeGreaterThan(0)
    for (const {verdict} of done) expect(verdict).toBe('FAIL')
    for (const one of twice) if (one.status === 'rejected') expect(one.reason).toMatchObject({code: expect.any(String)})
    const {entries} = await openLedger(await deskAt(root))
    expect(entries.filter(({kind}) => kind === 'run').length).toBeGreaterThan(0)
    // The same configuration twice is one trial, however often it was run.
    expect((await run()).verdicts[0]!.trials.N).toBe(3)
  })

  it('is void when the vault it names is none of its venue, or was moved into what research has read', async () => {
    const text = ideaText('volume', {gauntlet: '{vault: V-nowhere-202001}'})
    writeFileSync(join(root, 'hypotheses/volume.yaml'), text)
    expect((await run()).verdicts[0]).toMatchObject({verdict: 'INVALID', failedStage: 0})
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
  })

  it('is void when its vault was still open at the registration', async () => {
    const restore = edit('configs/vaults.yaml', (text) => text.replace(/end: .*/, 'end: 2031-01-01T00:00:00.000Z'))
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume', {params: '{n: [1, 2]}'}))
    expect((await run()).verdicts[0]).toMatchObject({verdict: 'INVALID', failedStage: 0})
    restore()
  })
})
