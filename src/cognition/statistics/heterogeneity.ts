import {chi2Sf} from '../../kernel/distributions.ts'
import {requireThat, type Series, sum} from './series.ts'
import {sharpeErrorMertens} from './sharpe.ts'

/** A stretch of a record: its Sharpe per period, skewness, kurtosis (not excess) and observations. */
export interface Part {
  readonly sr: number
  readonly g3: number
  readonly g4: number
  readonly T: number
}

export interface CochranQ {
  readonly Q: number
  readonly df: number
  /** of Q, or more, when the Sharpe is the same everywhere */
  readonly p: number
  /** share of the variation that chance does not explain, 0 … 1 */
  readonly I2: number
  /** inverse-variance weighted Sharpe */
  readonly pooled: number
  /** Mertens standard error of each part, divisor T − 1 */
  readonly se: readonly number[]
}

/**
 * Does an edge differ between parts of its record by more than chance?
 *
 * @param parts   two at least
 * @throws Fault  `gauntlet.out_of_range`
 * @see Cochran (1954), Biometrics 10; Higgins & Thompson (2002) for I²
 */
export function cochranQ(parts: readonly Part[]): CochranQ {
  requireThat(parts.length >= 2, `Heterogeneity of ${parts.length} part(s) was asked for.`)
  const se = parts.map(({sr, g3, g4, T}) => sharpeErrorMertens(sr, g3, g4, T, 1))
  const weights = se.map((error) => 1 / (error * error))
  const total = sum(weights)
  const pooled = sum(parts.map(({sr}, i) => sr * weights[i]!)) / total
  const Q = sum(parts.map(({sr}, i) => weights[i]! * (sr - pooled) ** 2))
  const df = parts.length - 1
  return {Q, df, p: chi2Sf(Q, df), I2: Q > 0 ? Math.max(0, (Q - df) / Q) : 0, pooled, se}
}

/**
 * Concentration of positive amounts, 0 (equal) … 1 (one holds all): (Σ w² − 1/n) / (1 − 1/n).
 *
 * @param amounts  shape [n], n >= 2, their total positive
 * @throws Fault   `gauntlet.out_of_range`
 * @see López de Prado (2018), Advances in Financial Machine Learning, ch. 14
 */
export function concentration(amounts: Series): number {
  const n = amounts.length
  const total = sum(amounts)
  requireThat(n >= 2 && total > 0, `Concentration of ${n} amounts that sum to ${total} was asked for.`)
  const squares = sum(Array.from({length: n}, (_, i) => (amounts[i]! / total) ** 2))
  return (squares - 1 / n) / (1 - 1 / n)
}

/** Half-open bounds of n contiguous parts of T observations; the first T mod n of them have one more. */
export function equalParts(T: number, n: number): [number, number][] {
  const base = Math.floor(T / n)
  const extra = T % n
  return Array.from({length: n}, (_, i) => {
    const from = i * base + Math.min(i, extra)
    return [from, from + base + (i < extra ? 1 : 0)]
  })
}
