import type {AssetDays} from './asset-days.ts'

export interface Correlations {
  /** shape [n][n], symmetric, unit diagonal */
  readonly rho: readonly Float64Array[]
  /** weight of the identity, 0 … 1 */
  readonly shrinkage: number
  /** days the estimate rests on */
  readonly days: number
}

/**
 * Correlations of daily log returns up to the close of day `d`, shrunk toward the identity.
 *
 * Every column is standardised first, so the target is "uncorrelated" and the shrunk matrix keeps its unit diagonal. A
 * missing return is put at its column's mean: it says nothing in either direction. With fewer days than assets the plain
 * sample matrix is singular and its largest entries are noise; the shrunk one is neither.
 *
 * @param assets  asset indices, shape [n]
 * @returns       rows and columns in the order of `assets`
 * @see Ledoit & Wolf (2004), A well-conditioned estimator for large-dimensional covariance matrices, JMVA 88(2)
 */
export function shrunkCorrelations(
  table: Pick<AssetDays, 'close'>,
  assets: readonly number[],
  d: number,
  lookbackDays: number,
): Correlations {
  const from = Math.max(1, d - lookbackDays + 1)
  const days = Math.max(0, d - from + 1)
  return shrink(
    assets.map((a) => standardised(table.close[a]!, from, d)),
    days,
  )
}

/** Sample correlations of standardised columns [n][T] and their pull toward the identity. */
export function shrink(columns: readonly Float64Array[], days: number): Correlations {
  const n = columns.length
  const rho = columns.map(() => new Float64Array(n))
  let squares = 0
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const [x, y] = [columns[i]!, columns[j]!]
      let sum = 0
      for (let t = 0; t < days; t++) sum += x[t]! * y[t]!
      const value = days > 0 ? sum / days : 0
      rho[i]![j] = rho[j]![i] = value
      squares += (i === j ? 1 : 2) * value * value
    }
  }
  let [fourth, trace] = [0, 0]
  for (let t = 0; t < days; t++) {
    let norm = 0
    for (const column of columns) norm += column[t]! ** 2
    fourth += norm * norm
  }
  for (let i = 0; i < n; i++) trace += rho[i]![i]!
  const mean = trace / Math.max(1, n)
  const distance = squares - n * mean * mean
  const noise = days > 0 ? (fourth / days - squares) / days : 0
  const shrinkage = distance > 0 ? Math.min(1, Math.max(0, noise / distance)) : 1
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) rho[i]![j] = i === j ? 1 : (1 - shrinkage) * rho[i]![j]!
  }
  return {rho, shrinkage, days}
}

/** Log returns of days [from, d], mean 0 and variance 1 (n in the denominator); 0 where there is none. */
function standardised(close: Float64Array, from: number, d: number): Float64Array {
  const moves = new Float64Array(Math.max(0, d - from + 1))
  let [known, sum] = [0, 0]
  for (let i = 0; i < moves.length; i++) {
    moves[i] = Math.log(close[from + i]! / close[from + i - 1]!)
    if (!Number.isFinite(moves[i]!)) continue
    known++
    sum += moves[i]!
  }
  const mean = sum / known
  let squares = 0
  for (const move of moves) if (Number.isFinite(move)) squares += (move - mean) ** 2
  const sigma = Math.sqrt(squares / known)
  return moves.map((move) => (Number.isFinite(move) && sigma > 0 ? (move - mean) / sigma : 0))
}
