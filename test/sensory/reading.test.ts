import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {median} from '../../src/kernel/median.ts'
import {nameColumns} from '../../src/sensory/name-columns.ts'
import {orderRows} from '../../src/sensory/order-rows.ts'
import {timesOfNumbers, timesOfTexts} from '../../src/sensory/read-times.ts'
import {zonedClock} from '../../src/sensory/zoned-time.ts'

const utc = (text: string): number => Date.parse(text)

describe('times', () => {
  it('with a zone of their own need no other', () => {
    const {ts} = timesOfTexts(['2024-07-01T01:00:00+01:00', '2024-07-01 00:00:00Z', '2024-07-01'], null)
    expect([...ts]).toEqual([utc('2024-07-01'), utc('2024-07-01'), utc('2024-07-01')])
  })

  it('without a zone are asked about', () => {
    expect(() => timesOfTexts(['2024-07-01 00:00:00'], null)).toThrowError(
      expect.objectContaining({code: 'ingest.unknown_time_zone', exitCode: 4}),
    )
  })

  it('that the clock shows twice or never are troubles, not guesses', () => {
    const {ts, troubles} = timesOfTexts(
      ['2023-10-29 00:59:59', '2023-10-29 01:30:00', '2023-10-29 02:00:00', '2023-03-26 01:30:00'],
      'Europe/London',
    )
    expect([...ts]).toEqual([utc('2023-10-28T23:59:59Z'), Number.NaN, utc('2023-10-29T02:00:00Z'), Number.NaN])
    expect([...troubles.keys()]).toEqual([1, 3])
  })

  it('of a day that does not exist are troubles', () => {
    expect([...timesOfTexts(['2023-02-30', 'yesterday', ''], null).troubles.keys()]).toEqual([0, 1, 2])
  })

  it('in seconds are not taken for milliseconds', () => {
    expect(timesOfNumbers(Float64Array.of(1_514_764_740), 'ms').troubles.size).toBe(1)
    expect([...timesOfNumbers(Float64Array.of(1_514_764_740), 's').ts]).toEqual([1_514_764_740_000])
    expect(timesOfNumbers(Float64Array.of(1_514_764_740_000), 's').troubles.size).toBe(1)
  })

  it('survive the round trip through any zone except where the clock repeats itself', () => {
    const zones = fc.constantFrom('Europe/London', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC')
    const instants = fc
      .integer({min: utc('2015-01-01') / 60_000, max: utc('2027-01-01') / 60_000})
      .map((m) => m * 60_000)
    fc.assert(
      fc.property(zones, instants, (zone, instant) => {
        const shown = new Date(instant).toLocaleString('sv-SE', {timeZone: zone})
        const found = zonedClock(zone)(utc(`${shown.replace(' ', 'T')}Z`))
        expect(found).toContain(instant)
        expect(found.length).toBeLessThanOrEqual(2)
      }),
      {numRuns: 200},
    )
  })
})

describe('columns', () => {
  const number = (name: string) => ({name, kind: 'number', numericShare: 1}) as const
  const text = (name: string) => ({name, kind: 'text', numericShare: 0}) as const
  const ohlcv = ['Open', 'HIGH', 'low', 'close', 'Volume'].map(number)
  const named = (columns: Parameters<typeof nameColumns>[1], rest: object = {}) =>
    nameColumns('ohlcv', columns, {map: {}, coin: null, ...rest})

  it('are known by name, whatever the case; of two times the numeric one wins', () => {
    const found = named([text('Date'), number('Unix'), text('Symbol'), ...ohlcv])
    expect(found).toEqual({
      ts: 'Unix',
      coin: 'Symbol',
      numbers: {open: 'Open', high: 'HIGH', low: 'low', close: 'close', volume: 'Volume'},
      texts: {},
    })
  })

  it('are asked about when two could be meant', () => {
    expect(() => named([number('ts'), text('symbol'), text('pair'), ...ohlcv])).toThrowError(
      expect.objectContaining({code: 'ingest.ambiguous_column'}),
    )
  })

  it('that are missing are named all at once', () => {
    expect(() => named([number('ts'), ...ohlcv.slice(1, 4)])).toThrowError(
      expect.objectContaining({code: 'ingest.missing_columns', what: 'The file has no column for coin, open, volume.'}),
    )
  })

  it('of a map that is none of ours are a wrong flag', () => {
    expect(() => named([number('ts'), ...ohlcv], {map: {vol: 'x'}})).toThrowError(
      expect.objectContaining({code: 'ingest.bad_map', exitCode: 2}),
    )
  })
})

describe('order', () => {
  const rows = (keys: readonly (readonly [string, number, number])[]) => ({
    count: keys.length,
    coin: keys.map(([coin]) => coin),
    ts: Float64Array.from(keys, ([, ts]) => ts),
    numbers: {close: Float64Array.from(keys, ([, , close]) => close)},
  })

  it('keeps a file that is in order as it is', () => {
    expect(
      orderRows(
        rows([
          ['A', 1, 1],
          ['A', 2, 1],
          ['B', 1, 1],
        ]),
        [],
      ).untouched,
    ).toBe(true)
  })

  it('drops exact repeats and counts them per coin', () => {
    const {order, duplicates} = orderRows(
      rows([
        ['B', 1, 5],
        ['A', 2, 1],
        ['A', 1, 1],
        ['A', 2, 1],
      ]),
      [],
    )
    expect([...order]).toEqual([2, 1, 0])
    expect([...duplicates]).toEqual([['A', 1]])
  })

  it('refuses two different rows with one key', () => {
    expect(() =>
      orderRows(
        rows([
          ['A', 1, 1],
          ['A', 1, 2],
        ]),
        [],
      ),
    ).toThrowError(expect.objectContaining({code: 'ingest.name_collision', exitCode: 4}))
  })

  it('is that of coin and time, whatever the file', () => {
    const key = fc.tuple(fc.constantFrom('A', 'B', 'C'), fc.integer({min: 0, max: 30}), fc.constant(1))
    fc.assert(
      fc.property(fc.array(key), (keys) => {
        const raw = rows(keys)
        const {order, duplicates} = orderRows(raw, [])
        const sorted = Array.from(order, (row) => `${raw.coin[row]}${String(raw.ts[row]).padStart(3, '0')}`)
        expect(sorted).toEqual([...new Set(sorted)].sort())
        expect(order.length + [...duplicates.values()].reduce((a, b) => a + b, 0)).toBe(keys.length)
      }),
    )
  })
})

describe('the median', () => {
  it('is the middle of the sorted values, whatever their order', () => {
    const number = fc.double({noNaN: true, noDefaultInfinity: true})
    fc.assert(
      fc.property(fc.array(number, {minLength: 1, maxLength: 60}), (values) => {
        const sorted = Float64Array.from(values).sort()
        const n = sorted.length
        const middle = n % 2 === 1 ? sorted[n >> 1]! : (sorted[n / 2 - 1]! + sorted[n / 2]!) / 2
        expect(median(Float64Array.from(values)) + 0).toBe(middle + 0)
      }),
    )
  })
})
