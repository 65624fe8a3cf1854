import type {Chart} from '../../contracts/chart.ts'
import type {BacktestResult} from '../backtest/backtest-result.ts'
import type {Bars} from './gather-evidence.ts'

export interface NamedChart {
  /** file name beside the report, without extension */
  readonly name: string
  readonly chart: Chart
  /** the stage that drew it; left out: it is of the idea as a whole */
  readonly stage?: number
}

/**
 * What a verdict is drawn with: equity with costs peeled off one by one, the fall from the peak, and every point of
 * the grid beside the one that was declared.
 *
 * @param primary  the declared configuration, over the whole panel
 * @param bars     the bars that were judged
 */
export function verdictCharts(
  primary: BacktestResult,
  bars: Bars,
  grid: readonly {readonly label: string; readonly sharpe: number}[],
): NamedChart[] {
  const x = primary.ts.subarray(bars.from, bars.to)
  const part = (series: Float64Array): Float64Array => series.subarray(bars.from, bars.to)
  const layers: [string, (t: number) => number][] = [
    ['gross', (t) => part(primary.gross)[t]!],
    ['after fees', (t) => -part(primary.fees)[t]!],
    ['after spread', (t) => -part(primary.spread)[t]!],
    ['after lag and impact', (t) => -part(primary.lag)[t]! - part(primary.impact)[t]!],
    ['net, after funding', (t) => -part(primary.funding)[t]!],
  ]
  const peeled = layers.map(([name], depth) => ({
    name,
    x,
    y: cumulative(x.length, (t) => layers.slice(0, depth + 1).reduce((total, [, of]) => total + of(t), 0)),
    ...(depth === layers.length - 1 ? {} : {dashed: true}),
  }))
  const equity: Chart = {
    kind: 'line',
    title: 'Equity with costs peeled off',
    xKind: 'time',
    yLabel: 'sum of returns',
    series: peeled,
    height: 340,
  }
  const fall: Chart = {
    kind: 'line',
    title: 'Fall from the peak, net',
    xKind: 'time',
    yLabel: 'fraction of equity',
    series: [{name: 'drawdown', x, y: underWater(part(primary.net)), area: true}],
    height: 220,
  }
  const charts: NamedChart[] = [
    {name: 'equity', chart: equity},
    {name: 'drawdown', chart: fall},
  ]
  if (grid.length < 2) return charts
  const sorted = [...grid].sort((a, b) => b.sharpe - a.sharpe)
  const sharpes: Chart = {
    kind: 'bar',
    title: 'Annual net Sharpe of every grid point',
    categories: sorted.map(({label}) => label),
    series: [{name: 'Sharpe', values: sorted.map(({sharpe}) => sharpe)}],
    height: 260,
  }
  return [...charts, {name: 'grid', chart: sharpes}]
}

function cumulative(length: number, of: (t: number) => number): Float64Array {
  const out = new Float64Array(length)
  let total = 0
  for (let t = 0; t < length; t++) {
    total += of(t)
    out[t] = total
  }
  return out
}

function underWater(net: Float64Array): Float64Array {
  let [equity, peak] = [1, 1]
  return net.map((r) => {
    equity *= 1 + r
    peak = Math.max(peak, equity)
    return equity / peak - 1
  })
}
