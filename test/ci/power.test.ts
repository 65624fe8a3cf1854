import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {type PowerInput, powerPlan} from '../../src/cognition/gauntlet/power-plan.ts'
import {vaultAlpha} from '../../src/cognition/gauntlet/vault-alpha.ts'
import {minBacktestYears} from '../../src/cognition/statistics/min-backtest-length.ts'
import {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {YEAR_MS} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletPower} from '../../src/operations/gauntlet-power.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {deskAt, ideaText, workspace} from '../gauntlet/workspace.ts'

const CONFIG = GauntletConfig.schema.parse(
  parse(readFileSync(new URL('../../configs/gauntlet.yaml', import.meta.url), 'utf8')),
)
const input = (over: Partial<PowerInput> = {}): PowerInput => ({
  ...{spent: 0, grid: 40, rebalances: 1460, researchYears: 4, vaultYears: 1.5, srTarget: 2},
  ...{vaultFrom: 4 * YEAR_MS, spanFrom: 0, windowFrom: 0, gapMs: 0, maxVaultShare: 0.5, policy: 'keep'},
  history: {attempts: 0, passes: 0, familyAttempt: 0},
  ...over,
})

describe('what data can decide', () => {
  it('gives the published power of a vault', () => {
    // gauntlet.md: the vault alone at one-sided 2.5 %, SR 1: 1 y .17, 2 y .29, 5 y .61; SR 2: .52, .81, .99.
    for (const [srTarget, vaultYears, expected] of [
      [1, 1, 0.17],
      [1, 2, 0.29],
      [1, 5, 0.61],
      [2, 1, 0.52],
      [2, 2, 0.81],
      [2, 5, 0.99],
    ] as const) {
      // The first attempt of policy keep costs .02; retire-on-pass asks at .025.
      const {attempts} = powerPlan(input({srTarget, vaultYears, policy: 'retire-on-pass'}), CONFIG)
      expect(attempts[0]!.alpha).toBeCloseTo(0.025, 12)
      expect(attempts[0]!.power).toBeCloseTo(expected, 2)
    }
  })

  it('pays for 45 independent trials with five years', () => {
    // Bailey et al. (2014): five years, 45 trials, target Sharpe 1.
    const {scenarios} = powerPlan(input({researchYears: 5, spent: 0}), CONFIG)
    expect(scenarios[0]).toMatchObject({correlation: 0, affordableGrid: 45, isEnough: true})
    expect(powerPlan(input({researchYears: 5, spent: 44}), CONFIG).scenarios[0]!.affordableGrid).toBe(1)
  })

  it('is monotone: more trials never help, more years never hurt', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 2000}),
        fc.integer({min: 0, max: 2000}),
        fc.double({min: 0.1, max: 12, noNaN: true}),
        fc.double({min: 0.1, max: 6, noNaN: true}),
        (grid, spent, researchYears, vaultYears) => {
          const plan = powerPlan(input({grid, spent, researchYears, vaultYears}), CONFIG)
          const more = powerPlan(input({grid: grid + 1, spent, researchYears, vaultYears}), CONFIG)
          const longer = powerPlan(input({grid, spent, researchYears: researchYears + 1, vaultYears}), CONFIG)
          expect(more.chanceOfInsufficient).toBeGreaterThanOrEqual(plan.chanceOfInsufficient - 1e-12)
          expect(longer.chanceOfInsufficient).toBeLessThanOrEqual(plan.chanceOfInsufficient + 1e-12)
          plan.scenarios.forEach((one, k) => {
            expect(one.detectableSharpe!).toBeLessThanOrEqual(more.scenarios[k]!.detectableSharpe! + 1e-12)
            // The grid it calls affordable is, and one point more is not.
            const last = one.affordableGrid
            if (last === null || last === 0) return
            const needs = (n: number): number => {
              const N = spent + n
              return minBacktestYears(N === 1 ? 1 : Math.max(2, 1 + (1 - one.correlation) * (N - 1)), 1)
            }
            expect(needs(last)).toBeLessThanOrEqual(researchYears + 1e-6)
            expect(needs(last + 1)).toBeGreaterThan(researchYears - 1e-6)
          })
        },
      ),
      {numRuns: 15},
    )
  })

  it('says the chance that a simulation of what is unknown has', () => {
    const random = new Random('power')
    const {chanceOfInsufficient} = powerPlan(input({rebalances: 300}), CONFIG)
    let short = 0
    const draws = 4000
    for (let k = 0; k < draws; k++) {
      const effective = Math.max(2, 1 + (1 - random.unit()) * 39)
      if (minBacktestYears(effective, 1) > 4 || random.unit() * 300 < 100) short++
    }
    expect(Math.abs(short / draws - chanceOfInsufficient)).toBeLessThan(0.03)
    expect(powerPlan(input({vaultYears: 0.5}), CONFIG).chanceOfInsufficient).toBe(1)
  })

  it('tells dates at the level of its own table: a vault planned on that day has that power', () => {
    const plan = powerPlan(input({srTarget: 1.5}), CONFIG)
    for (const [date, power] of [
      [plan.decides.halfPower, 0.5],
      [plan.decides.eightyPower, 0.8],
    ] as const) {
      const vaultYears = (0.5 * Date.parse(date)) / YEAR_MS
      expect(powerPlan(input({srTarget: 1.5, vaultYears}), CONFIG).attempts[0]!.power).toBeCloseTo(power, 2)
    }
    // Stage 4 asks for half power at 2.5 %, and the first attempt of policy keep costs 2 %.
    expect(plan.decides.stageFour < plan.decides.halfPower).toBe(true)
  })

  it('calls a row enough under the condition that its chance is about', () => {
    const {labels, chanceOfInsufficient, scenarios} = powerPlan(input({rebalances: 215, grid: 2}), CONFIG)
    expect(labels).toEqual({needed: 100, share: 100 / 215})
    expect(scenarios.every(({isEnough}) => isEnough)).toBe(true)
    expect(chanceOfInsufficient).toBeCloseTo(labels.share, 12)
  })

  it('has a date, and not a table, where no research is left before the vault', () => {
    const none = input({rebalances: 0, researchYears: 0, rebalancesPerYear: 365, vaultYears: 0.2})
    for (const {decidesOn} of powerPlan(none, CONFIG).scenarios) expect(decidesOn).toMatch(/^\d{4}-\d\d-\d\d$/)
  })

  it('asks the next attempts at the levels that are left', () => {
    const history = {attempts: 2, passes: 0, familyAttempt: 4}
    const {attempts} = powerPlan(input({history}), CONFIG)
    expect(attempts.map(({attempt}) => attempt)).toEqual([5, 6, 7])
    expect(attempts[0]!.alpha).toBe(vaultAlpha(history, 'keep', 0.05).alpha)
    // .04 / 30 = .00133, z = 3.004; 2 √1.5 = 2.449: half a standard deviation short.
    expect(attempts[0]!.power).toBeCloseTo(0.29, 2)
  })
})

describe('qo gauntlet power', () => {
  let [root, remove] = ['', () => {}]
  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 5 * 365, assets: 8, edge: 0, seed: 'power'}))
    writeFileSync(join(root, 'hypotheses/idea.yaml'), ideaText('idea', {gauntlet: '{sr_target: 1.5}'}))
    writeFileSync(
      join(root, 'hypotheses/wide.yaml'),
      ideaText('wide', {universe: '{from: [A0, A1], min_assets: 9}', params: '{n: [1, 2, 3]}'}),
    )
  })
  afterAll(() => remove())

  it('tells window, vault and grid, and leaves ledger and vaults as they were', async () => {
    const before = readFileSync(join(root, 'configs/vaults.yaml'), 'utf8')
    const {power, paths, ok} = await gauntletPower(await deskAt(root), 'idea')
    expect(ok).toBe(true)
    expect(power.trials).toEqual({spent: 0, grid: 3, family: ['idea']})
    expect(power.vault).toMatchObject({id: 'V-sim-202012', to: '2020-12-30T00:00:00.000Z', isSealed: false})
    expect(power.vault.years).toBeCloseTo((1.96 / 1.5) ** 2, 2)
    expect(power.window).toMatchObject({venue: 'sim', assets: 8})
    expect(Date.parse(power.window.to)).toBeLessThan(Date.parse(power.vault.from))
    expect(paths).toEqual(['reports/gauntlet/idea/power.json', 'reports/gauntlet/idea/power.svg'])
    expect(readFileSync(join(root, paths[1]!), 'utf8')).toContain('<svg')
    expect(readFileSync(join(root, 'configs/vaults.yaml'), 'utf8')).toBe(before)
    expect((await openLedger(await deskAt(root))).entries).toEqual([])
    expect(existsSync(join(root, 'data/journal/vault-access.jsonl'))).toBe(false)
    const text = readFileSync(join(root, paths[0]!), 'utf8')
    await gauntletPower(await deskAt(root), 'idea')
    expect(readFileSync(join(root, paths[0]!), 'utf8')).toBe(text)
  })

  it('has the window that the gauntlet then judges', async () => {
    const {power} = await gauntletPower(await deskAt(root), 'idea')
    const copy = await workspace({days: 5 * 365, assets: 8, edge: 0, seed: 'power'})
    writeFileSync(join(copy.root, 'hypotheses/idea.yaml'), ideaText('idea', {gauntlet: '{sr_target: 1.5}'}))
    const {verdicts} = await gauntlet(await deskAt(copy.root), {files: ['idea'], all: false})
    copy.remove()
    const {window} = verdicts[0]!
    expect(window!.from).toBe(power.window.from)
    expect(window!.assets).toBe(power.window.assets)
    expect(Math.abs(window!.years - power.window.years)).toBeLessThan(0.1)
  }, 60_000)

  it('says so when there is no window at all', async () => {
    const {power, ok} = await gauntletPower(await deskAt(root), 'wide')
    expect([ok, power.window.years, power.chanceOfInsufficient]).toEqual([false, 0, 1])
    for (const {isEnough, decidesOn} of power.scenarios) {
      expect(isEnough).toBe(false)
      expect(decidesOn).toMatch(/^\d{4}-\d\d-\d\d$/)
    }
  })

  it('needs a history', async () => {
    const empty = await workspace(null)
    writeFileSync(join(empty.root, 'hypotheses/idea.yaml'), ideaText('idea'))
    await expect(gauntletPower(await deskAt(empty.root), 'idea')).rejects.toMatchObject({
      ...{code: 'power.no_history', exitCode: 4},
    })
    empty.remove()
  })
})
