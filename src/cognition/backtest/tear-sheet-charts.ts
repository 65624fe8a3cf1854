import type {Chart} from '../../contracts/chart.ts'
import {DAY_MS, YEAR_MS} from '../../kernel/instant.ts'
import type {BacktestResult} from './backtest-result.ts'
import type {FillModel} from './fill-model.ts'
import type {RegimeFigures} from './regimes.ts'
import {cumulative, drawdownCurve, rollingSharpe} from './return-curves.ts'
import {firstHeldBar, type TearSheet} from './tear-sheet.ts'

export interface SheetChart {
  /** file name beside the report */
  readonly file: string
  readonly chart: Chart
}

/** The same targets under one belief about resting orders. */
export interface FillRun {
  readonly model: FillModel
  /** shape [T] */
  readonly net: Float64Array
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Returns in a rolling Sharpe: half a year says something and still moves. */
const ROLLING_DAYS = 180
/** Assets drawn: the best and the worst; the table in the report has all. */
const ASSETS_DRAWN = 12

/** What a run looks like, in the order in which a reader doubts it. */
export function tearSheetCharts(
  run: BacktestResult,
  sheet: TearSheet,
  {fills, regimes}: {fills: readonly FillRun[]; regimes: readonly RegimeFigures[]},
): SheetChart[] {
  const from = firstHeldBar(run)
  const cut = (series: Float64Array): Float64Array => series.subarray(from)
  const x = cut(run.ts)
  const window = Math.min(Math.round((ROLLING_DAYS * DAY_MS) / run.barMs), Math.floor(x.length / 3))
  const line = (name: string, y: Float64Array, more: {dashed?: boolean; area?: boolean} = {}) => ({name, x, y, ...more})
  return [
    {
      file: 'equity.svg',
      chart: {
        kind: 'line',
        title: 'Equity with costs peeled off',
        xKind: 'time',
        yLabel: 'sum of returns',
        height: 360,
        series: peeled(run, cut, line),
      },
    },
    {
      file: 'drawdown.svg',
      chart: {
        kind: 'line',
        title: 'Drawdown, net',
        xKind: 'time',
        yLabel: 'fraction of peak',
        height: 220,
        series: [line('drawdown', drawdownCurve(cut(run.net)), {area: true})],
      },
    },
    {
      file: 'rolling-sharpe.svg',
      chart: {
        kind: 'line',
        title: `Rolling annual Sharpe, net, ${Math.round((window * run.barMs) / DAY_MS)} days`,
        xKind: 'time',
        yLabel: 'Sharpe',
        height: 240,
        series: [line('Sharpe', rollingSharpe(cut(run.net), Math.max(2, window), YEAR_MS / run.barMs))],
        marks: [{axis: 'y', at: 0, label: ''}],
      },
    },
    {
      file: 'exposure.svg',
      chart: {
        kind: 'line',
        title: 'Exposure at the close',
        xKind: 'time',
        yLabel: 'times equity',
        height: 240,
        series: [line('gross', cut(run.exposure)), line('net', cut(run.netExposure), {dashed: true})],
      },
    },
    {
      file: 'turnover.svg',
      chart: {
        kind: 'line',
        title: 'Turnover, cumulative',
        xKind: 'time',
        yLabel: 'times equity',
        height: 220,
        series: [line('turnover', cumulative(cut(run.turnover)))],
      },
    },
    ...(fills.length < 2
      ? []
      : [
          {
            file: 'fills.svg',
            chart: {
              kind: 'line' as const,
              title: 'Net, by what is believed of resting orders',
              xKind: 'time' as const,
              yLabel: 'sum of returns',
              height: 280,
              series: fills.map(({model, net}) => line(model, cumulative(cut(net)), {dashed: model !== 'taker'})),
            },
          },
        ]),
    {file: 'months.svg', chart: monthHeat(sheet)},
    {file: 'assets.svg', chart: assetBars(sheet)},
    ...(regimes.length === 0 ? [] : [{file: 'regimes.svg', chart: regimeBars(regimes)}]),
    {file: 'costs.svg', chart: costBars(sheet)},
  ]
}

function peeled(
  run: BacktestResult,
  cut: (series: Float64Array) => Float64Array,
  line: (name: string, y: Float64Array, more?: {dashed?: boolean}) => {name: string; x: Float64Array; y: Float64Array},
) {
  const layers: readonly (readonly [string, readonly Float64Array[]])[] = [
    ['gross', []],
    ['after fees', [run.fees]],
    ['after spread', [run.spread]],
    ['after lag and impact', [run.lag, run.impact]],
    ['net, after funding', [run.funding]],
  ]
  let left = cut(run.gross)
  return layers.map(([name, paid], i) => {
    left = left.map((r, t) => paid.reduce((value, part) => value - cut(part)[t]!, r))
    return line(name, cumulative(left), i === layers.length - 1 ? {} : {dashed: true})
  })
}

function monthHeat({months}: TearSheet): Chart {
  const years = [...new Set(months.map(({month}) => month.slice(0, 4)))]
  const of = new Map(months.map(({month, net}) => [month, Math.round(net * 1000) / 10]))
  return {
    kind: 'heat',
    title: 'Net return by month, %',
    height: 90 + 34 * years.length,
    xCategories: MONTHS,
    yCategories: years,
    values: years.map((year) => MONTHS.map((_, m) => of.get(`${year}-${String(m + 1).padStart(2, '0')}`) ?? null)),
  }
}

function assetBars({assets}: TearSheet): Chart {
  const shown =
    assets.length <= 2 * ASSETS_DRAWN ? assets : [...assets.slice(0, ASSETS_DRAWN), ...assets.slice(-ASSETS_DRAWN)]
  return {
    kind: 'bar',
    title: shown.length < assets.length ? `Net P&L by asset, the ${ASSETS_DRAWN} best and worst` : 'Net P&L by asset',
    horizontal: true,
    xLabel: 'sum of returns',
    height: 100 + 18 * shown.length,
    categories: shown.map(({asset}) => asset),
    series: [{name: 'net', values: shown.map(({net}) => net)}],
  }
}

function regimeBars(regimes: readonly RegimeFigures[]): Chart {
  return {
    kind: 'bar',
    title: 'Net return a year, by regime of the market',
    yLabel: 'fraction of equity a year',
    height: 260,
    categories: regimes.map(({regime}) => regime),
    series: [{name: 'net', values: regimes.map((row) => row.annual_return)}],
  }
}

function costBars({costs, gross}: TearSheet): Chart {
  const {fees, spread, lag, impact, funding} = costs
  return {
    kind: 'bar',
    title: 'What it costs, a year',
    yLabel: 'fraction of equity',
    height: 280,
    categories: ['fees', 'spread', 'decision lag', 'impact', 'funding'],
    series: [{name: 'paid', values: [fees, spread, lag, impact, funding]}],
    marks: [{at: gross.annual_return, label: 'gross return'}],
  }
}
