import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {BAR} from '../../src/contracts/panel.ts'
import {asksForOpens, incarnations} from '../../src/sensory/incarnations.ts'
import {markBars} from '../../src/sensory/mark-bars.ts'
import {barsOf, DAY, day, days, HOUR, type Row} from './bars.ts'

const namesOf = (rows: readonly Row[], barMs = DAY): string[] =>
  incarnations(barsOf(rows, barMs), barMs).map(({asset}) => asset)

describe('a name that comes back', () => {
  it('is another asset after 14 missing days, whatever its price', () => {
    expect(namesOf([...days(0, 5), ...days(19, 22)])).toEqual(['A', 'A#2'])
    expect(namesOf([...days(0, 5), ...days(18, 22)])).toEqual(['A'])
  })

  it('is another asset after 3 missing days when its price is outside a third to three times the old one', () => {
    expect(namesOf([...days(0, 5, {close: 90}), ...days(8, 10, {close: 29})])).toEqual(['A', 'A#2'])
    expect(namesOf([...days(0, 5, {close: 90}), ...days(8, 10, {close: 31})])).toEqual(['A'])
    expect(namesOf([...days(0, 5, {close: 10}), ...days(8, 10, {close: 31})])).toEqual(['A', 'A#2'])
    expect(namesOf([...days(0, 5, {close: 90}), ...days(7, 10, {close: 1})])).toEqual(['A'])
  })

  it('counts 72 missing hours on hourly bars', () => {
    const hours = (from: number, to: number, close: number): Row[] =>
      Array.from({length: to - from}, (_, i) => ({ts: day(0) + (from + i) * HOUR, close}))
    expect(namesOf([...hours(0, 10, 90), ...hours(82, 90, 1)], HOUR)).toEqual(['A', 'A#2'])
    expect(namesOf([...hours(0, 10, 90), ...hours(81, 90, 1)], HOUR)).toEqual(['A'])
  })

  it('stays itself through a declared change of unit', () => {
    const bars = barsOf([...days(0, 5, {close: 0.00001}), ...days(9, 12, {close: 0.01})])
    const declared = [{coin: 'A', from: day(9), factor: 1000}]
    expect(incarnations(bars, DAY, declared).map(({asset}) => asset)).toEqual(['A'])
    expect(incarnations(bars, DAY).map(({asset}) => asset)).toEqual(['A', 'A#2'])
  })

  it('never loses or shares a row, whatever the gaps and prices', () => {
    const step = fc.record({gap: fc.integer({min: 1, max: 20}), close: fc.double({min: 0.01, max: 1000, noNaN: true})})
    fc.assert(
      fc.property(fc.array(step, {minLength: 1, maxLength: 40}), (steps) => {
        let at = 0
        const rows = steps.map(({gap, close}) => {
          at += gap
          return {ts: day(at), close}
        })
        const lives = incarnations(barsOf(rows), DAY)
        expect(lives[0]!.from).toBe(0)
        expect(lives.at(-1)!.to).toBe(steps.length)
        for (let k = 1; k < lives.length; k++) expect(lives[k]!.from).toBe(lives[k - 1]!.to)
      }),
    )
  })
})

describe('a coin that stops trading', () => {
  const marksAt = (rows: readonly Row[], asOf: number): {states: number[]; died: number} => {
    const bars = barsOf(rows)
    const marks = markBars(bars, incarnations(bars, DAY), DAY, asOf)
    return {states: [...marks.state], died: marks.diedAt[0]!}
  }

  it('is dead after three bars without volume, from its last trade on', () => {
    const rows = [...days(0, 3), ...days(3, 6, {volume: 0})]
    expect(marksAt(rows, day(6))).toEqual({states: [2, 2, 2, 3, 3, 3], died: day(2)})
  })

  it('is not dead after two', () => {
    const rows = [...days(0, 3), ...days(3, 5, {volume: 0})]
    expect(marksAt(rows, day(5)).states).toEqual(new Array(5).fill(BAR.live))
  })

  it('has not been listed before its first trade', () => {
    expect(marksAt([...days(0, 3, {volume: 0}), ...days(3, 5)], day(5)).states).toEqual([1, 1, 1, 2, 2])
  })

  it('is dead when its bars end while the venue goes on, and not when the recorder stops', () => {
    const rows = [...days(0, 50), ...days(0, 100, {coin: 'B'}), ...days(0, 100, {coin: 'C'})]
    const venue = barsOf(rows)
    const lives = incarnations(venue, DAY)
    const died = (asOf: number): boolean[] =>
      [...markBars(venue, lives, DAY, asOf).diedAt].map((at) => !Number.isNaN(at))
    expect(died(day(100))).toEqual([true, false, false])
    // 24 daily bars after everything ended at once: nobody had a bar lately, so nobody is called dead for it.
    expect(died(day(125))).toEqual([false, false, false])
  })
})

describe('opens', () => {
  const away = (hours: number): ReturnType<typeof barsOf> =>
    barsOf([{ts: day(0)}, {ts: day(1)}, {ts: day(2) + hours * 3_600_000}, {coin: 'B', ts: day(40)}])

  it('are asked for from three missing days up to fourteen, of one coin, and there only do they matter', () => {
    const asks = (hours: number): boolean => asksForOpens(away(hours), DAY)
    expect([0, 71, 72, 335, 336, 4000].map(asks)).toEqual([false, false, true, true, false, false])
    fc.assert(
      fc.property(fc.nat(400), fc.double({min: 0.01, max: 1000, noNaN: true}), (hours, open) => {
        const bars = away(hours)
        const livesWith = (opens: Float64Array): unknown => incarnations({...bars, open: opens}, DAY)
        const without = livesWith(new Float64Array(0))
        if (!asksForOpens(bars, DAY)) expect(livesWith(new Float64Array(4).fill(open))).toEqual(without)
      }),
    )
  })
})
