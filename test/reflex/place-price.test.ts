import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type MarketSnapshot, marketState} from '../../src/reflex/market-state.ts'
import {collarPrice, touchPrice} from '../../src/reflex/place-price.ts'
import {isOnPriceGrid} from '../../src/reflex/price-grid.ts'

const rules = {maxAgeMs: 5000, maxFromMark: 0.03, wideBps: 40}
const book = (bid: string, ask: string, mark: string, sizeDecimals = 2): MarketSnapshot => ({
  asset: 'X',
  sizeDecimals,
  bids: [{px: bid, sz: '10'}],
  asks: [{px: ask, sz: '10'}],
  bookTime: 0,
  venueTime: 0,
  mark,
  oracle: mark,
  dayVolumeUsd: '1',
})

describe('touchPrice', () => {
  it('joins the touch on our side', () => {
    const market = marketState(book('12.34', '12.36', '12.35'), rules)
    expect(touchPrice(market, 'buy')).toBe('12.34')
    expect(touchPrice(market, 'sell')).toBe('12.36')
  })

  it('has no price on a crossed book', () => {
    expect(touchPrice(marketState(book('12.36', '12.34', '12.35'), rules), 'buy')).toBeNull()
  })
})

describe('collarPrice', () => {
  it('stays within the collar of the nearer of mark and mid', () => {
    const market = marketState(book('99.9', '100.1', '99.5'), rules)
    expect(collarPrice(market, 'buy', 0.01)).toBe('100.49') // 99.5 × 1.01 = 100.495, rounded towards us
    expect(collarPrice(market, 'sell', 0.01)).toBe('99')
  })

  it('does not chase a touch that lies outside the collar', () => {
    expect(collarPrice(marketState(book('100', '102', '100.5'), rules), 'buy', 0.005)).toBeNull()
  })

  it('is on the grid, inside the collar and reaches the far touch, or is null', () => {
    const cents = fc.integer({min: 10_000, max: 99_999})
    fc.assert(
      fc.property(
        cents,
        fc.integer({min: 1, max: 300}),
        fc.double({min: 0.001, max: 0.02, noNaN: true}),
        (c, w, collar) => {
          const market = marketState(
            book((c / 100).toFixed(2), ((c + w) / 100).toFixed(2), (c / 100).toFixed(2)),
            rules,
          )
          for (const side of ['buy', 'sell'] as const) {
            const px = collarPrice(market, side, collar)
            if (px === null) continue
            expect(isOnPriceGrid(px, 2)).toBe(true)
            const limit = side === 'buy' ? Number(market.mark) * (1 + collar) : market.mid * (1 - collar)
            expect(side === 'buy' ? Number(px) <= limit + 1e-9 : Number(px) >= limit - 1e-9).toBe(true)
            expect(side === 'buy' ? Number(px) >= Number(market.ask) : Number(px) <= Number(market.bid)).toBe(true)
          }
        },
      ),
    )
  })
})
