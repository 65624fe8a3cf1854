import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {PrintCount} from '../../../src/sensory/stream/print-count.ts'

const BAR = 60_000
const PATIENCE = 3000
const at = (mono: number) => ({mono, wall: mono})
const print = (time: number) => ({tid: String(time), time})

/** Joined a bar in which three trades were before; the clocks of venue and recorder are one. */
function counting(): PrintCount {
  const count = new PrintCount(BAR)
  count.restart(true, at(45_000))
  count.prints([print(50_000)], at(50_000))
  count.promise(0, 4, 50_100, at(50_100))
  expect(count.missing(53_100, PATIENCE)).toBeNull()
  return count
}

describe('PrintCount', () => {
  it('gives a print time to arrive', () => {
    const count = counting()
    count.promise(0, 5, 54_000, at(54_000))
    expect(count.missing(56_999, PATIENCE)).toBeNull()
    count.prints([print(53_900)], at(0))
    expect(count.missing(60_000, PATIENCE)).toBeNull()
  })

  it('tells since when a print is missing, in the bar it joined and in one it saw open', () => {
    const joined = counting()
    joined.promise(0, 6, 54_000, at(54_000))
    expect(joined.missing(57_000, PATIENCE)).toEqual({wall: 50_000, last: print(50_000)})

    const whole = counting()
    whole.prints([print(61_000)], at(0))
    whole.promise(BAR, 1, 61_100, at(61_100))
    whole.promise(BAR, 3, 62_000, at(62_000))
    expect(whole.missing(65_000, PATIENCE)).toEqual({wall: 61_100, last: print(61_000)})
  })

  it('does not let later prints pay for those that are missing', () => {
    const count = counting()
    count.promise(0, 6, 54_000, at(54_000))
    count.prints([print(54_500), print(55_000), print(55_500)], at(0))
    expect(count.missing(57_000, PATIENCE)).not.toBeNull()
  })

  it('counts a print once, however often it comes', () => {
    const count = counting()
    count.prints([print(53_000), print(53_000)], at(0))
    count.prints([print(53_000)], at(0))
    count.promise(0, 6, 54_000, at(54_000))
    expect(count.missing(57_000, PATIENCE)).not.toBeNull()
  })

  it('owes nothing of what came while nobody listened', () => {
    const count = counting()
    count.restart(false, at(51_000))
    count.promise(0, 9, 51_000, at(51_000))
    expect(count.missing(60_000, PATIENCE)).toBeNull()
    count.restart(true, at(52_000))
    count.promise(0, 9, 54_000, at(54_000))
    expect(count.missing(60_000, PATIENCE)).toBeNull()
  })

  /** A market whose bars run a little ahead of, or behind, the prints on the wire. */
  const market = fc.array(
    fc.record({
      gapMs: fc.integer({min: 1, max: 4000}),
      dropped: fc.boolean(),
      barFirst: fc.boolean(),
      lateMs: fc.nat(200),
    }),
    {minLength: 5, maxLength: 60},
  )
  const run = (history: typeof market extends fc.Arbitrary<infer H> ? H : never, drops: boolean): boolean => {
    const count = counting()
    let [time, n, open, alarm] = [BAR, 0, BAR, false]
    for (const {gapMs, dropped, barFirst, lateMs} of history) {
      time += gapMs
      const bar = Math.floor(time / BAR) * BAR
      if (bar !== open) [open, n] = [bar, 0]
      n++
      const say = (): void => {
        if (!(drops && dropped)) count.prints([print(time)], at(0))
      }
      if (!barFirst) say()
      count.promise(bar, n, time + lateMs, at(time + lateMs))
      if (barFirst) say()
      alarm ||= count.missing(time + lateMs, PATIENCE) !== null
    }
    return alarm || count.missing(time + 10_000, PATIENCE) !== null
  }

  it('never calls a print missing that came', () => {
    fc.assert(fc.property(market, (history) => run(history, false) === false))
  })

  it('finds out when prints of a coin that trades now and then are dropped', () => {
    const slow = market.map((history) => history.map((step) => ({...step, gapMs: step.gapMs + 300})))
    fc.assert(fc.property(slow, (history) => run(history, true) === history.some(({dropped}) => dropped)))
  })
})
