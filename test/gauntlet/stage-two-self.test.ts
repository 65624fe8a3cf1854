import {describe, expect, it} from 'vitest'
import {runConfiguration} from '../../src/cognition/backtest/run-configuration.ts'
import {auditCanary} from '../../src/cognition/gauntlet/audit-canary.ts'
import {auditFills} from '../../src/cognition/gauntlet/audit-fills.ts'
import type {View} from '../../src/cognition/gauntlet/audit-panel.ts'
import {judgeHypothesis} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {judgeLookahead} from '../../src/cognition/gauntlet/stages/02-lookahead.ts'
import {Random} from '../../src/kernel/random.ts'
import {CONFIG} from './noise-families.ts'
import {caseOf, docket, hypothesis, SHIPPED_COSTS, smallMarket} from './small-market.ts'

const market = smallMarket({days: 400, assets: 5, edge: 0.1, seed: 'stage two judges itself'})
const view: View = {panel: market, mask: market.assets.map(() => new Uint8Array(400).fill(1))}
const idea = hypothesis({})

describe('a planted oracle', () => {
  const ask = (shown: View) => auditCanary(shown, {...idea, first: 20}, 1e-12, new Random('canary'))

  it('is heard at every cut and in every way of taking the future away', () => {
    expect(ask(view)).toEqual({asked: 20, unheard: 0})
  })

  it('is heard where only one asset is left', () => {
    const mask = view.mask.map((column, a) => (a === 0 ? column : new Uint8Array(400)))
    expect(ask({panel: market, mask})).toEqual({asked: 20, unheard: 0})
  })

  it('cannot be asked of an empty universe', () => {
    expect(ask({panel: market, mask: view.mask.map(() => new Uint8Array(400))})).toEqual({asked: 0, unheard: 0})
  })

  it('that is not heard makes the audit worth nothing, and one that was not asked decides nothing', () => {
    const opened = caseOf(idea, market)
    const {stages} = judgeHypothesis(opened, docket(opened), CONFIG, true)
    const named = stages[2]!.checks.map(({name, pass}) => [name, pass])
    expect(named).toContainEqual(['planted oracles that the audit did not hear', true])
    expect(named).toContainEqual(['fills at a price their bar did not trade, or before a decision', true])
    const clean = {
      cuts: 1,
      scrambles: 1,
      compared: 1,
      unstable: 0,
      truncationLeaks: 0,
      scrambleLeaks: 0,
      firstLeak: null,
    }
    const input = {
      ...{audit: clean, guilty: null, suspects: [], seed: 's'},
      beginning: {audit: {drops: [1], compared: 1, changed: 0}, guilty: null},
      fills: {fills: 1, impossible: 0, guilty: null},
    }
    const verdict = (asked: number, unheard: number): string =>
      judgeLookahead({...input, canary: {asked, unheard}} as never).stage.verdict
    expect([verdict(20, 0), verdict(20, 1), verdict(0, 0)]).toEqual(['PASS', 'INVALID', 'INSUFFICIENT'])
  })
})

describe('fills of a run', () => {
  const signal = market.series.get('volume')!
  const {fills} = runConfiguration({
    ...{hypothesis: idea, params: {}, panel: market, universe: view.mask, signal, costs: SHIPPED_COSTS},
  })

  it('are at prices their bars traded, behind the first decision', () => {
    expect(fills.bar.length).toBeGreaterThan(100)
    expect(auditFills(market, fills, 0)).toEqual({fills: fills.bar.length, impossible: 0, guilty: null})
  })

  it('above the high, below the low, and on bars without prices could not have happened', () => {
    const k = 7
    const high = market.series.get('high')![fills.asset[k]!]![fills.bar[k]!]!
    const at = (px: number) => auditFills(market, {...fills, px: fills.px.with(k, px)}, 0)
    expect(at(high * 1.001)).toMatchObject({
      impossible: 1,
      guilty: expect.stringContaining(market.assets[fills.asset[k]!]!),
    })
    expect(at(high * 0.5).impossible).toBe(1)
    expect(at(Number.NaN).impossible).toBe(1)
    const bare = {...market, series: new Map([...market.series].filter(([name]) => name !== 'low'))}
    expect(auditFills(bare, fills, 0).impossible).toBe(fills.bar.length)
  })

  it('on the bar of the first decision or before it had nothing to fill', () => {
    const early = Array.from(fills.bar).filter((t) => t <= 10).length
    expect(early).toBeGreaterThan(0)
    expect(auditFills(market, fills, 10).impossible).toBe(early)
    expect(auditFills(market, fills, null).impossible).toBe(fills.bar.length)
  })
})
