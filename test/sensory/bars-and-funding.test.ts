import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {BAR} from '../../src/contracts/panel.ts'
import {aggregateBars} from '../../src/sensory/aggregate-bars.ts'
import {coinSpans} from '../../src/sensory/check-interval.ts'
import {barGaps, fundingGaps} from '../../src/sensory/find-gaps.ts'
import {fundingInBars} from '../../src/sensory/funding-in-bars.ts'
import {incarnations} from '../../src/sensory/incarnations.ts'
import {settlesAt} from '../../src/sensory/settles.ts'
import {barsOf, DAY, day, HOUR} from './bars.ts'

const hourly = (hours: readonly number[]): ReturnType<typeof barsOf> =>
  barsOf(
    hours.map((hour) => ({ts: day(0) + hour * HOUR, close: 100 + hour})),
    HOUR,
  )

const fold = (hours: readonly number[]): ReturnType<typeof aggregateBars> => {
  const bars = hourly(hours)
  const state = new Uint8Array(bars.count).fill(BAR.live)
  return aggregateBars(bars, incarnations(bars, HOUR), state, {fromMs: HOUR, toMs: DAY})
}
const range = (from: number, to: number): number[] => Array.from({length: to - from}, (_, i) => from + i)

describe('longer bars', () => {
  it('are UTC days of 24 hours, available at their close', () => {
    const {bars} = fold(range(0, 48))
    expect([...bars.ts]).toEqual([day(0), day(1)])
    expect([...bars.availableAt]).toEqual([day(1), day(2)])
    expect([bars.open[0], bars.high[0], bars.low[0], bars.close[0], bars.volume[0]]).toEqual([100, 123, 100, 123, 24])
  })

  it('leave out a day that has begun before, lacks an hour, or is not over', () => {
    const hours = [...range(5, 48), ...range(48, 60), ...range(61, 72), ...range(72, 80)]
    expect([...fold(hours).bars.ts]).toEqual([day(1)])
  })

  it('never use a bar that is not inside the day, whatever is missing', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({min: 0, max: 95}), {minLength: 1}), (hours) => {
        const present = new Set(hours)
        const {bars} = fold([...hours].sort((a, b) => a - b))
        const whole = range(0, 4).filter((d) => range(d * 24, d * 24 + 24).every((hour) => present.has(hour)))
        expect([...bars.ts]).toEqual(whole.map(day))
      }),
      {numRuns: 50},
    )
  })
})

describe('funding', () => {
  /** Payments of coin A, recorded `lateMs` after each settlement. */
  const payments = (hours: readonly number[], lateMs = 48): Parameters<typeof fundingInBars>[0] => {
    const ts = Float64Array.from(hours, (hour) => day(0) + hour * HOUR + lateMs)
    return {
      count: hours.length,
      coin: hours.map(() => 'A'),
      ts,
      settles: ts.map(settlesAt),
      rate: Float64Array.from(hours, (hour) => hour),
      availableAt: ts,
    }
  }
  const inBars = (hours: readonly number[], barMs: number, bars: number, lateMs?: number) =>
    fundingInBars(
      payments(hours, lateMs),
      Float64Array.from({length: bars}, (_, t) => day(0) + t * barMs),
      barMs,
    ).get('A')!

  it('recorded up to 30 minutes late belongs to the settlement before', () => {
    expect(settlesAt(day(0) + 1_433_040)).toBe(day(0))
    expect(settlesAt(day(0) + 31 * 60_000)).toBe(day(0) + 31 * 60_000)
  })

  it('enters the bar in which it became available, and says that it settled at the open', () => {
    const {inBar, atOpen} = inBars([1, 2, 3], HOUR, 5)
    expect([...inBar]).toEqual([Number.NaN, 1, 2, 3, Number.NaN])
    expect([...atOpen]).toEqual([Number.NaN, 1, 2, 3, Number.NaN])
  })

  it('recorded to the millisecond at a close belongs to the bar that closes', () => {
    const {inBar, atOpen} = inBars([1, 2, 3], HOUR, 4, 0)
    expect([...inBar]).toEqual([1, 2, 3, Number.NaN])
    expect([...atOpen]).toEqual([0, 0, 0, Number.NaN])
  })

  it('sums to its total over days', () => {
    const {inBar} = inBars(range(1, 49), DAY, 2, 0)
    expect([...inBar]).toEqual([300, 876])
  })

  it('that is missing is not free: the bar is NaN, and a bar without a scheduled payment is 0', () => {
    expect([...inBars([1, 2, 3, 5, 6, 7], HOUR, 9).inBar].slice(1, 8)).toEqual([1, 2, 3, Number.NaN, 5, 6, 7])
    expect([...inBars([0, 8, 16, 24], HOUR, 10).inBar].slice(0, 10)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 8, 0])
  })
})

describe('holes', () => {
  it('in bars are found with the first missing open and the next bar', () => {
    const bars = hourly([0, 1, 4, 5])
    expect(barGaps(bars.ts, coinSpans(bars.coin), HOUR)).toEqual([
      {coin: 'A', from: day(0) + 2 * HOUR, to: day(0) + 4 * HOUR, missing: 2},
    ])
  })

  it('in funding are told from a change of schedule', () => {
    const eightHourly = range(0, 10).map((i) => i * 8)
    const hourlyAfter = range(73, 100)
    const settles = (hours: readonly number[]): Float64Array => Float64Array.from(hours, (hour) => day(0) + hour * HOUR)
    const gaps = (hours: readonly number[]): number =>
      fundingGaps(settles(hours), [{coin: 'A', from: 0, to: hours.length}]).length
    expect(gaps([...eightHourly, ...hourlyAfter])).toBe(0)
    expect(gaps([...eightHourly, ...hourlyAfter.filter((hour) => hour !== 80)])).toBe(1)
    expect(gaps([...eightHourly.filter((hour) => hour !== 32), ...hourlyAfter])).toBe(1)
  })
})
