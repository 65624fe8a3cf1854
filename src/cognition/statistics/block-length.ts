import {autocovariance, deviations, mean, requireSeries, requireVariance, type Series} from './series.ts'

export interface BlockLength {
  /** first lag that opens a run of insignificant autocorrelations */
  readonly mHat: number
  /** bandwidth of the flat-top window */
  readonly M: number
  readonly G: number
  readonly longRunVariance: number
  /** mean block of the stationary bootstrap, 1 … cap */
  readonly stationary: number
  /** block of the circular bootstrap */
  readonly circular: number
  /** the cap ⌈min(3√n, n/3)⌉ */
  readonly cap: number
}

/**
 * Automatic block length for the bootstrap of a mean, in observations.
 *
 * @param x       shape [n], n >= 20
 * @throws Fault  `gauntlet.sample_too_small`, `gauntlet.not_finite`, `gauntlet.no_variance`
 * @see Politis & White (2004), Econometric Reviews 23(1); Patton, Politis & White (2009), correction, 28(4)
 */
export function politisWhite(x: Series): BlockLength {
  requireSeries(x, 20)
  const n = x.length
  const d = deviations(x)
  const run = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))))
  const maxLag = Math.ceil(Math.sqrt(n)) + run
  const cap = Math.ceil(Math.min(3 * Math.sqrt(n), n / 3))
  const R = Float64Array.from({length: Math.min(maxLag, n - 1) + 1}, (_, k) => autocovariance(d, k))
  requireVariance(Math.sqrt(R[0]!) > 1e-14 * Math.abs(mean(x)) ? R[0]! : 0)

  const critical = 2 * Math.sqrt(Math.log10(n) / n)
  const significant = (k: number): boolean => Math.abs(R[k]! / R[0]!) >= critical
  const mHat = firstQuietLag(significant, R.length - 1, run)
  const M = Math.min(2 * mHat, R.length - 1)
  let [G, longRunVariance] = [0, R[0]!]
  for (let k = 1; k <= M; k++) {
    const weight = k / M <= 0.5 ? 1 : 2 * (1 - k / M)
    G += 2 * weight * k * R[k]!
    longRunVariance += 2 * weight * R[k]!
  }
  const best = (D: number): number => ((2 * G * G) / D) ** (1 / 3) * n ** (1 / 3)
  // A long-run variance of zero asks for an endless block; the cap is the honest answer to that.
  const within = (b: number): number => (Number.isNaN(b) ? 1 : Math.min(cap, Math.max(1, b)))
  const square = longRunVariance ** 2
  return {
    mHat,
    M,
    G,
    longRunVariance,
    stationary: within(best(2 * square)),
    circular: within(best((4 / 3) * square)),
    cap,
  }
}

/** m̂: the first lag of `run` insignificant ones in a row; else the last significant lag, else 1. */
function firstQuietLag(significant: (k: number) => boolean, maxLag: number, run: number): number {
  let quiet = 0
  let last = 1
  for (let k = 1; k <= maxLag; k++) {
    quiet = significant(k) ? 0 : quiet + 1
    if (quiet === 0) last = k
    if (quiet === run) return k - run + 1
  }
  return last
}

/**
 * One block length for a family: the largest over its columns, rounded up. Longer blocks keep more dependence, so this
 * is the conservative choice. Columns that do not vary have no say.
 *
 * @param columns  shape [K][T]
 * @returns        whole observations, >= 1 and <= T/3
 * @throws Fault   `gauntlet.no_variance` when no column varies; those of `politisWhite`
 */
export function familyBlockLength(columns: readonly Series[]): number {
  const varying = columns.filter((column) => {
    requireSeries(column, 20)
    for (let t = 1; t < column.length; t++) if (column[t] !== column[0]) return true
    return false
  })
  requireVariance(varying.length, 'every column')
  return Math.max(1, ...varying.map((column) => Math.ceil(politisWhite(column).stationary)))
}
