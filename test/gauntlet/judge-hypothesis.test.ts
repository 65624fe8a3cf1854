import {describe, expect, it} from 'vitest'
import {judgeHypothesis} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {judgeRegister} from '../../src/cognition/gauntlet/stages/00-register.ts'
import {BAR} from '../../src/contracts/panel.ts'
import {CONFIG as SHIPPED} from './noise-families.ts'
import {caseOf, docket, hypothesis, smallMarket, years} from './small-market.ts'

/** The gates as they ship, with fewer repetitions of the audit and of the permutations. */
const CONFIG = {
  ...SHIPPED,
  lookahead: {...SHIPPED.lookahead, cuts: 60, scramble_cuts: 4},
  edge: {...SHIPPED.edge, max_permutation_p: 0.05, permutations: 70},
}
const busy = {signal: 'ts_mean(log(volume), $n)', params: {n: [1, 2, 3]}, primary: {n: 2}}
const market = smallMarket({days: years(5), assets: 8, edge: 0.12, seed: 'market with an edge'})
const judge = (opened: ReturnType<typeof caseOf>, over = {}, all = false) =>
  judgeHypothesis(opened, docket(opened, over), CONFIG, all)

describe('the gauntlet', () => {
  it('lets a real edge through and computes every number of its report', () => {
    const {verdict, sentence, stages, figures} = judge(caseOf(hypothesis(busy), market))
    expect(sentence).toContain('All 9 stages passed')
    expect(verdict).toBe('ELIGIBLE')
    expect(stages.map(({id}) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect(Object.values(figures).every((value) => value !== null && Number.isFinite(value))).toBe(true)
  })

  it('gives the same bytes twice', () => {
    const idea = hypothesis(busy)
    const [once, twice] = [judge(caseOf(idea, market)), judge(caseOf(idea, market))]
    expect(JSON.stringify(twice)).toBe(JSON.stringify(once))
  })

  it('refuses the same rule on a market that nobody can predict', () => {
    const noise = smallMarket({days: years(5), assets: 8, edge: 0, seed: 'market without an edge'})
    expect(judge(caseOf(hypothesis(busy), noise))).toMatchObject({verdict: 'FAIL', failedStage: 3})
  })

  it('counts the trials that are not in the grid', () => {
    const opened = caseOf(hypothesis(busy), smallMarket({days: years(5), assets: 8, edge: 0.08, seed: 'a modest edge'}))
    const p = (N: number): number =>
      judge(opened, {N}, true).stages.find(({id}) => id === 6)!.checks[0]!.value as number
    expect(p(300)).toBeGreaterThan(5 * p(3))
  })

  it.each([
    ['tomorrow by name', {features: {tomorrow: 'lead(returns(close, 1), 1)'}, signal: 'tomorrow'}, 'features.tomorrow'],
    ['a centred mean', {signal: 'close / centred_mean(close, 5)'}, 'signal'],
    ['a mean over all of history', {signal: 'whole_mean(close) - close'}, 'signal'],
    ['a deviation over all of history', {signal: 'returns(close, 1) / whole_std(returns(close, 1))'}, 'signal'],
    ['a gradient', {signal: 'gradient(close)'}, 'signal'],
  ])('voids a rule that knows the future: %s', (_, over, guilty) => {
    const {verdict, failedStage, sentence} = judge(caseOf(hypothesis(over), market))
    expect([verdict, failedStage]).toEqual(['INVALID', 2])
    expect(sentence).toContain(guilty)
    expect(sentence).toContain('^')
  })

  it('voids a bar that is shown before it has closed', () => {
    const {barMs, ts, ...rest} = market
    const hourly = {...rest, interval: '1h' as const, barMs: 3_600_000, ts: ts.map((_, t) => ts[0]! + t * 3_600_000)}
    const panel = {...hourly, availableAt: market.assets.map(() => hourly.ts.map((open) => open + 3_600_000))}
    const idea = hypothesis({
      bar: '1h',
      signal: 'at_open("4h", close) / close',
      portfolio: {construct: 'sign', rebalance: '1h'},
    })
    expect(judge(caseOf(idea, panel))).toMatchObject({verdict: 'INVALID', failedStage: 2})
    const honest = hypothesis({
      bar: '1h',
      signal: 'at("4h", close) / close',
      portfolio: {construct: 'sign', rebalance: '1h'},
    })
    expect(judge(caseOf(honest, panel)).failedStage).not.toBe(2)
  })

  it('voids a rule whose declared point is honest and another of its grid is not', () => {
    const idea = hypothesis({
      ...busy,
      signal: '$n > 4 ? lead(close, 1) / close : delay(close, $n)',
      params: {n: [2, 3, 5]},
      primary: {n: 3},
    })
    const {verdict, failedStage, stages} = judge(caseOf(idea, market))
    expect([verdict, failedStage]).toEqual(['INVALID', 2])
    expect(stages[2]!.checks[0]!.value).toBeGreaterThan(0)
  })

  it('voids data from a list that was drawn up knowing who would survive', () => {
    const tainted = caseOf(hypothesis(busy), market, {survivorSource: true})
    expect(judge(tainted)).toMatchObject({verdict: 'INVALID', failedStage: 1})
  })

  it('voids bars that do not say when they could be known', () => {
    const availableAt = market.availableAt.map((column, a) => (a === 0 ? column.map(() => Number.NaN) : column))
    expect(judge(caseOf(hypothesis(busy), market, {availableAt}))).toMatchObject({verdict: 'INVALID', failedStage: 1})
  })

  it('fails on stale prices, which nobody could trade at', () => {
    const volume = market.series.get('volume')!.map((column) => column.map((v, t) => (t % 40 === 0 ? 0 : v)))
    const series = new Map(market.series).set('volume', volume)
    const {verdict, failedStage, sentence} = judge(
      caseOf(hypothesis({...busy, signal: 'delay(close, $n)'}), market, {series}),
    )
    expect([verdict, failedStage]).toEqual(['FAIL', 1])
    expect(sentence).toContain('without a trade')
  })

  it('fails on holes inside the life of an asset', () => {
    const hole = (t: number): boolean => t % 30 === 7
    const series = new Map(
      [...market.series].map(([name, columns]) => [
        name,
        columns.map((column) => column.map((x, t) => (hole(t) ? Number.NaN : x))),
      ]),
    )
    const state = market.state.map((column) => column.map((bar, t) => (hole(t) ? BAR.absent : bar)))
    const opened = caseOf(hypothesis({...busy, signal: 'delay(close, $n)'}), market, {series, state})
    expect(judge(opened)).toMatchObject({verdict: 'FAIL', failedStage: 1})
  })

  it('says INSUFFICIENT with a date when there is too little history to decide', () => {
    const short = smallMarket({days: 325, assets: 8, edge: 0.2, seed: 'eleven months'})
    const {verdict, failedStage, decidesOn} = judge(caseOf(hypothesis(busy), short), {vaultYears: 0.4})
    expect([verdict, failedStage]).toEqual(['INSUFFICIENT', 4])
    expect(decidesOn).toMatch(/^20\d\d-\d\d-\d\d$/)
  })

  it('says INSUFFICIENT when the warm-up eats the history', () => {
    const short = smallMarket({days: 160, assets: 8, edge: 0.2, seed: 'five months'})
    const slow = caseOf(hypothesis({signal: 'ts_mean(log(volume), 90)'}), short)
    const {verdict, failedStage, decidesOn} = judge(slow)
    expect([verdict, failedStage]).toEqual(['INSUFFICIENT', 1])
    expect(decidesOn).toMatch(/^20\d\d-/)
  })

  it('fails an idea that never trades instead of dividing by nothing', () => {
    const idle = caseOf(
      hypothesis({signal: 'close > 0 ? 0 : 1', portfolio: {construct: 'proportional', rebalance: '1d'}}),
      market,
    )
    expect(judge(idle)).toMatchObject({verdict: 'FAIL', failedStage: 3})
    expect(judge(idle, {}, true).verdict).toBe('FAIL')
  })

  it('is void without a vault, or with one that was still open at registration', () => {
    const opened = caseOf(hypothesis(busy), market)
    const record = docket(opened).register
    expect(judge(opened, {register: {...record, vault: null}})).toMatchObject({verdict: 'INVALID', failedStage: 0})
    const open = {...record, vault: {id: 'V-sim-202501', from: 1, to: 9}}
    expect(judge(opened, {register: {...open, registeredAt: 5}})).toMatchObject({verdict: 'INVALID', failedStage: 0})
  })

  it('says of a vault that research had read rows of it before it was sealed', () => {
    const {register} = docket(caseOf(hypothesis(busy), market))
    const noteOf = (readUntil: string | null) => judgeRegister({...register, readUntil}).stage.checks[0]!.note
    expect(noteOf(null)).toBe('sealed before research data were read')
    expect(noteOf('2024-01-02T00:00:00.000Z')).toMatch(/^sealed after research had read its bars before 2024-01-02T/)
  })
})
