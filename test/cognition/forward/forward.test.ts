import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {LADDER, rungFor} from '../../../src/cognition/forward/capital-ladder.ts'
import {forwardDays} from '../../../src/cognition/forward/forward-days.ts'
import {readForward} from '../../../src/cognition/forward/monitor.ts'
import {PAPER_DAYS, paperRecord} from '../../../src/cognition/forward/paper-record.ts'
import {GauntletConfig} from '../../../src/contracts/gauntlet.ts'
import {DAY_MS, dayOf, HOUR_MS} from '../../../src/kernel/instant.ts'
import {Random} from '../../../src/kernel/random.ts'

const config = GauntletConfig.schema.parse(
  parse(readFileSync(new URL('../../../configs/gauntlet.yaml', import.meta.url), 'utf8')),
).monitor
// Fewer draws for the drawdown quantile: its value is not what these tests are about.
const fast = {...config, drawdown_draws: 200}

describe('the days of a run', () => {
  const hours = (count: number, from: number) => {
    const ts = Float64Array.from({length: count}, (_, t) => from + t * HOUR_MS)
    const each = (value: number): Float64Array => new Float64Array(count).fill(value)
    const parts = {fees: each(0.001), spread: each(0.002), lag: each(0.003), impact: each(0.004), funding: each(0.005)}
    return {ts, barMs: HOUR_MS, ...parts, gross: each(0.1), net: each(0.085), turnover: each(0.5), exposure: each(1)}
  }

  it('are whole ones only: the first begins at its midnight, the last has closed', () => {
    const run = hours(60, 12 * HOUR_MS)
    const days = forwardDays(run, DAY_MS, 60 * DAY_MS)
    expect(days.map(({day, bars}) => [day, bars])).toEqual([
      ['1970-01-02', 24],
      ['1970-01-03', 24],
    ])
    expect(forwardDays(run, DAY_MS, 3 * DAY_MS - 1)).toHaveLength(1)
  })

  it('add up: net is gross minus costs minus funding', () => {
    for (const {net, gross, costs, funding, turnover, exposure} of forwardDays(hours(48, 0), 0, 2 * DAY_MS)) {
      expect(gross - costs - funding).toBeCloseTo(net, 12)
      expect([turnover, exposure]).toEqual([12, 1])
    }
  })

  it('leave no day out: one without bars is a day without return', () => {
    const run = hours(48, 0)
    for (let t = 24; t < 48; t++) run.ts[t]! += DAY_MS
    const days = forwardDays(run, 0, 3 * DAY_MS)
    expect(days.map(({day, bars, net}) => [day, bars, net === 0])).toEqual([
      ['1970-01-01', 24, false],
      ['1970-01-02', 0, true],
      ['1970-01-03', 24, false],
    ])
  })
})

describe('the capital ladder', () => {
  it('is 0, 10, 25, 50 and 100 % at paper, its record, and e-values of 3, 8 and 20', () => {
    const shares = [0, 2.99, 3, 7.99, 8, 19.99, 20, 1e6].map((e) => rungFor({paperDone: true, e, warned: false}).share)
    expect(shares).toEqual([0.1, 0.1, 0.25, 0.25, 0.5, 0.5, 1, 1])
    expect(rungFor({paperDone: false, e: 1e6, warned: false})).toMatchObject({to: 'validated', share: 0})
  })

  it('is one rung lower while a monitor warns, and never below the first', () => {
    fc.assert(
      fc.property(fc.double({min: 0, max: 100, noNaN: true}), fc.boolean(), (e, paperDone) => {
        const [calm, warned] = [false, true].map((on) => LADDER.indexOf(rungFor({paperDone, e, warned: on})))
        expect(warned).toBe(Math.max(0, calm! - 1))
      }),
      {numRuns: 50},
    )
  })
})

describe('the paper record', () => {
  const cycle = (day: number, over: Record<string, unknown> = {}) => ({
    ...{
      cycle: `c${day}`,
      as_of: `${dayOf(day * DAY_MS)}T00:00:00.000Z`,
      mode: 'paper' as const,
      state: 'done' as const,
    },
    ...{traded: 1, vetoed: 0, notional_usd: 100, cost_bps: 5 + (day % 3), model_bps: 6, differences: 0, ...over},
  })
  const cycles = (count: number) => Array.from({length: count}, (_, day) => cycle(day))

  it('is done after twenty clean days at the cost of the model', () => {
    expect(paperRecord(cycles(PAPER_DAYS))).toMatchObject({cleanDays: 20, done: true})
    expect(paperRecord(cycles(PAPER_DAYS - 1))).toMatchObject({
      cleanDays: 19,
      done: false,
      because: '19 of 20 clean paper days',
    })
  })

  it.each([
    ['a veto', {vetoed: 1}],
    ['a difference', {differences: 1}],
    ['a cycle that was stopped', {state: 'stopped' as const}],
  ])('does not count a day with %s, whatever else happened on it', (_, over) => {
    expect(paperRecord([...cycles(PAPER_DAYS), cycle(3, over)]).cleanDays).toBe(19)
  })

  it('is not done while cost is above the model by more than chance, or was never measured', () => {
    const dear = cycles(PAPER_DAYS).map((one) => ({...one, cost_bps: one.cost_bps + 4}))
    expect(paperRecord(dear)).toMatchObject({done: false, because: expect.stringContaining('above the model')})
    const idle = cycles(PAPER_DAYS).map((one) => ({...one, state: 'nothing' as const, cost_bps: null}))
    expect(paperRecord(idle)).toMatchObject({done: false, because: 'no realised cost to compare with the model'})
  })
})

const spread = (x: Float64Array): number => {
  const centre = x.reduce((sum, r) => sum + r, 0) / x.length
  return Math.sqrt(x.reduce((sum, r) => sum + (r - centre) ** 2, 0) / (x.length - 1))
}

describe('the monitors of a forward record', () => {
  const normal = (seed: string, count: number, mean: number): Float64Array => {
    const random = new Random(seed)
    return Float64Array.from({length: count}, () => mean + 0.01 * random.normal())
  }
  const days = (net: Float64Array) =>
    Array.from(net, (value, t) => ({
      ...{day: dayOf(t * DAY_MS), net: value, gross: value, costs: 0, funding: 0, turnover: 0, exposure: 1, bars: 1},
    }))
  const sharpe = (annual: number): number => (annual / Math.sqrt(365)) * 0.01
  const research = normal('research', 1000, sharpe(2))
  const read = (seed: string, count: number, mean: number) =>
    readForward(days(normal(seed, count, mean)), {research, srTarget: 2}, fast, new Random(seed))

  it('do not hold an edge to the luck of its research: the declared Sharpe is the claim when it is smaller', () => {
    const lucky = readForward([], {research, srTarget: 1}, fast, new Random('lucky'))
    expect(lucky.claimed_mean_annual).toBeCloseTo(spread(research) * Math.sqrt(365), 9)
    const modest = readForward([], {research, srTarget: 9}, fast, new Random('modest'))
    expect(modest.claimed_mean_annual).toBeCloseTo((research.reduce((sum, r) => sum + r, 0) / research.length) * 365, 9)
  })

  it('spare an edge that goes on: about as many alarm in three years as the CUSUM promises', () => {
    const alarms = Array.from({length: 60}, (_, i) => read(`alive ${i}`, 1095, sharpe(2)).alarm).filter(Boolean)
    // False alarms twenty years apart on average: 1 − e^(−3/20) = 14 % of three-year records have one, ± 4.5 % of 60.
    expect(alarms.length / 60).toBeLessThan(0.14 + 3 * 0.045)
  })

  it('warn of an edge that is gone before they end it: most of them within two years', () => {
    const readings = Array.from({length: 40}, (_, i) => read(`gone ${i}`, 730, 0))
    expect(readings.filter(({alarm, warning}) => (alarm ?? warning) !== null).length).toBeGreaterThanOrEqual(30)
    expect(readings.filter(({alarm}) => alarm === null).some(({warning}) => warning !== null)).toBe(true)
  })

  it('alarm when the edge has turned, most of them within a year', () => {
    const alarms = Array.from({length: 30}, (_, i) => read(`dead ${i}`, 365, -sharpe(2)).alarm).filter(Boolean)
    expect(alarms.length).toBeGreaterThanOrEqual(27)
  })

  it('name what alarmed, the day of the CUSUM and the numbers', () => {
    const crash = Float64Array.from([...normal('before', 30, 0), ...Array(40).fill(-0.02)])
    const {alarm, cusum, drawdown} = readForward(days(crash), {research, srTarget: 2}, fast, new Random('crash'))
    expect(alarm).toContain('CUSUM above')
    expect(alarm).toContain('drawdown')
    expect((cusum?.alarm_day ?? '') > dayOf(30 * DAY_MS)).toBe(true)
    expect(drawdown!.worst).toBeGreaterThan(drawdown!.kills)
  })

  it('read the same twice, and have nothing to say before the first day', () => {
    expect(read('twice', 200, 0)).toEqual(read('twice', 200, 0))
    expect(readForward([], {research, srTarget: 2}, fast, new Random('none'))).toMatchObject({
      ...{days: 0, mean_annual: null, sharpe_annual: null, e_forward: 1, e_kill: 1, alarm: null, warning: null},
    })
  })

  it('test no claim where none is stored, and are void after a loss that nobody thought possible', () => {
    const free = readForward(days(normal('free', 100, 0)), {research: [], srTarget: 2}, fast, new Random('free'))
    expect(free).toMatchObject({e_kill: null, cusum: null, drawdown: null, alarm: null})
    const ruin = readForward(
      days(Float64Array.from([...normal('ruin', 50, 0.004), -0.6])),
      {research: [], srTarget: 2},
      fast,
      new Random('ruin'),
    )
    expect(ruin).toMatchObject({e_forward: 0, alarm: expect.stringContaining('bound')})
  })
})
