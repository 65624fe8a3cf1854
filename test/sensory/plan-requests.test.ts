import {describe, expect, it} from 'vitest'
import {
  askedOnce,
  type CoinMemory,
  checkedUpTo,
  planBars,
  planPayments,
  recheckBars,
} from '../../src/sensory/plan-requests.ts'
import {DAY, HOUR} from './bars.ts'

const MINUTE = 60_000
const now = 20_000 * DAY + 90 * MINUTE
const newest = 20_000 * DAY
const nothing: CoinMemory = {asked: {}, checked: null}
const hole = (from: number, bars = 1) => ({from, to: from + bars * HOUR})

describe('requests for bars', () => {
  const plan = (lastTs: number | null, rest: object = {}, memory = nothing) =>
    planBars({lastTs, gaps: [], delisted: false, ...rest}, memory, now, HOUR)
  const starts = (...args: Parameters<typeof plan>) =>
    plan(...args).requests.map(({why, startTime}) => [why, startTime])

  it('begin with the 5,000 bars that the venue still has', () => {
    expect(plan(null).requests).toEqual([
      {why: 'first', startTime: newest - 4999 * HOUR, endTime: now, missingFrom: newest - 4999 * HOUR},
    ])
  })

  it('go on behind the newest stored bar with the last ones again, and stop when nothing can be new', () => {
    expect(plan(newest - 3 * HOUR).requests).toMatchObject([
      {why: 'new', startTime: newest - 4 * HOUR, missingFrom: newest - 2 * HOUR},
    ])
    expect(plan(newest).requests).toEqual([])
    expect([recheckBars(HOUR), recheckBars(MINUTE)]).toEqual([2, 6])
  })

  it('look once more at bars that came before their grace was over', () => {
    const half = newest + HOUR + 2 * MINUTE
    const early = {asked: {}, checked: checkedUpTo(half, HOUR)}
    expect(early.checked).toBe(newest - HOUR)
    const at = (time: number, memory: CoinMemory) =>
      planBars({lastTs: newest, gaps: [], delisted: false}, memory, time, HOUR).requests.map(({why}) => why)
    expect(at(half, early)).toEqual([])
    const later = half + 4 * MINUTE
    expect(at(later, early)).toEqual(['check'])
    expect(at(later, {asked: {}, checked: checkedUpTo(later, HOUR)})).toEqual([])
  })

  it('ask for a hole of any age that the venue still keeps, by itself when that is cheaper', () => {
    const old = newest - 4000 * HOUR
    expect(starts(newest, {gaps: [hole(old)]})).toEqual([['hole', old]])
    expect(starts(newest - HOUR, {gaps: [hole(old)]})).toEqual([
      ['hole', old],
      ['new', newest - 2 * HOUR],
    ])
    expect(starts(newest - HOUR, {gaps: [hole(newest - 10 * HOUR)]})).toEqual([['new', newest - 10 * HOUR]])
  })

  it('ask for a hole less and less often, and never for ever', () => {
    const from = newest - 100 * HOUR
    let memory = nothing
    const asked: number[] = []
    for (let time = now; time < now + 60 * DAY; time += HOUR) {
      const have = {lastTs: Math.floor(time / HOUR) * HOUR - HOUR, gaps: [hole(from)], delisted: false}
      const {asks} = planBars(have, memory, time, HOUR)
      if (!asks.includes(`hole ${from}`)) continue
      asked.push((time - now) / HOUR)
      memory = {...memory, asked: {[`hole ${from}`]: askedOnce(memory.asked[`hole ${from}`], time)}}
    }
    expect(asked.slice(0, 6)).toEqual([0, 1, 3, 7, 15, 31])
    expect(Math.max(...asked.slice(1).map((at, i) => at - asked[i]!))).toBe(168)
  })

  it('give up what is older than the venue keeps, also what an absence of months left', () => {
    const oldest = newest - 4999 * HOUR
    const gone = plan(newest, {gaps: [hole(oldest - 5 * HOUR, 3), hole(oldest - HOUR, 4)]})
    expect(gone.lost).toEqual([
      {from: oldest - 5 * HOUR, to: oldest - 2 * HOUR},
      {from: oldest - HOUR, to: oldest},
    ])
    expect(gone.requests).toMatchObject([{why: 'hole', startTime: oldest, endTime: oldest + 3 * HOUR - 1}])
    const away = plan(oldest - 10 * HOUR)
    expect(away.lost).toEqual([{from: oldest - 9 * HOUR, to: oldest}])
    expect(away.requests).toMatchObject([{why: 'new', startTime: oldest}])
  })

  it('ask a delisted contract for its last bars twice, and then no more', () => {
    const lastTs = newest - 100 * HOUR
    const vain = (times: number): CoinMemory => ({asked: {[`since ${lastTs}`]: {times, last: 0}}, checked: null})
    expect(starts(lastTs, {delisted: true})).toHaveLength(1)
    expect(starts(lastTs, {delisted: true}, vain(1))).toHaveLength(1)
    expect(starts(lastTs, {delisted: true}, vain(2))).toEqual([])
    expect(starts(lastTs, {}, vain(50))).toHaveLength(1)
    expect(starts(null, {delisted: true}, {asked: {first: {times: 2, last: 0}}, checked: null})).toEqual([])
  })

  it('do not fall silent when the venue’s clock was set back', () => {
    const from = newest - 10 * HOUR
    const memory = {asked: {[`hole ${from}`]: {times: 5, last: now + 400 * DAY}}, checked: null}
    expect(starts(newest, {gaps: [hole(from)]}, memory)).toHaveLength(1)
  })
})

describe('requests for funding', () => {
  const plan = (lastTs: number | null, rest: object = {}, memory = nothing) =>
    planPayments({lastTs, gaps: [], delisted: false, ...rest}, memory, 7, now)

  it('begin where the coin does, and go on from the newest payment, that one included', () => {
    expect(plan(null).requests).toMatchObject([{why: 'first', startTime: 7}])
    const last = newest - 2 * HOUR + 90_000
    expect(plan(last).requests).toMatchObject([{why: 'new', startTime: last, missingFrom: newest - HOUR}])
  })

  it('are not made while the next payment is not due', () => {
    expect(plan(newest + HOUR + 21).requests).toEqual([])
  })

  it('give a payment up that the venue did not have six times', () => {
    const gap = hole(newest - 50 * HOUR)
    const asked = (times: number): CoinMemory => ({asked: {[`hole ${gap.from}`]: {times, last: 0}}, checked: null})
    expect(plan(newest + HOUR, {gaps: [gap]}, asked(5))).toMatchObject({requests: [{why: 'hole'}], lost: []})
    expect(plan(newest + HOUR, {gaps: [gap]}, asked(6))).toMatchObject({requests: [], lost: [gap]})
  })
})
