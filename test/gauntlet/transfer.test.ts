import {describe, expect, it} from 'vitest'
import {judgeHypothesis} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {transferGates} from '../../src/cognition/gauntlet/transfer-gates.ts'
import type {InputName, Panel} from '../../src/contracts/panel.ts'
import {Random} from '../../src/kernel/random.ts'
import {CONFIG as SHIPPED} from './noise-families.ts'
import {caseOf, docket, hypothesis, smallMarket, years} from './small-market.ts'

const market = smallMarket({days: years(5), assets: 8, edge: 0.12, seed: 'market with an edge'})
const opened = caseOf(hypothesis({signal: 'ts_mean(log(volume), $n)', params: {n: [1, 2]}, primary: {n: 2}}), market)
const own = opened.runs[opened.primary]!
const first = opened.evidence.bars.from
const judge = (trading: Panel | null) =>
  judgeHypothesis(
    {...opened, trading},
    docket(opened),
    {...SHIPPED, lookahead: {...SHIPPED.lookahead, cuts: 16, scramble_cuts: 2}},
    false,
  )

/** Another venue on the same coins: its own names, a basis that wanders by so much, and its own funding. */
function twin({basis = 0.0005, volume = 1, funding = 0, assets = market.assets.length} = {}): Panel {
  const random = new Random('twin')
  const wander = market.assets.map(() => Float64Array.from(market.ts, () => basis * random.normal()))
  const priced = (name: InputName): Float64Array[] =>
    market.series.get(name)!.map((column, a) => column.map((px, t) => px * 1000 * Math.exp(wander[a]![t]!)))
  const scaled = (name: InputName, factor: number): Float64Array[] =>
    market.series.get(name)!.map((column) => column.map((x) => x * factor))
  const series = new Map<InputName, readonly Float64Array[]>([
    ...(['open', 'high', 'low', 'close'] as const).map((name) => [name, priced(name)] as const),
    ['volume', scaled('volume', volume / 1000)],
    ['funding', market.series.get('funding')!.map((column) => column.map((rate) => rate + funding))],
  ])
  const cut = <C>(columns: readonly C[]): C[] => columns.slice(0, assets)
  return {
    ...market,
    assets: cut(market.assets.map((name) => `1000${name}USDT`)),
    series: new Map([...series].map(([name, columns]) => [name, cut(columns)])),
    state: cut(market.state),
    availableAt: cut(market.availableAt),
    sizeDecimals: cut(market.sizeDecimals),
  }
}

const checks = (trading: Panel | null) =>
  new Map(transferGates(opened, trading, own, first).map(({check}) => [check.name, check]))

describe('the transfer test', () => {
  it('passes a rule whose trading venue is the same market, names and contract size apart', () => {
    const found = checks(twin())
    expect([...found.values()].filter(({gate, pass}) => gate && !pass)).toEqual([])
    expect(found.get('share of what it held that the trading venue lists')!.value).toBe(1)
    expect(found.get('median correlation of bar returns between the venues')!.value).toBeGreaterThan(0.99)
    // The median size of a normal variable is 0.6745 of its deviation.
    expect(found.get('basis between the venues, median, bp')!.value as number).toBeCloseTo(5 * 0.6745, 0)
    const there = found.get('annual net return, priced on the trading venue')!.value as number
    const here = found.get('annual net return on the research venue, same bars')!.value as number
    expect(there).toBeGreaterThan(0.7 * here)
    expect(there).toBeLessThan(1.05 * here)
    expect(judge(twin()).stages[3]).toMatchObject({name: 'costs', verdict: 'PASS'})
  })

  it('charges a dollar-neutral book nothing for funding that every coin pays more', () => {
    const found = checks(twin({funding: 0.001}))
    expect(Math.abs(found.get('funding that the trading venue costs more, a year')!.value as number)).toBeLessThan(0.01)
  })

  it('fails a rule whose trading venue moves by itself', () => {
    const run = judge({...twin(), series: smallMarket({days: years(5), assets: 8, edge: 0.12, seed: 'other'}).series})
    expect(run).toMatchObject({verdict: 'FAIL', failedStage: 3})
    expect(run.sentence).toContain('correlation')
  })

  it('fails a rule that earns on the research venue and pays it all on the trading venue', () => {
    const deep = smallMarket({days: years(5), assets: 8, edge: 0.06, seed: 'market with an edge'})
    const thin = new Map(deep.series)
    thin.set(
      'volume',
      deep.series.get('volume')!.map((column) => column.map((coins) => 0.003 * coins)),
    )
    const weak = caseOf(opened.hypothesis, deep)
    const gates = transferGates(weak, {...deep, series: thin}, weak.runs[weak.primary]!, weak.evidence.bars.from)
    const found = new Map(gates.map(({check}) => [check.name, check]))
    expect(found.get('annual net return on the research venue, same bars')!.value).toBeGreaterThan(0.1)
    expect(found.get('annual net return, priced on the trading venue')).toMatchObject({gate: true, pass: false})
  })

  it('prices the same venue to the same return', () => {
    const found = checks(market)
    expect(found.get('annual net return, priced on the trading venue')!.value).toBe(
      found.get('annual net return on the research venue, same bars')!.value,
    )
  })

  it('fails a rule whose coins the trading venue does not list', () => {
    const run = judge(twin({assets: 4}))
    expect(run).toMatchObject({verdict: 'FAIL', failedStage: 3})
    expect(run.sentence).toContain('lists')
  })

  it('cannot decide without bars of the trading venue', () => {
    expect(judge(null)).toMatchObject({verdict: 'INSUFFICIENT', failedStage: 3, decidesOn: 'candles'})
    const later = {...twin(), ts: market.ts.map((ts) => ts + 3_600_000)}
    expect(judge(later)).toMatchObject({verdict: 'INSUFFICIENT', failedStage: 3, decidesOn: 'candles'})
  })

  it('asks nothing of a rule that trades where it was researched', () => {
    const {stages} = judgeHypothesis(opened, docket(opened), SHIPPED, false)
    expect(stages[3]!.checks.some(({name}) => name.includes('trading venue'))).toBe(false)
  })
})
