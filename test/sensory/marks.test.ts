import {describe, expect, it} from 'vitest'
import {QUALITY_LIMITS} from '../../src/contracts/ingest.ts'
import {coverageChart} from '../../src/sensory/coverage-chart.ts'
import {markOf, worstOf} from '../../src/sensory/grade.ts'
import {summarizeBars} from '../../src/sensory/import-summary.ts'
import {quotesQuality, tradesQuality} from '../../src/sensory/tick-quality.ts'
import {DAY, HOUR} from './bars.ts'

const START = 20_000 * DAY

/** Hourly bars of one coin that trade at a slowly changing price; `change` spoils some of them. */
function hours(
  count: number,
  change: (bar: {ts: number; o: number; h: number; l: number; c: number; v: number}, i: number) => object | null,
) {
  const bars = Array.from({length: count}, (_, i) => {
    const c = 100 + Math.sin(i) / 10
    const bar = {ts: START + i * HOUR, o: c, h: c + 1, l: c - 1, c, v: 5, late: 0}
    const spoiled = change(bar, i)
    return spoiled === null ? null : {...bar, ...spoiled}
  }).filter((bar) => bar !== null)
  const column = (pick: (bar: (typeof bars)[number]) => number): Float64Array => Float64Array.from(bars, pick)
  return {
    count: bars.length,
    coin: bars.map(() => 'BTC'),
    ts: column(({ts}) => ts),
    open: column(({o}) => o),
    high: column(({h}) => h),
    low: column(({l}) => l),
    close: column(({c}) => c),
    volume: column(({v}) => v),
    trades: column(() => 1),
    availableAt: column(({ts, late}) => ts + HOUR + late),
  }
}

const summary = (bars: ReturnType<typeof hours>, marks = QUALITY_LIMITS) =>
  summarizeBars(bars, '1h', {outlierSd: 8, redenominations: [], marks}).coins[0]!

describe('marks', () => {
  it('stand above a limit, not on it, and call nothing good that is no number', () => {
    const limit = {warn: 0.1, bad: 0.2}
    expect([0, 0.1, 0.11, 0.2, 0.21, Number.NaN].map((value) => markOf(value, limit))).toEqual([
      ...['ok', 'ok', 'warn', 'warn', 'bad', 'bad'],
    ])
    expect([worstOf([]), worstOf(['ok', 'bad', 'warn'])]).toEqual(['ok', 'bad'])
  })

  it('name the figure of a coin that is over its limit', () => {
    const clean = summary(hours(1000, () => ({})))
    expect([clean.mark, new Set(Object.values(clean.marks))]).toEqual(['ok', new Set(['ok'])])
    const cases = [
      [(i: number) => (i > 400 && i < 406 ? null : {}), {missing_share: 'warn'}],
      [(i: number) => (i > 400 && i < 420 ? null : {}), {missing_share: 'bad'}],
      [(i: number) => (i === 5 ? {h: 1} : {}), {ohlc_share: 'warn'}],
      [(i: number) => (i % 3 === 1 ? {v: 0} : {}), {zero_volume_share: 'warn'}],
      [(i: number) => (i % 50 === 1 ? {c: 900, h: 901} : {}), {outlier_share: 'bad'}],
      [(i: number) => (i % 20 === 1 ? {late: HOUR} : {}), {late_share: 'warn'}],
    ] as const
    for (const [spoil, marks] of cases) {
      const coin = summary(hours(1000, (_, i) => spoil(i)))
      expect([Object.keys(marks), coin.marks]).toMatchObject([Object.keys(marks), marks])
      expect(coin.mark).toBe(Object.values(marks)[0])
    }
  })

  it('move with the limits, which are data', () => {
    const strict = {...QUALITY_LIMITS, zero_volume_share: {warn: 0, bad: 0}}
    expect(
      summary(
        hours(1000, (_, i) => (i === 7 ? {v: 0} : {})),
        strict,
      ).marks.zero_volume_share,
    ).toBe('bad')
  })
})

describe('the picture of coverage', () => {
  it('shows a hole as a lighter field and time outside a coin as none', () => {
    const whole = hours(96, (_, i) => (i === 10 ? null : {}))
    const late = {
      coin: Array.from({length: 48}, () => 'NEW'),
      ts: Float64Array.from({length: 48}, (_, i) => START + (48 + i) * HOUR),
    }
    const both = {coin: [...whole.coin, ...late.coin], ts: Float64Array.from([...whole.ts, ...late.ts])}
    const chart = coverageChart('x', both, HOUR)!
    expect(chart.yCategories).toEqual(['BTC', 'NEW'])
    expect(chart.values[0]!.filter((share) => share !== 1)).toEqual([0.5])
    expect(chart.values[1]!.slice(0, 24).every((share) => share === null)).toBe(true)
    expect(chart.values[1]!.slice(24).every((share) => share === 1)).toBe(true)
    expect(coverageChart('x', {coin: [], ts: new Float64Array()}, HOUR)).toBeNull()
  })
})

describe('streams', () => {
  const coin = Array.from({length: 4}, () => 'BTC')
  const ts = Float64Array.from([0, 100, 200, 700_200], (ms) => START + ms)

  it('count trades that came behind a later one and ids that stand twice', () => {
    const availableAt = Float64Array.from([50, 400, 300, 700_300], (ms) => START + ms)
    const [figures] = tradesQuality({coin, ts, tid: ['1', '2', '3', '1'], availableAt}, QUALITY_LIMITS)
    expect(figures).toMatchObject({
      figures: {out_of_order_share: 0.25, repeated_id_share: 0.25, silence_ms: 700_000},
      marks: {out_of_order_share: 'bad', repeated_id_share: 'bad', silence_ms: 'bad'},
      mark: 'bad',
    })
    const imported = tradesQuality({coin, ts, tid: ['1', '2', '3', '4'], availableAt: ts}, QUALITY_LIMITS)
    expect(imported[0]!.figures).toMatchObject({out_of_order_share: 0, repeated_id_share: 0})
  })

  it('count quotes that are crossed, locked or one-sided', () => {
    const [figures] = quotesQuality(
      {coin, ts, bid: Float64Array.of(99, 101, 100, Number.NaN), ask: Float64Array.of(100, 100, 100, 100)},
      QUALITY_LIMITS,
    )
    expect(figures!.figures).toMatchObject({crossed_share: 0.25, locked_share: 0.25, empty_share: 0.25})
  })
})
