import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {laggingPrices} from '../../src/cognition/gauntlet/lagging-prices.ts'
import {Random} from '../../src/kernel/random.ts'

const T = 600
const WINDOW = {first: 0, last: T}
const everywhere = [new Uint8Array(T).fill(1)]

function walk(seed: string, deviation = 0.03): Float64Array {
  const random = new Random(seed)
  let level = 100
  return Float64Array.from({length: T}, () => {
    level *= Math.exp(deviation * random.normal())
    return level
  })
}
const averaged = (close: Float64Array, n: number): Float64Array =>
  close.map((_, t) => {
    const part = close.subarray(Math.max(0, t - n + 1), t + 1)
    return part.reduce((total, px) => total + px, 0) / part.length
  })

describe('laggingPrices', () => {
  it('finds 2/3 in an average of three prices and 1/2 in one of two', () => {
    expect(laggingPrices([averaged(walk('a'), 3)], everywhere, WINDOW)!.correlation).toBeCloseTo(0.66, 1)
    expect(laggingPrices([averaged(walk('b'), 2)], everywhere, WINDOW)!.correlation).toBeCloseTo(0.5, 1)
  })

  it('proves nothing against a walk, or against one that bounces', () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const random = new Random(`bounce ${seed}`)
        const bounced = walk(seed).map((px) => px * (1 + 0.01 * (random.below(2) - 0.5)))
        expect(laggingPrices([walk(seed), bounced], [everywhere[0]!, everywhere[0]!], WINDOW)!.proven).toBeLessThan(0.1)
      }),
      {numRuns: 40},
    )
  })

  it('points at the one asset that lags among many that do not', () => {
    const close = [...Array.from({length: 20}, (_, a) => walk(`coin ${a}`)), averaged(walk('index'), 3)]
    const found = laggingPrices(
      close,
      close.map(() => everywhere[0]!),
      WINDOW,
    )!
    expect(found.asset).toBe(20)
    expect(found.proven).toBeGreaterThan(0.4)
  })

  it('is not moved by one crash that takes two bars', () => {
    const close = walk('crash').map((px, t) => (t < 300 ? px : t === 300 ? 0.5 * px : 0.25 * px))
    expect(laggingPrices([close], everywhere, WINDOW)!.proven).toBeLessThan(0.05)
  })

  it('says nothing of an asset that is hardly held, constant or missing', () => {
    const short = [new Uint8Array(T).fill(1, 0, 20)]
    expect(laggingPrices([averaged(walk('c'), 3)], short, WINDOW)).toBeNull()
    expect(laggingPrices([new Float64Array(T).fill(7)], everywhere, WINDOW)).toBeNull()
    expect(laggingPrices([new Float64Array(T).fill(Number.NaN)], everywhere, WINDOW)).toBeNull()
  })
})
