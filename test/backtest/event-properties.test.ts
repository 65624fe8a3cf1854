import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {engineCosts} from '../../src/cognition/backtest/engine-costs.ts'
import {type FillModel, RESTING_MODELS} from '../../src/cognition/backtest/fill-model.ts'
import {runWeights} from '../../src/cognition/backtest/weights-engine.ts'
import type {WeightsRun} from '../../src/cognition/backtest/weights-run.ts'
import {BAR} from '../../src/contracts/panel.ts'
import {runEvents} from '../../src/event-engine/run-events.ts'
import {sharedRules, testCosts, walkPanel} from './panels.ts'

const N = 3
const T = 40
const panel = walkPanel({assets: N, bars: T, interval: '1d'})
const costs = engineCosts(panel, testCosts())
const series = (name: 'open' | 'high' | 'low' | 'close' | 'volume') => panel.series.get(name)!
const market: WeightsRun = {
  ...{ts: panel.ts, barMs: panel.barMs, open: series('open'), high: series('high'), low: series('low')},
  ...{close: series('close'), volume: series('volume'), state: panel.state, weights: [], costs, capital: 25_000},
  sizeDecimals: [3, 2, 1],
}
const models = fc.constantFrom<FillModel>('taker', ...RESTING_MODELS)
const targets = fc.array(
  fc
    .array(fc.oneof(fc.constant(Number.NaN), fc.constant(0), fc.integer({min: -60, max: 60})), {
      minLength: T,
      maxLength: T,
    })
    .map((row) => Float64Array.from(row, (w) => w / 100)),
  {minLength: N, maxLength: N},
)
const total = (parts: readonly number[]): number => parts.reduce((sum, x) => sum + x, 0)

describe('properties of the event engine', () => {
  it('loses no cash: net is gross less every cost, and the P&L of the assets', () => {
    fc.assert(
      fc.property(targets, models, (weights, fillModel) => {
        const r = runEvents({...market, weights, fillModel}, sharedRules)
        for (let t = 0; t < T; t++) {
          const parts = r.gross[t]! - r.fees[t]! - r.spread[t]! - r.lag[t]! - r.impact[t]! - r.funding[t]!
          // The venue counts fees in millionths of a dollar.
          expect(Math.abs(r.net[t]! - parts)).toBeLessThan(1e-9)
          expect(Math.abs(r.net[t]! - total(r.assetPnl.map((pnl) => pnl[t]!)))).toBeLessThan(1e-9)
        }
      }),
      {numRuns: 12},
    )
  })

  it('holds whole lots only', () => {
    fc.assert(
      fc.property(targets, models, (weights, fillModel) => {
        const {fills} = runEvents({...market, weights, fillModel}, sharedRules)
        fills.units.forEach((units, i) => {
          const lots = units * 10 ** market.sizeDecimals![fills.asset[i]!]!
          expect(Math.abs(lots - Math.round(lots))).toBeLessThan(1e-6)
        })
      }),
      {numRuns: 10},
    )
  })

  it('gives the same account whatever the order of the assets', () => {
    const turn = <C>(columns: readonly C[]): C[] => [columns[2]!, columns[0]!, columns[1]!]
    const turned: WeightsRun = {
      ...{...market, open: turn(market.open), high: turn(market.high!), low: turn(market.low!)},
      ...{close: turn(market.close), volume: turn(market.volume!), state: turn(market.state!)},
      sizeDecimals: turn(market.sizeDecimals!),
      costs: {
        ...{...costs, halfSpread: turn(costs.halfSpread), lag: turn(costs.lag), impact: turn(costs.impact)},
        queueAhead: turn(costs.queueAhead),
        funding: {
          longBefore: turn(costs.funding!.longBefore),
          shortBefore: turn(costs.funding!.shortBefore),
          longAfter: turn(costs.funding!.longAfter),
          shortAfter: turn(costs.funding!.shortAfter),
          flags: [],
        },
      },
    }
    fc.assert(
      fc.property(targets, models, (weights, fillModel) => {
        const one = runEvents({...market, weights, fillModel}, sharedRules)
        const other = runEvents({...turned, weights: turn(weights), fillModel}, sharedRules)
        expect(other.orders).toBe(one.orders)
        for (let t = 0; t < T; t++) expect(Math.abs(other.net[t]! - one.net[t]!)).toBeLessThan(1e-9)
      }),
      {numRuns: 10},
    )
  })

  it('returns the same at any capital where no lot and no size matter', () => {
    const free: WeightsRun = {
      ...market,
      capital: 1e9,
      costs: {
        ...costs,
        impact: costs.impact.map((column) => column.map(() => 0)),
        ...{participationCap: Number.POSITIVE_INFINITY, minNotional: 0},
      },
    }
    fc.assert(
      fc.property(targets, fc.constantFrom<FillModel>('taker', 'touch', 'penetration'), (weights, fillModel) => {
        const once = runEvents({...free, weights, fillModel}, sharedRules)
        const more = runEvents({...free, weights, fillModel, capital: 7e9}, sharedRules)
        for (let t = 0; t < T; t++) expect(Math.abs(once.net[t]! - more.net[t]!)).toBeLessThan(1e-8)
      }),
      {numRuns: 8},
    )
  })

  it('loses an account below maintenance in the bar in which the weights engine does', () => {
    const T2 = 6
    const px = Float64Array.from([100, 100, 160, 210, 210, 210])
    const ts = panel.ts.slice(0, T2)
    const column = [new Float64Array(T2)]
    const run: WeightsRun = {
      ...{ts, barMs: panel.barMs, open: [px], high: [px], low: [px], close: [px], volume: [px], capital: 1e6},
      weights: [Float64Array.from([-1, ...Array<number>(T2 - 1).fill(Number.NaN)])],
      sizeDecimals: [3],
      costs: {
        ...{...costs, halfSpread: column, lag: column, impact: column, queueAhead: column, funding: null},
        participationCap: Number.POSITIVE_INFINITY,
      },
    }
    const [fast, event] = [runWeights({...run, atAccountSize: true}), runEvents(run, sharedRules)]
    expect(fast.liquidatedAt).toBe(3)
    expect(event.liquidatedAt).toBe(3)
    expect(event.equity[3]).toBe(0)
    expect(event.net[3]).toBe(-1)
  })

  it('pays out a contract that ends, against the position, and never holds it again', () => {
    const state = [...panel.state]
    state[0] = Uint8Array.from(state[0]!, (code, t) => (t >= 30 ? BAR.dead : code))
    const weights = panel.assets.map((_, a) =>
      Float64Array.from({length: T}, (__, t) => (a === 0 && t > 8 && t < 29 ? 0.5 : Number.NaN)),
    )
    const run = {...market, state, weights, costs: {...costs, settlementHaircut: 0.3}}
    const {settled, heldWeights, gross} = runEvents(run, sharedRules)
    expect(settled.map(({asset, bar}) => [asset, bar])).toEqual([[0, 30]])
    expect(settled[0]!.px / market.close[0]![29]!).toBeCloseTo(0.7, 12)
    expect(gross[30]!).toBeLessThan(-0.1)
    expect([...heldWeights[0]!.subarray(30)].every((w) => w === 0)).toBe(true)
  })
})
