import type {Series} from './series.ts'

/**
 * Pearson correlation of two series of the same length.
 *
 * @returns NaN when one of them does not vary
 */
export function correlation(x: Series, y: Series): number {
  const n = x.length
  let [sx, sy] = [0, 0]
  for (let i = 0; i < n; i++) {
    sx += x[i]!
    sy += y[i]!
  }
  const [mx, my] = [sx / n, sy / n]
  let [xx, yy, xy] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [u, v] = [x[i]! - mx, y[i]! - my]
    xx += u * u
    yy += v * v
    xy += u * v
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Number.NaN
}
