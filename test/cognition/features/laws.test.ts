import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {OPERATORS} from '../../../src/cognition/features/operators/index.ts'
import {rankMembers} from '../../../src/cognition/features/operators/rank-members.ts'
import type {InputName, Panel} from '../../../src/contracts/panel.ts'
import {Random} from '../../../src/kernel/random.ts'
import {EXAMPLES} from './examples.ts'
import {compiled, computed, onCloses, panelOf, randomPanel} from './panels.ts'

const NaN_ = Number.NaN

/** Values of `b` are those of `a`, NaN where it is NaN; `digits` 0 asks for the same bits. */
function expectSame(a: Float64Array, b: Float64Array, digits: number, what: string): void {
  expect(a.length).toBe(b.length)
  for (const [t, value] of a.entries()) {
    const other = b[t]!
    const near = digits > 0 && Math.abs(value - other) <= digits * Math.max(1e-9, Math.abs(value))
    expect(near || Object.is(value + 0, other + 0), `${what}, bar ${t}: ${value} and ${other}`).toBe(true)
  }
}

const scaled = (panel: Panel, names: readonly InputName[], factor: number): Panel => ({
  ...panel,
  series: new Map(
    [...panel.series].map(([name, columns]) => [
      name,
      names.includes(name) ? columns.map((row) => row.map((v) => v * factor)) : columns,
    ]),
  ),
})
const PRICES = ['open', 'high', 'low', 'close'] as const

/**
 * What the example of an operator does when all prices are quoted in another unit: it stays, or grows by this power.
 * `added`: the logarithm of the unit is added. `mixed`: a price meets a plain number, so there is no law.
 */
const PRICE_LAW: Record<string, number | 'added' | 'mixed'> = {
  abs: 1,
  sign: 0,
  log: 'added',
  exp: 0,
  sqrt: 0,
  power: 0,
  signed_power: 0,
  clip: 1,
  min: 1,
  max: 'mixed',
  where: 1,
  isnan: 0,
  fill_forward: 1,
  delay: 1,
  delta: 1,
  returns: 0,
  log_returns: 0,
  ts_sum: 1,
  ts_mean: 1,
  ts_std: 1,
  ts_var: 2,
  ts_min: 1,
  ts_max: 1,
  ts_argmin: 0,
  ts_argmax: 0,
  ts_rank: 0,
  ts_zscore: 0,
  ts_product: 0,
  ts_skew: 0,
  ts_kurt: 0,
  ts_quantile: 1,
  ts_median: 1,
  ts_corr: 0,
  ts_cov: 1,
  ts_beta: 0,
  ts_slope: 1,
  decay_linear: 1,
  wma: 1,
  ema: 1,
  rsi: 0,
  atr: 1,
  vwap: 1,
  adv: 1,
  ts_count: 0,
  bars_since: 0,
  cs_rank: 0,
  cs_zscore: 0,
  cs_demean: 1,
  cs_scale: 0,
  cs_winsorize: 1,
  cs_neutralize: 1,
  cs_quantile: 0,
  hour_of_day: 0,
  day_of_week: 0,
  since_funding: 0,
  ref: 1,
  at: 1,
  latch: 0,
  hold: 0,
  residual: 1,
  lead: 1,
  centred_mean: 1,
  whole_mean: 1,
  whole_std: 0,
  at_open: 1,
  gradient: 1,
}

describe('every operator, when prices are quoted in another unit', () => {
  const panel = randomPanel('units', 5, 70, 0.03)
  const factor = 8

  it('has a law here', () => expect(Object.keys(PRICE_LAW).sort()).toEqual(Object.keys(OPERATORS).sort()))

  it.each(Object.entries(PRICE_LAW).filter(([, law]) => law !== 'mixed'))('%s keeps its law (%s)', (name, law) => {
    const before = computed(EXAMPLES[name]!, panel)
    const after = computed(EXAMPLES[name]!, scaled(panel, PRICES, factor))
    for (const [a, row] of before.entries()) {
      const wanted = row.map((v) => (law === 'added' ? v + Math.log(factor) : v * factor ** (law as number)))
      expectSame(wanted, after[a]!, 1e-9, name)
    }
  })
})

describe('every operator, when the assets stand in another order', () => {
  const panel = randomPanel('order', 6, 60, 0.03)
  const order = [4, 1, 5, 0, 3, 2]
  const shuffled: Panel = {
    ...panel,
    assets: order.map((a) => panel.assets[a]!),
    series: new Map([...panel.series].map(([name, columns]) => [name, order.map((a) => columns[a]!)])),
  }

  it.each(Object.entries(EXAMPLES))('%s says the same of each', (name, text) => {
    const [straight, mixed] = [computed(text, panel), computed(text, shuffled)]
    // Sums across assets are taken in their order: the last digit may differ, nothing else.
    const digits = /^(cs_|residual)/.test(name) ? 1e-9 : 0
    for (const [k, a] of order.entries()) expectSame(straight[a]!, mixed[k]!, digits, name)
  })
})

/** Operators that carry something from the first bar on: only the whole past has their value. */
const CARRYING = new Set(['ema', 'rsi', 'atr', 'bars_since', 'since_funding', 'latch'])

describe('every operator on the newest window', () => {
  const panel = randomPanel('newest', 3, 1_400, 0.001)
  const newest = (from: number, to: number): Panel => {
    const cut = (columns: readonly Float64Array[]): Float64Array[] => columns.map((row) => row.slice(from, to))
    return {
      ...panel,
      ts: panel.ts.slice(from, to),
      series: new Map([...panel.series].map(([name, columns]) => [name, cut(columns)])),
      state: panel.state.map((row) => row.slice(from, to)),
      availableAt: cut(panel.availableAt),
    }
  }
  const windows = Object.entries(EXAMPLES).filter(
    ([name]) => !CARRYING.has(name) && OPERATORS[name as keyof typeof OPERATORS].family !== 'look-ahead',
  )

  it.each(windows)('%s has the bits of the whole past', (_, text) => {
    const whole = computed(text, panel)
    for (const to of [701, 702, 850, 999, 1_203, 1_400]) {
      const late = computed(text, newest(to - 600, to))
      for (const [a, row] of late.entries()) {
        const [now, then] = [row.at(-1)!, whole[a]![to - 1]!]
        expect(Object.is(now + 0, then + 0), `before ${to}: ${now} and ${then}`).toBe(true)
      }
    }
  })
})

describe('ranks of members', () => {
  const byDefinition = (values: readonly number[]): number[] =>
    values.map((v) => (values.filter((w) => w < v).length + values.filter((w) => w <= v).length + 1) / 2)
  const ranks = (values: readonly number[]): number[] => {
    const out = new Float64Array(values.length + 3)
    rankMembers(Float64Array.from([...values, NaN_, 7, 8]), values.length, out)
    return [...out.subarray(0, values.length)]
  }
  const odd = fc.oneof(
    fc.integer({min: -3, max: 3}),
    fc.double({noNaN: true, noDefaultInfinity: true}),
    fc.constantFrom(0, -0, 1e300, -1e300, 5e-324, Number.MAX_VALUE, -Number.MAX_VALUE),
  )

  it('are their definition, for few and many, with ties, outliers and numbers at the ends of the scale', () => {
    fc.assert(
      fc.property(fc.array(odd, {maxLength: 90}), (values) => {
        expect(ranks(values)).toEqual(byDefinition(values))
      }),
    )
  })

  it('are the same for crowds of one level under a single outlier, and for more assets than any venue has', () => {
    const random = new Random('crowd')
    const crowd = Array.from({length: 300}, (_, k) => (k === 100 ? 1e12 : random.unit()))
    expect(ranks(crowd)).toEqual(byDefinition(crowd))
    const many = Array.from({length: 1_500}, () => random.below(700))
    expect(ranks(many)).toEqual(byDefinition(many))
  })
})

describe('sums over a million bars', () => {
  it('are as good at the end as at the beginning: the long run has ten million', () => {
    // Level 1e4, noise 1, a jump of 1e6 in the middle.
    const T = 1_000_000
    const random = new Random('a million')
    const noise = Float64Array.from({length: 4_096}, () => random.normal())
    const close = new Float64Array(T)
    for (let t = 0; t < T; t++) close[t] = 1e4 + noise[(t * 7 + (t >> 11)) & 4095]! + (t > T / 2 ? 1e6 : 0)
    const panel = panelOf({close: [close]})
    const n = 50
    for (const name of ['ts_sum', 'ts_std', 'ts_slope']) {
      const values = computed(`${name}(close, ${n})`, panel)[0]!
      for (const t of [1_000, T / 2 + 10, T / 2 + 49, T / 2 + 60, 765_432, T - 1]) {
        const window = [...close.subarray(t - n + 1, t + 1)]
        const fresh = onCloses(`${name}(close, ${n})`, window).at(-1)!
        expect(Math.abs(values[t]! - fresh), `${name} at ${t}`).toBeLessThanOrEqual(1e-9 * Math.abs(fresh))
      }
    }
  })
})

describe('a panel with one asset', () => {
  const one = randomPanel('alone', 1, 40)
  const last = (text: string): number => computed(text, one)[0]!.at(-1)!

  it('has the first and only rank, no score, and nothing left of what its mean explains', () => {
    expect(last('cs_rank(close)')).toBe(1)
    expect(last('cs_zscore(close)')).toBeNaN()
    expect(last('cs_demean(close)')).toBe(0)
    expect(last('cs_scale(close)')).toBe(1)
    expect(last('cs_winsorize(close, 0.1)')).toBe(one.series.get('close')![0]!.at(-1))
    expect(last('cs_quantile(close, 3)')).toBe(1)
    expect(last('cs_neutralize(close, volume)')).toBeNaN()
    expect(last('residual(close, volume, open)')).toBeNaN()
  })
})

describe('windows and divisors that leave nothing', () => {
  it.each(Object.entries(EXAMPLES).filter(([, text]) => /, [3-6]\)/.test(text)))(
    '%s has no value, and no fault, on data shorter than its window',
    (_, text) => {
      const short = randomPanel('short', 3, 1)
      for (const row of computed(text.replaceAll(/, [3-6]\)/g, ', 500)'), short)) {
        for (const v of row) expect(Number.isNaN(v) || Number.isFinite(v)).toBe(true)
      }
    },
  )

  it('a division by a series of zeros is nothing everywhere, and stays nothing in what is made of it', () => {
    const panel = randomPanel('zeros', 3, 30)
    for (const text of [
      'close / (close - close)',
      'ts_mean(close / (close - close), 3)',
      'cs_rank(close / (close - close))',
      'close / (close - close) > 1 ? 1 : 0',
      '-(close / (close - close))',
    ]) {
      for (const row of computed(text, panel)) expect(row.every(Number.isNaN), text).toBe(true)
    }
  })
})

describe('an expression beyond the limits', () => {
  const compile = (text: string) => () => compiled(text)

  it('of 10,000 nodes, or in 1,000 parentheses, is refused by name with a place', () => {
    const [sum, nest] = [`close${'+1'.repeat(4_990)}`, `${'('.repeat(1_000)}close${')'.repeat(1_000)}`]
    expect(compile(sum)).toThrowError(
      expect.objectContaining({code: 'feature.too_deep', exitCode: 3, why: expect.stringMatching(/x:1:\d+ [\s\S]*\^/)}),
    )
    expect(compile(`close${'+close'.repeat(9_999)}`)).toThrowError(
      expect.objectContaining({code: 'feature.too_long', why: expect.stringMatching(/x:1:10001 [\s\S]*\^/)}),
    )
    expect(compile(nest)).toThrowError(
      expect.objectContaining({code: 'feature.too_deep', exitCode: 3, why: expect.stringMatching(/x:1:201 [\s\S]*\^/)}),
    )
  })
})
