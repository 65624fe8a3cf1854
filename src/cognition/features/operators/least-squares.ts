/**
 * Fitted values of ordinary least squares, or null when the rows cannot determine the coefficients.
 *
 * Modified Gram–Schmidt on the columns: no normal equations, so nearly collinear factors lose no more digits than they
 * must, and a column that adds nothing is found.
 *
 * @param rows  shape [n][k], one row of regressors per observation, intercept included
 * @param y     shape [n]
 * @returns     shape [n]; null if n <= k or the columns are collinear to 1e-10
 * @see Björck (1967), Solving linear least squares problems by Gram–Schmidt orthogonalization
 */
export function leastSquares(rows: readonly (readonly number[])[], y: readonly number[]): number[] | null {
  const [n, k] = [rows.length, rows[0]?.length ?? 0]
  if (n <= k) return null
  const fitted = new Array<number>(n).fill(0)
  const rest = [...y]
  const basis: number[][] = []
  for (let j = 0; j < k; j++) {
    const column = rows.map((row) => row[j]!)
    const size = norm(column)
    for (const earlier of basis) takeAway(column, earlier)
    const left = norm(column)
    if (!(left > 1e-10 * size)) return null
    const unit = column.map((v) => v / left)
    basis.push(unit)
    const weight = dot(unit, rest)
    for (let i = 0; i < n; i++) {
      fitted[i] = fitted[i]! + weight * unit[i]!
      rest[i] = rest[i]! - weight * unit[i]!
    }
  }
  return fitted
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0)
const norm = (a: readonly number[]): number => Math.sqrt(dot(a, a))

function takeAway(column: number[], unit: readonly number[]): void {
  const weight = dot(column, unit)
  for (let i = 0; i < column.length; i++) column[i] = column[i]! - weight * unit[i]!
}
