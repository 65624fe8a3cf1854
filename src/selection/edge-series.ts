import {DAY_MS} from '../kernel/instant.ts'
import type {AssetDays} from './asset-days.ts'

/** What a book wanted of an asset at an instant, for one family of ideas: signed fraction of equity. */
export interface Forecast {
  readonly asset: number
  readonly family: string
  readonly at: number
  readonly weight: number
}

/**
 * Daily information coefficients of one asset in one family.
 *
 * A value is forecast times next day's return, both in units of their own trailing size, so its mean is the correlation of
 * the two and its variance is near 1.
 */
export interface EdgeSeries {
  readonly asset: number
  readonly family: string
  /** shape [n], close of the day that answered, epoch ms, rising */
  readonly known: Float64Array
  /** shape [n] */
  readonly value: Float64Array
}

/** Days over which forecast and return are scaled; a value needs half of them. */
const SCALE_DAYS = 60

/**
 * Forecasts as they were journalled and the returns that followed them -> one series per asset and family.
 *
 * The last forecast of a day counts, against the return from that day's close to the next. Both scales are trailing, so a
 * value is known at the close that answers it and never changes after.
 */
export function edgeSeries(table: AssetDays, forecasts: readonly Forecast[]): EdgeSeries[] {
  const byKey = new Map<string, {asset: number; family: string; weights: Map<number, number>}>()
  for (const {asset, family, at, weight} of forecasts) {
    const key = `${asset}|${family}`
    const found = byKey.get(key) ?? {asset, family, weights: new Map<number, number>()}
    byKey.set(key, found)
    found.weights.set(Math.ceil((at - table.day0) / DAY_MS) - 1, weight)
  }
  return [...byKey.values()]
    .sort((x, y) => (x.family < y.family ? -1 : x.family > y.family ? 1 : x.asset - y.asset))
    .map(({asset, family, weights}) => ({asset, family, ...products(table, asset, weights)}))
}

function products(table: AssetDays, asset: number, weights: ReadonlyMap<number, number>) {
  const close = table.close[asset]!
  const move = (d: number): number => (d < 1 ? Number.NaN : Math.log(close[d]! / close[d - 1]!))
  const known: number[] = []
  const value: number[] = []
  const sizes: number[] = []
  for (const [d, weight] of [...weights].sort(([x], [y]) => x - y)) {
    if (d < 0 || d + 1 >= table.days) continue
    if (weight === 0) continue
    sizes.push(weight * weight)
    const size = rootMean(sizes.slice(-SCALE_DAYS))
    const past: number[] = []
    for (let i = d; i > d - SCALE_DAYS && i > 0; i--) if (Number.isFinite(move(i))) past.push(move(i) ** 2)
    const sigma = rootMean(past)
    const answer = move(d + 1)
    if (past.length < SCALE_DAYS / 2 || !(sigma > 0) || !Number.isFinite(answer)) continue
    known.push(table.day0 + (d + 2) * DAY_MS)
    value.push((weight / size) * (answer / sigma))
  }
  return {known: Float64Array.from(known), value: Float64Array.from(value)}
}

const rootMean = (squares: readonly number[]): number =>
  Math.sqrt(squares.reduce((sum, x) => sum + x, 0) / squares.length)
