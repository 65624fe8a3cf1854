import {describe, expect, it} from 'vitest'
import {DAY_MS, HOUR_MS} from '../../src/kernel/instant.ts'
import {generatedListing as listed} from '../../src/sim/listing.ts'
import {aggregate, type Bar} from '../../src/sim/market/bars.ts'
import {HISTORY_END, HISTORY_START} from '../../src/sim/market/generated-history.ts'
import {tickAt} from '../../src/sim/market/price-grid.ts'
import {scenarioNamed} from '../../src/sim/scenario.ts'

const generatedListing = (seed: number) =>
  listed(seed, scenarioNamed('demo')).map((asset) => ({...asset, tape: asset.market.tape}))
const listing = generatedListing(7)
const named = (name: string): (typeof listing)[number] => listing.find((asset) => asset.name === name)!
const pastDays = (name: string): readonly Bar[] => named(name).tape.start.days

describe('the generated market', () => {
  it('is the same for one seed and another for another', () => {
    const close = (seed: number) => generatedListing(seed)[5]!.tape.start.days.slice(-3)
    expect(close(7)).toEqual(pastDays(listing[5]!.name).slice(-3))
    expect(close(8)).not.toEqual(close(7))
  })

  it('has at least twenty assets with ten years of days and two delisted ones', () => {
    const full = listing.filter(({tape}) => tape.start.days.length === 3650)
    expect(full.length).toBeGreaterThanOrEqual(20)
    expect(listing.filter(({tape}) => !tape.trades).map(({name}) => name)).toEqual(['CINNABAR', 'GALENA'])
    expect(pastDays('BTC')[0]!.t).toBe(HISTORY_START)
    expect(pastDays('BTC').at(-1)!.t).toBe(HISTORY_END - DAY_MS)
  })

  it('ends one delisted asset in silence and the other in flat bars without volume', () => {
    expect(pastDays('GALENA').every(({v}) => v > 0)).toBe(true)
    const flat = pastDays('CINNABAR').filter(({v}) => v === 0)
    expect(flat).toHaveLength(12)
    expect(flat.every(({o, h, l, c, t}) => o === c && h === l && t > pastDays('CINNABAR').at(-13)!.t)).toBe(true)
  })

  it('brings one name back after 300 days at a price of another order', () => {
    const days = pastDays('FELDSPAR')
    const at = days.findIndex((bar, i) => i > 0 && bar.t - days[i - 1]!.t > DAY_MS)
    expect((days[at]!.t - days[at - 1]!.t) / DAY_MS).toBe(301)
    expect(days[at]!.o / days[at - 1]!.c).toBeGreaterThan(3)
  })

  it('leaves a few minutes without a candle, and nowhere else', () => {
    const holes = listing.flatMap(({name, tape}) =>
      tape.start.minutes.slice(1).flatMap((bar, i) => (bar.t - tape.start.minutes[i]!.t > 60_000 ? [name] : [])),
    )
    expect(holes).toEqual(['BORAX', 'CORAL', 'KYANITE', 'KYANITE'])
    for (const {tape} of listing.filter((asset) => asset.tape.trades)) {
      expect(tape.start.hours.slice(1).every((bar, i) => bar.t - tape.start.hours[i]!.t === HOUR_MS)).toBe(true)
    }
  })

  it('keeps days, hours and minutes consistent to the tick and the lot', () => {
    const bars = (list: readonly Bar[]) => new Map(list.map((bar) => [bar.t, bar]))
    for (const {name, tape} of listing.filter((asset) => asset.tape.trades)) {
      const {days, hours, minutes} = tape.start
      expect(hours.length).toBeGreaterThanOrEqual(5000)
      const byDay = bars(days)
      for (const day of aggregate(hours, DAY_MS)) expect(byDay.get(day.t), name).toEqual(day)
      const byHour = bars(hours)
      for (const {n: _, ...hour} of aggregate(minutes, HOUR_MS)) {
        // A silent first minute moves the open of what is left of its hour, and nothing else.
        expect(byHour.get(hour.t), name).toMatchObject({h: hour.h, l: hour.l, c: hour.c, v: hour.v})
      }
    }
  })

  it('prints only prices of the venue grid, inside their own high and low', () => {
    const wrong = listing.flatMap(({szDecimals, tape}) =>
      [...tape.start.days, ...tape.start.hours].filter(({o, h, l, c}) => {
        const onGrid = [o, h, l, c].every((px) => px > 0 && px % tickAt(px, szDecimals) === 0)
        return !onGrid || l > Math.min(o, c) || h < Math.max(o, c)
      }),
    )
    expect(wrong).toEqual([])
  })

  it('trades more than a million dollars a day in the median of every asset', () => {
    for (const {name, szDecimals, tape} of listing) {
      const notionals = tape.start.days.map(({c, v}) => (c / 1e6) * (v / 10 ** szDecimals)).sort((a, b) => a - b)
      expect(notionals[notionals.length >> 1], name).toBeGreaterThan(1e6)
    }
  })

  it('charges the funding that its premium implies, every eight hours at first and hourly at last', () => {
    for (const {tape} of listing.slice(0, 6)) {
      const rows = tape.start.funding
      const wrong = rows.filter(({time, rate, premium}) => {
        const whole = premium + Math.max(-5_000_000, Math.min(5_000_000, 1_000_000 - premium))
        const hourly = time > tape.start.hourlyFundingFrom + HOUR_MS / 2
        return (hourly ? rate * 8 : rate) !== whole || time % HOUR_MS === 0 || time % HOUR_MS > 118
      })
      expect(wrong).toEqual([])
      expect(rows.filter(({time}) => time > HISTORY_END - DAY_MS + HOUR_MS / 2).length).toBe(24)
    }
  })

  it('clusters volatility: squared returns are correlated, returns are not', () => {
    const closes = pastDays('BTC').map(({c}) => Math.log(c))
    const returns = closes.slice(1).map((close, i) => close - closes[i]!)
    expect(Math.abs(lagOne(returns))).toBeLessThan(0.05)
    expect(lagOne(returns.map((r) => r * r))).toBeGreaterThan(0.05)
  })
})

describe('the market after the recorded past', () => {
  it('depends on the seed and the instant only, however it is reached', () => {
    const instant = HISTORY_END + 5 * HOUR_MS + 1_234_567
    const direct = generatedListing(7)[3]!.tape
    const wandering = generatedListing(7)[3]!.tape
    for (let t = HISTORY_END; t < instant; t += 400_000) wandering.midAt(t)
    expect(wandering.midAt(instant)).toBe(direct.midAt(instant))
    expect(wandering.hours(instant)).toEqual(direct.hours(instant))
    expect(wandering.days(instant).at(-1)).toEqual(direct.days(instant).at(-1))
  })

  it('never shows a running candle that the finished one contradicts', () => {
    const {tape} = generatedListing(7)[4]!
    const open = HISTORY_END + 3 * HOUR_MS
    let before: Bar | undefined
    for (let t = open; t < open + HOUR_MS; t += 17_000) {
      const running = tape.hours(t).at(-1)!
      expect(running.t).toBe(open)
      if (before) {
        expect(running.o).toBe(before.o)
        expect(running.h).toBeGreaterThanOrEqual(before.h)
        expect(running.l).toBeLessThanOrEqual(before.l)
        expect(running.v).toBeGreaterThanOrEqual(before.v)
      }
      before = running
    }
    const finished = tape.hours(open + HOUR_MS).at(-2)!
    expect(finished.t).toBe(open)
    expect(finished.h).toBeGreaterThanOrEqual(before!.h)
    expect(finished.v).toBeGreaterThanOrEqual(before!.v)
  })
})

function lagOne(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const centred = values.map((value) => value - mean)
  const variance = centred.reduce((sum, value) => sum + value * value, 0)
  return centred.slice(1).reduce((sum, value, i) => sum + value * centred[i]!, 0) / variance
}
