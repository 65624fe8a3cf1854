import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {flatCosts} from '../../src/cognition/backtest/engine-costs.ts'
import {type FillModel, RESTING_MODELS, restingFill, tickOf} from '../../src/cognition/backtest/fill-model.ts'
import {runWeights} from '../../src/cognition/backtest/weights-engine.ts'
import type {WeightsRun} from '../../src/cognition/backtest/weights-run.ts'

const HOUR = 3_600_000
const order = {side: 1, size: 10, limit: 100, low: 99, high: 101, volume: 1000, ahead: 0}

describe('restingFill', () => {
  it('fills by touch when the price reaches the limit, by penetration only one tick beyond it', () => {
    const at = (low: number) => RESTING_MODELS.map((model) => restingFill(model, {...order, low, ahead: 1e6}))
    expect(tickOf(100)).toBeCloseTo(0.01, 12)
    expect(at(100.01)).toEqual([0, 0, 0])
    expect(at(100)).toEqual([10, 0, 0])
    expect(at(99.99)).toEqual([10, 10, 10])
  })

  it('gives a queue half of the volume at the level, less what was there before', () => {
    const at = (ahead: number) => restingFill('queue', {...order, low: 100, high: 100.1, volume: 200, ahead})
    // One tick of a range of ten: 20 coins, half of them on our side.
    expect(at(4)).toBeCloseTo(6, 9)
    expect(at(10)).toBeCloseTo(0, 9)
    expect(at(0)).toBeCloseTo(10, 9)
  })

  it('mirrors a seller', () => {
    expect(restingFill('touch', {...order, side: -1, limit: 101})).toBe(10)
    expect(restingFill('penetration', {...order, side: -1, limit: 101})).toBe(0)
    expect(restingFill('touch', {...order, side: -1, limit: 101.5})).toBe(0)
  })

  it('fills nothing in a bar without a range', () => {
    for (const model of RESTING_MODELS)
      expect(restingFill(model, {...order, low: Number.NaN, high: Number.NaN})).toBe(0)
  })

  it('never believes more by queue than by touch, nor by penetration than by queue', () => {
    const price = fc.double({min: 90, max: 110, noNaN: true})
    const size = fc.double({min: 0, max: 1e6, noNaN: true})
    fc.assert(
      fc.property(price, price, price, size, size, fc.constantFrom(1, -1), (limit, x, y, volume, ahead, side) => {
        const rested = {side, size: 7, limit, low: Math.min(x, y), high: Math.max(x, y), volume, ahead}
        const [touch, queue, penetration] = RESTING_MODELS.map((model) => restingFill(model, rested))
        expect(touch).toBeGreaterThanOrEqual(queue!)
        expect(queue).toBeGreaterThanOrEqual(penetration!)
        expect(touch).toBeLessThanOrEqual(7)
      }),
    )
  })
})

describe('the weights engine with orders that rest', () => {
  /** One asset bought at the open of bar 1: rows of open, high, low, close. */
  const buy = (bar: readonly [number, number, number, number], fillModel: FillModel): WeightsRun => {
    const rows = [[100, 100, 100, 100], bar, [bar[3], bar[3], bar[3], bar[3]]] as const
    const ts = Float64Array.from(rows, (_, t) => t * HOUR)
    const column = (i: number): Float64Array[] => [Float64Array.from(rows, (row) => row[i]!)]
    const costs = {...flatCosts({assets: ['X'], ts}, 0.001, 0.002), makerFee: [0.0002]}
    return {
      ...{ts, barMs: HOUR, open: column(0), high: column(1), low: column(2), close: column(3)},
      ...{volume: [new Float64Array(3).fill(1e6)], weights: [Float64Array.from([1, Number.NaN, Number.NaN])]},
      ...{costs, capital: 1000, fillModel},
    }
  }

  it('earns the half-spread and pays the maker fee when the touch is reached', () => {
    const {net, spread, fees, fills} = runWeights(buy([100, 101, 99, 101], 'penetration'))
    expect([...fills.bar]).toEqual([1])
    expect(spread[1]).toBeCloseTo(-0.002, 12)
    expect(fees[1]).toBeCloseTo(0.0002 * 0.998, 12)
    expect(net[1]).toBeCloseTo(0.01 + 0.002 - 0.0002 * 0.998, 12)
  })

  it('misses the move and pays the taker at the close when it is not', () => {
    const {net, gross, spread, fees, fills} = runWeights(buy([100, 103, 99.9, 102], 'touch'))
    expect(fills.px[0]).toBe(102)
    expect(gross[1]).toBe(0)
    expect(spread[1]).toBeCloseTo(0.002 * 1.02, 12)
    expect(fees[1]).toBeCloseTo(0.001 * 1.02 * 1.002, 12)
    expect(net[1]).toBeCloseTo(-spread[1]! - fees[1]!, 12)
  })

  it('does not earn more when costs are stressed', () => {
    const calm = buy([100, 101, 99, 101], 'touch')
    const once = runWeights(calm)
    const twice = runWeights({...calm, costMultiplier: 2})
    expect(twice.spread[1]).toBe(once.spread[1])
    expect(twice.equity.at(-1)!).toBeLessThan(once.equity.at(-1)!)
  })
})
