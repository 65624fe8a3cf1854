import {describe, expect, it} from 'vitest'
import {compileHypothesis} from '../../src/cognition/features/compile-hypothesis.ts'
import {evaluateFeatures} from '../../src/cognition/features/evaluate.ts'
import {auditBeginning} from '../../src/cognition/gauntlet/audit-beginning.ts'
import type {View} from '../../src/cognition/gauntlet/audit-panel.ts'
import {auditWarmup, dropHistory} from '../../src/cognition/gauntlet/audit-warmup.ts'
import {judgeHypothesis} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {compiled, everywhere, panelOf} from '../cognition/features/panels.ts'
import {expectClose, reference} from '../cognition/statistics/reference.ts'
import {CONFIG} from './noise-families.ts'
import {caseOf, docket, hypothesis, smallMarket} from './small-market.ts'

const gold = reference('lookahead_audit')
const market = smallMarket({days: 700, assets: 6, edge: 0.1, seed: 'where history begins'})
const view = {panel: market, mask: market.assets.map(() => new Uint8Array(700).fill(1))}
const beginning = (over: Record<string, unknown>) => {
  const idea = hypothesis(over)
  return auditBeginning({hypothesis: idea, compiled: compileHypothesis(idea), params: {}}, view)
}

/**
 * Ranks among the assets of prices in whole steps of two per cent, ties broken by `share` times an exponential mean with a half-life of 200
 * bars.
 */
function slowlyRanked(close: readonly Float64Array[], share: number): Float64Array[] {
  const kept = 0.5 ** (1 / 200)
  const columns = close.map((px) => {
    let slow = px[0]!
    return px.map((value) => {
      slow = kept * slow + (1 - kept) * value
      return Math.round(Math.log(value) / 0.02) + share * slow
    })
  })
  return columns.map((own) => own.map((value, t) => columns.filter((other) => other[t]! < value).length))
}

describe.skipIf(gold === null)('an exponential mean that starts later', () => {
  it('is off by as much as the reference says, within its bound', () => {
    const {start_rows_before_last} = gold.recursion_ema10 as {start_rows_before_last: Record<string, number>}
    const close = [Float64Array.from(gold.price as number[])]
    const panel = panelOf({close})
    const last = (shown: typeof panel): number =>
      evaluateFeatures(compiled('ema(close, 10)'), shown, everywhere(shown), {}).get('x')![0]!.at(-1)!
    const whole = last(panel)
    for (const [rows, error] of Object.entries(start_rows_before_last)) {
      const short = last(dropHistory({panel, mask: everywhere(panel)}, close[0]!.length - 1 - Number(rows)).panel)
      expectClose(short / whole - 1, error, `${rows} rows`, 1e-12)
      const farthest = Math.max(...close[0]!.map((px) => Math.abs(px / whole - 1)))
      expect(Math.abs(short / whole - 1)).toBeLessThanOrEqual(2 * farthest * (1 - 2 / 11) ** Number(rows) + 1e-15)
    }
  })
})

describe('decisions and the beginning of history', () => {
  it.each([
    ['a window', {signal: 'ts_mean(log(volume), 20)'}],
    ['a ranking of windows', {signal: 'cs_rank(ts_mean(funding, 7)) - 0.5'}],
    ['a smoothing that fades', {signal: 'ema(close, 10) / ema(close, 30) - 1'}],
    ['an index of strength', {signal: 'rsi(close, 14)'}],
    [
      'a book with its own look back',
      {
        signal: 'returns(close, 5)',
        portfolio: {construct: 'equal_risk', neutral: 'beta', vol_target_annual: 0.2, rebalance: '3d'},
      },
    ],
    ['a state that events renew', {signal: 'latch(returns(close, 1) > 0.01, returns(close, 1) < -0.01) - 0.5'}],
  ])('%s does not depend on it', (_, over) => {
    const {audit, guilty} = beginning(over)
    expect([audit.changed, guilty]).toEqual([0, null])
    expect(audit.drops.length).toBeGreaterThanOrEqual(1)
    expect(audit.compared).toBeGreaterThan(500)
  })

  it('a state that never forgets does, and is named', () => {
    const {audit, guilty} = beginning({
      features: {regime: 'latch(returns(close, 1) > 0.06, close < 0)'},
      signal: 'regime * returns(close, 5)',
    })
    expect(audit.changed).toBeGreaterThan(0)
    expect(guilty).toContain('features.regime')
    expect(guilty).toContain('^')
  })

  // Correlations of ranks over a few bars: coins tie in real arithmetic, and the last bit decides who is ahead.
  it.each([
    ['alpha 2', '-ts_corr(cs_rank(delta(log(volume), 2)), cs_rank((close - open) / open), 6)'],
    ['alpha 26', '-ts_max(ts_corr(ts_rank(volume, 5), ts_rank(high, 5), 5), 3)'],
    ['alpha 75', 'cs_rank(ts_corr(vwap, volume, 4)) < cs_rank(ts_corr(cs_rank(low), cs_rank(adv(50)), 12))'],
    ['a sum of signs', 'ts_std(sign(delta(close, 1)), 7) + ts_slope(sign(delta(volume, 1)), 7)'],
  ])('a ranking of ties, %s, does not depend on it', (_, alpha) => {
    const {audit, guilty} = beginning({features: {alpha}, signal: 'cs_rank(alpha) - 0.5'})
    expect([audit.changed, guilty]).toEqual([0, null])
    expect(audit.compared).toBeGreaterThan(5_000)
  })

  it('a memory of a thousandth of a billionth does, where it breaks ties', () => {
    const regime = 'latch(returns(close, 1) > 0.06, close < 0)'
    const {audit, guilty} = beginning({
      features: {regime, order: 'ts_rank(volume, 5) + 1e-12 * regime'},
      signal: 'cs_rank(order) - 0.5',
    })
    expect(audit.changed).toBeGreaterThan(0)
    expect(guilty).toContain('features.regime')
  })

  it('a mean that fades too slowly for its promise does, though it moves one decision in a hundred by a billionth', () => {
    const decide = ({panel, mask}: View) => {
      const signal = slowlyRanked(panel.series.get('close')!, 1e-9)
      return {signal, weights: mask.map((column) => new Float64Array(column.length))}
    }
    const plan = {view, decide, warmupBars: 40, settleBars: 40, bookBars: 0, tolerance: 1e-9}
    const {changed, compared} = auditWarmup(plan)
    expect(changed).toBeGreaterThan(0)
    expect(changed / compared).toBeLessThan(0.01)
    const without = ({panel}: View) => ({signal: slowlyRanked(panel.series.get('close')!, 0), weights: []})
    expect(auditWarmup({...plan, decide: without}).changed).toBe(0)
  })

  it('a rule that promises less history than it needs does, from the first bar it is compared on', () => {
    const decide = ({panel}: View) => ({
      signal: panel.series.get('close')!.map((px) => px.map((_, t) => (t < 40 ? Number.NaN : px[t - 40]!))),
      weights: [],
    })
    const honest = {view, decide, warmupBars: 40, settleBars: 40, bookBars: 0, tolerance: 1e-9}
    expect(auditWarmup(honest)).toMatchObject({changed: 0, drops: [40, 80, 160, 350]})
    const {changed, first} = auditWarmup({...honest, warmupBars: 39, settleBars: 39})
    expect([changed, first]).toEqual([4 * 6, {dropped: 39, part: 'signal', asset: 0, bar: 78}])
  })

  it('a smoothing of two or three warm-ups is shown a beginning that is a little later', () => {
    // A weight of a millionth after 277 bars, settled after 554.
    const {audit} = beginning({signal: 'ema(close, 40)'})
    expect([audit.drops, audit.changed]).toEqual([[32], 0])
    expect(audit.compared).toBeGreaterThan(500)
  })

  it('too little history to begin later passes nothing', () => {
    const idea = hypothesis({signal: 'ema(close, 60)'})
    expect(beginning(idea).audit).toMatchObject({drops: [], compared: 0, changed: 0})
    const opened = caseOf(idea, market)
    const config = {...CONFIG, lookahead: {...CONFIG.lookahead, cuts: 16, scramble_cuts: 2}}
    const {verdict, failedStage, stages} = judgeHypothesis(opened, docket(opened), config, true)
    expect([verdict, failedStage, stages[2]!.verdict]).toEqual(['INSUFFICIENT', 1, 'INSUFFICIENT'])
    const gate = stages[2]!.checks.find(({name}) => name === 'decisions changed by a history that begins later')
    expect(gate).toMatchObject({value: null, pass: false, gate: true})
  })

  it('void a hypothesis at stage 2', () => {
    const idea = hypothesis({signal: 'latch(returns(close, 1) > 0.06, close < 0) * returns(close, 5)'})
    const opened = caseOf(idea, market)
    const config = {...CONFIG, lookahead: {...CONFIG.lookahead, cuts: 16, scramble_cuts: 2}}
    const {verdict, failedStage, sentence, stages} = judgeHypothesis(opened, docket(opened), config, false)
    expect([verdict, failedStage]).toEqual(['INVALID', 2])
    expect(sentence).toContain('depends on where its history begins')
    expect(stages.at(-1)!.notRun.join()).not.toContain('recursion')
  })
})
