import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type CostFill, costAttribution, totalCost} from '../../src/reflex/cost-attribution.ts'

const taker: CostFill = {px: 101.3, sz: 1, feeUsd: 0.045, crossed: true, midAtSend: 101, touchAtSend: 101.2}
const maker: CostFill = {px: 100.9, sz: 1, feeUsd: 0.015, crossed: false, midAtSend: 101, touchAtSend: 101.2}
const base = {side: 'buy' as const, wantedSz: 2, decisionPx: 100, endMid: 102, fundingUsd: 0}

describe('costAttribution', () => {
  it('splits a taker fill into delay, spread, impact and fee', () => {
    const split = costAttribution({...base, wantedSz: 1, fills: [taker]})
    expect(split.delay).toBeCloseTo(100, 9)
    expect(split.spread).toBeCloseTo(20, 9)
    expect(split.impact).toBeCloseTo(10, 9)
    expect(split.fees).toBeCloseTo(4.5, 9)
    expect(split.total).toBeCloseTo(134.5, 9)
    expect(split.makerShare).toBe(0)
  })

  it('credits the half-spread to a fill that made liquidity', () => {
    const split = costAttribution({...base, wantedSz: 1, fills: [maker]})
    expect(split.spread).toBeCloseTo(-10, 9)
    expect(split.impact).toBe(0)
    expect(split.makerShare).toBe(1)
  })

  it('charges what was left unfilled at the price it would cost now', () => {
    const split = costAttribution({...base, fills: [taker]})
    expect(split.opportunity).toBeCloseTo(100, 9)
    expect(costAttribution({...base, fills: [], endMid: Number.NaN})).toMatchObject({total: 0, opportunity: 0})
  })

  it('sums to the shortfall against the decision price, whatever the fills', () => {
    const price = fc.double({min: 50, max: 150, noNaN: true})
    const fill = fc.record({
      px: price,
      sz: fc.double({min: 0.01, max: 1, noNaN: true}),
      feeUsd: fc.double({min: -1, max: 1, noNaN: true}),
      crossed: fc.boolean(),
      midAtSend: price,
      touchAtSend: price,
    })
    fc.assert(
      fc.property(
        fc.array(fill, {maxLength: 5}),
        fc.constantFrom('buy' as const, 'sell' as const),
        price,
        price,
        (fills, side, decisionPx, endMid) => {
          const split = costAttribution({side, fills, decisionPx, endMid, wantedSz: 6, fundingUsd: 0.5})
          const sign = side === 'buy' ? 1 : -1
          const filled = fills.reduce((sum, {sz}) => sum + sz, 0)
          const usd =
            fills.reduce((sum, {px, sz, feeUsd}) => sum + sign * (px - decisionPx) * sz + feeUsd, 0.5) +
            sign * (endMid - decisionPx) * (6 - filled)
          expect(split.total).toBeCloseTo((usd / (decisionPx * 6)) * 10_000, 6)
          const {delay, spread, impact, fees, funding, opportunity} = split
          expect(delay + spread + impact + fees + funding + opportunity).toBeCloseTo(split.total, 6)
        },
      ),
    )
  })
})

describe('totalCost', () => {
  it('weights parents by what they wanted to trade', () => {
    const [a, b] = [
      costAttribution({...base, wantedSz: 1, fills: [taker]}),
      costAttribution({...base, wantedSz: 1, fills: [maker]}),
    ]
    const total = totalCost([
      {split: a, baseUsd: 300},
      {split: b, baseUsd: 100},
    ])
    expect(total.spread).toBeCloseTo((20 * 3 - 10) / 4, 9)
    expect(totalCost([]).total).toBe(0)
  })
})
