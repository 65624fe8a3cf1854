import {BAR, type Panel} from '../../contracts/panel.ts'

export interface FeatureSummary {
  /** asset-bars with a value */
  readonly rows: number
  /** share of live asset-bars that have a value */
  readonly coverage: number
  /** open times of the first and last bar with a value, epoch ms */
  readonly from: number | null
  readonly to: number | null
  readonly mean: number | null
  readonly sd: number | null
  /** mean over assets of the correlation with the bar before; near 1 is slow, near 0 trades all the time */
  readonly lag1: number | null
}

/** What a column of values looks like, in one pass per asset. @param values shape [asset][bar], NaN where there is none */
export function summariseFeature(panel: Panel, values: readonly Float64Array[]): FeatureSummary {
  let [rows, live, covered, mean, squares] = [0, 0, 0, 0, 0]
  let [from, to]: [number, number] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const lags: number[] = []
  for (const [a, row] of values.entries()) {
    for (const [t, value] of row.entries()) {
      const known = Number.isFinite(value)
      if (panel.state[a]![t] === BAR.live) {
        live++
        if (known) covered++
      }
      if (!known) continue
      rows++
      // Welford: no sum of squares that could cancel.
      const step = value - mean
      mean += step / rows
      squares += step * (value - mean)
      from = Math.min(from, panel.ts[t]!)
      to = Math.max(to, panel.ts[t]!)
    }
    const lag = lagCorrelation(row)
    if (lag !== null) lags.push(lag)
  }
  return {
    rows,
    coverage: live === 0 ? 0 : covered / live,
    from: rows === 0 ? null : from,
    to: rows === 0 ? null : to,
    mean: rows === 0 ? null : finiteOr(mean),
    sd: rows < 2 ? null : finiteOr(Math.sqrt(squares / (rows - 1))),
    lag1: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0) / lags.length,
  }
}

/** A power of a price change can be so large that its square is no number any more: then there is no figure. */
const finiteOr = (figure: number): number | null => (Number.isFinite(figure) ? figure : null)

/** Pearson correlation of neighbours; null when there are too few or one side never moves. */
function lagCorrelation(row: Float64Array): number | null {
  let [n, mx, my, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0]
  for (let t = 1; t < row.length; t++) {
    const [x, y] = [row[t - 1]!, row[t]!]
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    n++
    const [dx, dy] = [x - mx, y - my]
    mx += dx / n
    my += dy / n
    sxx += dx * (x - mx)
    syy += dy * (y - my)
    sxy += dx * (y - my)
  }
  const size = Math.sqrt(sxx * syy)
  return n < 10 || !(size > 0) || !Number.isFinite(size) ? null : finiteOr(sxy / size)
}
