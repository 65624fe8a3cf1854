import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {awaitedBars, newlyAwaited} from '../../src/sensory/awaited.ts'

const MINUTE = 60_000
const opens = (...minutes: number[]): Float64Array => Float64Array.from(minutes, (minute) => minute * MINUTE)

describe('a bar that is due and not in the answer', () => {
  it('is awaited when it had closed before the question was asked', () => {
    const asked = {from: 0, to: 3.5 * MINUTE}
    expect(awaitedBars('JADE', asked, opens(0, 1), MINUTE)).toEqual({coin: 'JADE', from: 2 * MINUTE, to: 3 * MINUTE})
    expect(awaitedBars('JADE', asked, opens(0, 1, 2), MINUTE)).toBeNull()
  })

  it('is every bar of an empty answer', () => {
    expect(awaitedBars('JADE', {from: 10, to: 3 * MINUTE}, opens(), MINUTE)).toMatchObject({
      from: MINUTE,
      to: 3 * MINUTE,
    })
  })

  it('is told once, whatever the answers before it lacked', () => {
    const span = fc
      .tuple(fc.nat(20), fc.nat(20))
      .map(([a, b]) => ({coin: 'A', from: Math.min(a, b), to: Math.max(a, b)}))
    fc.assert(
      fc.property(fc.array(span), span, (before, now) => {
        const left = newlyAwaited([now], before)
        for (let at = 0; at < 20; at++) {
          const holds = (spans: readonly {from: number; to: number}[]): number =>
            spans.filter(({from, to}) => from <= at && at < to).length
          expect(holds(left)).toBe(holds([now]) > 0 && holds(before) === 0 ? 1 : 0)
        }
      }),
    )
  })
})
