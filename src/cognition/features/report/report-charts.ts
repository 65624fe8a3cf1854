import type {Chart} from '../../../contracts/chart.ts'
import type {HorizonFigures} from '../../../contracts/features-report.ts'
import {DAY_MS} from '../../../kernel/instant.ts'
import type {JudgedFeature} from './judge-feature.ts'

export interface FeatureChart {
  /** file name beside the report */
  readonly file: string
  readonly chart: Chart
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What one feature looks like: does it know anything, for how long, where in the order, and always or once. */
export function featureCharts(name: string, judged: JudgedFeature, ts: Float64Array, barMs: number): FeatureChart[] {
  const {horizons, series, covered} = judged
  const first = series[0]!
  const shown = middleHorizon(horizons)
  const at = series[shown]!
  // Time before there was a universe is not drawn: of it there is nothing to say.
  const begun = Math.max(
    0,
    covered.findIndex((share) => Number.isFinite(share)),
  )
  const x = ts.subarray(begun)
  const horizon = horizons[shown]!.horizon
  return [
    {file: `${name}-decay.svg`, chart: decayChart(name, horizons)},
    {file: `${name}-pieces.svg`, chart: piecesChart(name, horizons)},
    {file: `${name}-quantiles.svg`, chart: quantileChart(name, horizons)},
    {
      file: `${name}-cumulative.svg`,
      chart: {
        kind: 'line',
        title: `${name}: buckets over time, return of the next bar above that of the universe`,
        xKind: 'time',
        yLabel: 'sum of returns',
        height: 300,
        series: first.buckets.map((bucket, b) => ({
          name: bucketName(b, first.buckets.length),
          x,
          y: running(bucket).subarray(begun),
          dashed: b !== 0 && b !== first.buckets.length - 1,
        })),
        marks: [{axis: 'y', at: 0, label: ''}],
      },
    },
    {
      file: `${name}-over-time.svg`,
      chart: {
        kind: 'line',
        title: `${name}: rank coefficient at ${bars(horizon)}, running sum`,
        xKind: 'time',
        yLabel: 'sum of coefficients',
        height: 240,
        series: [{name: 'rank coefficient', x, y: running(at.rank).subarray(begun)}],
        marks: [{axis: 'y', at: 0, label: ''}],
      },
    },
    {file: `${name}-months.svg`, chart: monthHeat(name, horizon, at.rank, ts, barMs)},
    {
      file: `${name}-coverage.svg`,
      chart: {
        kind: 'line',
        title: `${name}: share of the universe with a value`,
        xKind: 'time',
        height: 180,
        series: [{name: 'coverage', x, y: covered.subarray(begun), area: true}],
      },
    },
  ]
}

/** A horizon in the middle of those asked for: the first is bounce, the last has few independent bars. */
export const middleHorizon = (horizons: readonly HorizonFigures[]): number => Math.floor((horizons.length - 1) / 2)

export const bars = (count: number): string => (count === 1 ? '1 bar' : `${count} bars`)

export const bucketName = (b: number, k: number): string =>
  b === 0 ? 'lowest' : b === k - 1 ? 'highest' : String(b + 1)

/** The mean and its 95 % interval; no interval where too few windows fit. */
function decayChart(name: string, horizons: readonly HorizonFigures[]): Chart {
  const known = horizons.filter(({rank_ic: {mean}}) => mean !== null)
  const x = known.map(({horizon}) => horizon)
  const side = (times: number): number[] =>
    known.map(({rank_ic: {mean, margin}}) => mean! + (times === 0 ? 0 : times * (margin ?? Number.NaN)))
  return {
    kind: 'line',
    title: `${name}: rank coefficient by horizon, and its 95 % interval`,
    xKind: 'value',
    xLabel: 'bars after the decision',
    yLabel: 'mean coefficient',
    height: 260,
    series: [
      {name: 'rank coefficient', x, y: side(0)},
      {name: 'upper end', x, y: side(1), dashed: true},
      {name: 'lower end', x, y: side(-1), dashed: true},
    ],
    marks: [{axis: 'y', at: 0, label: ''}],
  }
}

function piecesChart(name: string, horizons: readonly HorizonFigures[]): Chart {
  return {
    kind: 'bar',
    title: `${name}: rank coefficient with each later piece of the return`,
    xLabel: 'bars after the decision',
    yLabel: 'mean coefficient',
    height: 220,
    categories: horizons.map(({horizon, decay}) => `${decay.from + 1}–${horizon}`),
    series: [{name: 'rank coefficient', values: horizons.map(({decay}) => decay.rank_ic.mean ?? Number.NaN)}],
  }
}

/** Per bar held, so that horizons compare. */
function quantileChart(name: string, horizons: readonly HorizonFigures[]): Chart {
  const k = horizons[0]!.quantiles.length
  return {
    kind: 'bar',
    title: `${name}: return per bar held above that of the universe, by bucket of the feature`,
    xLabel: 'bucket',
    yLabel: 'bps a bar',
    height: 280,
    categories: Array.from({length: k}, (_, b) => bucketName(b, k)),
    series: horizons.map(({horizon, quantiles}) => ({
      name: bars(horizon),
      values: quantiles.map((mean) => (mean === null ? Number.NaN : (1e4 * mean) / horizon)),
    })),
  }
}

function monthHeat(name: string, horizon: number, rank: Float64Array, ts: Float64Array, barMs: number): Chart {
  const sums = new Map<string, {sum: number; count: number}>()
  for (const [t, value] of rank.entries()) {
    if (Number.isNaN(value)) continue
    const key = new Date(ts[t]! + barMs).toISOString().slice(0, 7)
    const {sum, count} = sums.get(key) ?? {sum: 0, count: 0}
    sums.set(key, {sum: sum + value, count: count + 1})
  }
  const years = [...new Set([...sums.keys()].map((key) => key.slice(0, 4)))].sort()
  // A month is shown when it has a week of coefficients, or all the bars there are when bars are longer.
  const least = Math.min(5, Math.max(1, Math.floor((7 * DAY_MS) / barMs)))
  const cell = (year: string, m: number): number | null => {
    const found = sums.get(`${year}-${String(m + 1).padStart(2, '0')}`)
    return found && found.count >= least ? Math.round((1000 * found.sum) / found.count) / 1000 : null
  }
  return {
    kind: 'heat',
    title: `${name}: mean rank coefficient at ${bars(horizon)} by month`,
    height: 90 + 34 * years.length,
    xCategories: MONTHS,
    yCategories: years,
    values: years.map((year) => MONTHS.map((_, m) => cell(year, m))),
  }
}

/** Running sum; bars without a value add nothing, and bars before the first value are not drawn. */
function running(series: Float64Array): Float64Array {
  let [sum, begun] = [0, false]
  return series.map((value) => {
    if (value - value === 0) {
      sum += value
      begun = true
    }
    return begun ? sum : Number.NaN
  })
}
