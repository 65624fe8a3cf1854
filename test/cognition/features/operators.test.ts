import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {usesFuture, warmupBars} from '../../../src/cognition/features/compile-hypothesis.ts'
import {OPERATORS} from '../../../src/cognition/features/operators/index.ts'
import type {InputName, Panel} from '../../../src/contracts/panel.ts'
import {HOUR_MS} from '../../../src/kernel/instant.ts'
import {Random} from '../../../src/kernel/random.ts'
import {againstGolden} from '../../against-golden.ts'
import {EXAMPLES} from './examples.ts'
import {compiled, computed, everywhere, firstBars, onCloses, panelOf, randomPanel} from './panels.ts'

const NaN_ = Number.NaN

const CAUSAL = Object.entries(EXAMPLES).filter(([name]) => !usesFuture(compiled(EXAMPLES[name]!)))
const CHEATS = Object.entries(EXAMPLES).filter(([name]) => usesFuture(compiled(EXAMPLES[name]!)))

/** State that no finite history gives for certain. */
const CARRYING = new Set(['bars_since', 'since_funding', 'latch'])
/** Smoothings: the weight of where they began fades and never ends. */
const FADES = new Set(['ema', 'rsi', 'atr'])
const FADING = CAUSAL.filter(([name]) => FADES.has(name))
/** Everything else, alone and in the chains of published formulas: correlations of ranks, ranks of correlations. */
const FORGETTING = [
  ...CAUSAL.filter(([name]) => !CARRYING.has(name) && !FADES.has(name)),
  ['a correlation of ranks', 'cs_rank(ts_corr(cs_rank(delta(volume, 2)), cs_rank((close - open) / open), 6))'],
  ['an extreme of correlations', 'cs_rank(ts_max(ts_corr(ts_rank(volume, 5), ts_rank(high, 5), 5), 3))'],
  ['a rank of correlations', 'ts_rank(ts_corr(ts_rank(vwap, 19), ts_rank(adv(30), 4), 9), 8)'],
  ['a score of a slope', 'cs_rank(ts_zscore(ts_slope(sign(delta(close, 1)), 7), 6))'],
  ['a spread of moments', 'cs_rank(ts_skew(ts_rank(close, 5), 6) - ts_kurt(ts_rank(low, 5), 8))'],
  ['a decay of ranks', 'cs_rank(decay_linear(cs_rank(close) - cs_rank(open), 6))'],
] as const

/** Prices and volumes in whole steps, few of them. */
const inTicks = (panel: Panel): Panel => ({
  ...panel,
  series: new Map(
    [...panel.series].map(([name, columns]) => {
      const tick = name === 'volume' ? 500 : name === 'funding' ? 5e-5 : 0.1
      return [name, columns.map((row) => row.map((v) => (Math.floor(v / tick) + 1) * tick))]
    }),
  ),
})

/** A panel as if its history had begun `from` bars later. */
const lastBars = (panel: Panel, from: number): Panel => ({
  ...panel,
  ts: panel.ts.slice(from),
  series: new Map([...panel.series].map(([name, columns]) => [name, columns.map((row) => row.slice(from))])),
})

/** Equal bit for bit, NaN to NaN. */
const same = (a: readonly Float64Array[], b: readonly Float64Array[], length: number): boolean =>
  a.every((row, i) => row.subarray(0, length).every((value, t) => Object.is(value + 0, b[i]![t]! + 0)))

describe('every operator', () => {
  it('has an example here', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(Object.keys(OPERATORS).sort())
    expect(CHEATS.map(([name]) => name).sort()).toEqual(
      ['at_open', 'centred_mean', 'gradient', 'lead', 'whole_mean', 'whole_std'].sort(),
    )
  })

  const panel = randomPanel('truncation', 5, 60, 0.04)
  const mask = panel.assets.map((_, a) => Uint8Array.from({length: 60}, (_, t) => ((a + t) % 7 === 0 ? 0 : 1)))

  it.each(CAUSAL)('%s says the same when what comes after is cut off', (_, text) => {
    const whole = computed(text, panel, mask)
    expect(whole.some((row) => row.some(Number.isFinite))).toBe(true)
    for (let length = 1; length < 60; length++) {
      const cut = computed(
        text,
        firstBars(panel, length),
        mask.map((row) => row.subarray(0, length)),
      )
      expect(same(cut, whole, length), `cut after ${length} bars`).toBe(true)
    }
  })

  it.each(CHEATS)('%s is caught by cutting its future off', (_, text) => {
    const whole = computed(text, panel, mask)
    const cuts = Array.from({length: 39}, (_, k) => k + 20)
    const caught = cuts.some(
      (length) =>
        !same(
          computed(
            text,
            firstBars(panel, length),
            mask.map((row) => row.subarray(0, length)),
          ),
          whole,
          length,
        ),
    )
    expect(caught).toBe(true)
  })

  it.each(Object.entries(EXAMPLES))('%s gives a finite number or nothing, even on absurd input', (_, text) => {
    const odd = [0, -0, 1e300, -1e300, 1e-300, 5, 5, NaN_, 5, 5, 5, 5, 5, 5, Number.MAX_VALUE, 1, 2, 3, 4, 5]
    const rows = (shift: number): Float64Array[] =>
      [0, 1, 2].map((a) => Float64Array.from(odd, (_, t) => odd[(t + a * 3 + shift) % odd.length]!))
    const names: InputName[] = ['open', 'high', 'low', 'close', 'volume', 'funding']
    const absurd = panelOf(Object.fromEntries(names.map((name, k) => [name, rows(k)])))
    for (const row of computed(text, absurd)) {
      for (const value of row) expect(Number.isFinite(value) || Number.isNaN(value)).toBe(true)
    }
  })

  // Prices in ticks and holes: values tie, and rounding is all that could tell them apart.
  const full = inTicks(randomPanel('warm-up', 4, 300, 0.003))

  it.each(FORGETTING)('%s has the same bits on the history it declares as on any longer one', (_, text) => {
    const whole = computed(text, full)
    const warmup = warmupBars(compiled(text), {})
    let compared = 0
    const changed: string[] = []
    for (let from = 1; from < 90; from += 4) {
      for (const [a, row] of computed(text, lastBars(full, from)).entries()) {
        for (let t = warmup; t < row.length; t++) {
          compared += Number(!Number.isNaN(row[t]!))
          if (!Object.is(row[t]! + 0, whole[a]![from + t]! + 0)) changed.push(`${from} dropped, bar ${from + t}`)
        }
      }
    }
    expect(changed).toEqual([])
    expect(compared).toBeGreaterThan(1000)
  })

  it.each(FADING)('%s keeps a millionth of its beginning after the history it declares', (_, text) => {
    const smooth = randomPanel('fading', 3, 160)
    const whole = computed(text, smooth)
    const warmup = warmupBars(compiled(text), {})
    const from = 37
    for (const [a, row] of computed(text, lastBars(smooth, from)).entries()) {
      for (let t = warmup; t < row.length; t++) {
        const [now, then] = [row[t]!, whole[a]![from + t]!]
        expect(Math.abs(now - then), `bar ${t}`).toBeLessThanOrEqual(1e-5 * Math.abs(then) + 1e-12)
      }
    }
  })
})

/** The definition, straight from the window: slow and obviously right. */
const DEFINITIONS: Record<string, (window: number[]) => number> = {
  ts_sum: (w) => w.reduce((s, v) => s + v, 0),
  ts_mean: (w) => w.reduce((s, v) => s + v, 0) / w.length,
  ts_var: (w) => {
    const m = w.reduce((s, v) => s + v, 0) / w.length
    return w.reduce((s, v) => s + (v - m) ** 2, 0) / (w.length - 1)
  },
  ts_min: (w) => Math.min(...w),
  ts_max: (w) => Math.max(...w),
  ts_argmax: (w) => w.length - 1 - w.indexOf(Math.max(...w)),
  ts_argmin: (w) => w.length - 1 - w.indexOf(Math.min(...w)),
  ts_product: (w) => w.reduce((p, v) => p * v, 1),
  ts_rank: (w) => {
    const last = w.at(-1)!
    return (w.filter((v) => v < last).length + 1 + w.filter((v) => v <= last).length) / 2 / w.length
  },
  ts_median: (w) => {
    const s = [...w].sort((a, b) => a - b)
    return (s[Math.floor((s.length - 1) / 2)]! + s[Math.ceil((s.length - 1) / 2)]!) / 2
  },
  decay_linear: (w) => w.reduce((s, v, k) => s + v * (k + 1), 0) / ((w.length * (w.length + 1)) / 2),
  ts_slope: (w) => {
    const [m, c] = [w.reduce((s, v) => s + v, 0) / w.length, (w.length - 1) / 2]
    return w.reduce((s, v, k) => s + (k - c) * (v - m), 0) / w.reduce((s, _, k) => s + (k - c) ** 2, 0)
  },
  ts_count: (w) => w.filter((v) => v !== 0).length,
}

const holed = fc.array(
  fc.oneof(
    {weight: 9, arbitrary: fc.integer({min: -20, max: 20}).map((v) => v / 4)},
    {weight: 1, arbitrary: fc.constant(NaN_)},
  ),
  {minLength: 1, maxLength: 60},
)

describe('a rolling operator', () => {
  it.each(Object.keys(DEFINITIONS))(
    '%s is its definition on every full window, and nothing on a window with a hole',
    (name) => {
      fc.assert(
        fc.property(holed, fc.integer({min: 2, max: 9}), (closes, n) => {
          const values = onCloses(`${name}(close, ${n})`, closes)
          for (const [t, value] of values.entries()) {
            const window = closes.slice(Math.max(0, t - n + 1), t + 1)
            const whole = window.length === n && !window.some(Number.isNaN)
            const wanted = whole ? DEFINITIONS[name]!(window) : NaN_
            if (Number.isNaN(wanted)) expect(value).toBeNaN()
            else expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)))
          }
        }),
        {numRuns: 60},
      )
    },
  )

  const random = new Random('long series')
  const level = Array.from({length: 100_000}, () => 50_000 + random.normal())
  // A spike of 10^9 passes through every window near bar 40,000, and one that ends a block of 50 near 70,000.
  level[40_000] = level[70_049] = 1e9

  it.each([
    ['ts_mean', 1e-14],
    ['ts_sum', 1e-14],
    ['ts_std', 1e-9],
    ['ts_skew', 1e-6],
    ['ts_kurt', 1e-6],
    ['ts_zscore', 1e-9],
    ['decay_linear', 1e-12],
    ['ts_slope', 1e-9],
  ])('%s keeps its accuracy over 100,000 bars and past a spike', (name, tolerance) => {
    const n = 50
    const values = onCloses(`${name}(close, ${n})`, level)
    for (let t = 100; t < level.length; t += 997) {
      const fresh = onCloses(`${name}(close, ${n})`, level.slice(t - n + 1, t + 1)).at(-1)!
      expect(Math.abs(values[t]! - fresh), `bar ${t}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(fresh)))
    }
    for (const t of [40_000 + n, 40_000 + n + 1, 40_000 + 2 * n, 70_049, 70_050, 70_073, 70_098, 70_099, 70_100]) {
      const fresh = onCloses(`${name}(close, ${n})`, level.slice(t - n + 1, t + 1)).at(-1)!
      expect(Math.abs(values[t]! - fresh), `bar ${t}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(fresh)))
    }
  })

  it('says nothing about a constant window, and 0 about its spread', () => {
    const flat = [1, 2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    for (const name of ['ts_zscore', 'ts_skew', 'ts_kurt']) expect(onCloses(`${name}(close, 5)`, flat).at(-1)).toBeNaN()
    expect(onCloses('ts_std(close, 5)', flat).at(-1)).toBe(0)
    expect(onCloses('ts_corr(close, close * 2, 5)', flat).at(-1)).toBeNaN()
    expect(onCloses('ts_rank(close, 5)', flat).at(-1)).toBe(0.6)
  })

  it('leaves the relative strength as it was while the price stands still, to the bit', () => {
    const moving = Array.from({length: 60}, (_, t) => 100 + Math.sin(t * t))
    const still = new Array(200).fill(moving.at(-1)!)
    const values = onCloses('rsi(close, 6)', [...moving, ...still])
    expect(new Set(values.slice(59)).size).toBe(1)
    expect(values.at(-1)).toBeGreaterThan(0)
    expect(onCloses('ts_rank(rsi(close, 6), 5)', [...moving, ...still]).at(-1)).toBe(0.6)
    expect(onCloses('rsi(close, 6)', new Array(20).fill(5)).every(Number.isNaN)).toBe(true)
  })

  it('does not mind the unit of its input, where its definition does not', () => {
    const panel = randomPanel('scale', 4, 80)
    const times = (factor: number): Panel => ({
      ...panel,
      series: new Map(
        [...panel.series].map(([name, columns]) => [name, columns.map((row) => row.map((v) => v * factor))]),
      ),
    })
    for (const text of [
      'returns(close, 3)',
      'ts_rank(close, 9)',
      'ts_zscore(close, 9)',
      'ts_skew(close, 9)',
      'ts_corr(close, open, 9)',
      'rsi(close, 9)',
      'cs_rank(close)',
      'cs_zscore(close)',
      'cs_scale(close)',
      'ts_argmax(close, 9)',
    ]) {
      const [one, eight] = [computed(text, panel), computed(text, times(8))]
      for (const [a, row] of one.entries()) {
        for (const [t, v] of row.entries()) if (!Number.isNaN(v)) expect(eight[a]![t]).toBeCloseTo(v, 9)
      }
    }
  })
})

describe('a cross-section', () => {
  const panel = randomPanel('cross', 7, 20)
  const texts = [
    'cs_rank(close)',
    'cs_zscore(close)',
    'cs_demean(close)',
    'cs_scale(close)',
    'cs_quantile(close, 3)',
    'cs_winsorize(close, 0.2)',
    'cs_neutralize(close, volume)',
    'residual(close, volume, open)',
  ]

  it.each(texts)('%s does not depend on the order of the assets', (text) => {
    const order = [3, 0, 6, 1, 5, 2, 4]
    const shuffled: Panel = {
      ...panel,
      series: new Map([...panel.series].map(([name, columns]) => [name, order.map((a) => columns[a]!)])),
    }
    const [straight, mixed] = [computed(text, panel), computed(text, shuffled)]
    for (const [k, a] of order.entries()) {
      for (const [t, v] of straight[a]!.entries()) expect(mixed[k]![t]).toBeCloseTo(v, 9)
    }
  })

  it.each(texts)('%s neither counts nor answers an asset outside the universe', (text) => {
    const mask = everywhere(panel)
    mask[6]!.fill(0)
    const six: Panel = {
      ...panel,
      assets: panel.assets.slice(0, 6),
      series: new Map([...panel.series].map(([name, columns]) => [name, columns.slice(0, 6)])),
    }
    const [all, without] = [computed(text, panel, mask), computed(text, six)]
    expect(all[6]!.every(Number.isNaN)).toBe(true)
    for (let a = 0; a < 6; a++) for (const [t, v] of without[a]!.entries()) expect(all[a]![t]).toBeCloseTo(v, 9)
  })

  it('ties share their rank, and members without a value do not count', () => {
    const close = [[2], [1], [2], [NaN_], [3]].map((row) => Float64Array.from(row))
    const ranks = computed('cs_rank(close)', panelOf({close})).map((row) => row[0])
    expect(ranks).toEqual([0.625, 0.25, 0.625, NaN_, 1])
  })

  it('leaves nothing of what factors explain', () => {
    for (const row of computed('residual(2 * open - 3 * volume + 7, volume, open)', panel)) {
      for (const v of row) expect(Math.abs(v)).toBeLessThan(1e-8)
    }
  })
})

describe('missing values', () => {
  it('make a comparison, a choice and a conjunction nothing', () => {
    const closes = [1, NaN_, 3]
    expect(onCloses('close > 2', closes)).toEqual([0, NaN_, 1])
    expect(onCloses('close > 2 ? 10 : 20', closes)).toEqual([20, NaN_, 10])
    expect(onCloses('close > 2 || 1', closes)).toEqual([1, NaN_, 1])
    expect(onCloses('isnan(close)', closes)).toEqual([0, 1, 0])
    expect(onCloses('close / (close - 3)', closes)).toEqual([-0.5, NaN_, NaN_])
  })

  it('are carried over no further than asked', () => {
    expect(onCloses('fill_forward(close, 2)', [1, NaN_, NaN_, NaN_, 5])).toEqual([1, 1, 1, NaN_, 5])
  })
})

describe('state', () => {
  it('latches from enter until exit, and exit wins', () => {
    const closes = [0, 2, 0, -1, 0, 2, NaN_, 0]
    expect(onCloses('latch(close > 1, close < 0)', closes)).toEqual([0, 1, 1, 0, 0, 1, NaN_, 1])
    expect(onCloses('latch(close > 1, close > 1)', [2, 2])).toEqual([0, 0])
  })

  it('holds an event for its bars', () => {
    expect(onCloses('hold(close, 3)', [0, 0, 0, 7, 0, 0, 0, 0])).toEqual([NaN_, NaN_, 0, 7, 7, 7, 0, 0])
  })

  it('counts bars since the last event, and does not guess across a hole', () => {
    expect(onCloses('bars_since(close > 0)', [0, 1, 0, 0, NaN_, 0, 1])).toEqual([NaN_, 0, 1, 2, NaN_, NaN_, 0])
  })
})

describe('longer bars', () => {
  const closes = Array.from({length: 10}, (_, t) => t)

  it('are known at their close, and not before the first whole one', () => {
    // Bars open at 06:00 … 15:00: the block 04–08 is cut, 08–12 closes with the bar of 11:00.
    const panel = panelOf({close: [Float64Array.from(closes)], high: [Float64Array.from(closes)]}, 6 * HOUR_MS)
    expect([...computed('at("4h", close)', panel)[0]!]).toEqual([NaN_, NaN_, NaN_, NaN_, NaN_, 5, 5, 5, 5, 9])
    expect([...computed('at_open("4h", close)', panel)[0]!]).toEqual([1, 1, 5, 5, 5, 5, 9, 9, 9, 9])
  })

  it('have a hole where any of their bars has one', () => {
    const holey = closes.map((v, t) => (t === 2 ? NaN_ : v))
    expect(onCloses('at("4h", close)', holey)).toEqual([...new Array(7).fill(NaN_), 7, 7, 7])
  })
})

describe('the calendar', () => {
  it('is that of the close: the bar of 23:00 on Sunday decides at 00:00 on Monday', () => {
    const sunday = Date.UTC(2025, 5, 1, 22)
    const panel = panelOf({close: [Float64Array.from([1, 1, 1])]}, sunday)
    expect([...computed('hour_of_day() + close * 0', panel)[0]!]).toEqual([23, 0, 1])
    expect([...computed('day_of_week() + close * 0', panel)[0]!]).toEqual([6, 0, 0])
  })
})

againstGolden('the indicators of the reference audit', ['gauntlet/lookahead_audit.json'], (text) => {
  const {price, cuts, indicators} = JSON.parse(text!) as {
    price: number[]
    cuts: number[]
    indicators: Record<string, {rows: {t: number; full: number; truncated: number | null}[]; lookahead: boolean}>
  }

  it.each([
    ['sma5', 'ts_mean(close, 5)'],
    ['ema10', 'ema(close, 10)'],
    ['centred_sma5', 'centred_mean(close, 5)'],
    ['full_zscore', '(close - whole_mean(close)) / whole_std(close)'],
    ['shift_minus1', 'lead(close, 1)'],
    ['gradient', 'gradient(close)'],
    ['htf4_last_completed', 'at("4h", close)'],
    ['htf4_containing', 'at_open("4h", close)'],
  ])('%s has the reference values, whole and cut', (name, text) => {
    const {rows, lookahead} = indicators[name]!
    expect(usesFuture(compiled(text))).toBe(lookahead)
    expect(rows.map(({t}) => t)).toEqual(cuts)
    const whole = onCloses(text, price)
    const differs = rows.map(({t, full, truncated}) => {
      const cut = onCloses(text, price.slice(0, t + 1))[t]!
      expect(whole[t]).toBeCloseTo(full, 10)
      if (truncated === null) expect(cut).toBeNaN()
      else expect(cut).toBeCloseTo(truncated, 10)
      return !(Math.abs(cut - whole[t]!) <= 1e-12 * Math.abs(cut))
    })
    expect(differs.some(Boolean)).toBe(lookahead)
  })
})
