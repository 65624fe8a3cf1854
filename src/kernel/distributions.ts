import {incompleteBeta, lgamma, upperGamma} from './special-functions.ts'

/**
 * The distributions every gate reads: normal, Student t, chi-squared, binomial, and the maximum of N normals.
 *
 * Tails keep relative accuracy (about 1e-14), because a p-value of 1e-9 is a number and not a zero. Arguments outside
 * a domain give NaN, which no gate passes.
 *
 * @see golden `specfun.json` (50-digit reference values)
 */

const SQRT_2PI = 2.506_628_274_631_000_7

/** φ(x). The exponent is split so that x² loses no digits in the tail. */
export function normalPdf(x: number): number {
  const head = Math.trunc(x * 16) / 16
  return (Math.exp((-head * head) / 2) * Math.exp((-(x - head) * (x + head)) / 2)) / SQRT_2PI
}

/** Q(z) = 1 − Φ(z) for z >= 0: a series of positive terms near 0, the Mills-ratio continued fraction beyond. */
function upperNormal(z: number): number {
  if (z > 40) return 0
  if (z < 2.5) {
    let term = z
    let sum = z
    for (let n = 3; term > sum * 1e-17; n += 2) {
      term *= (z * z) / n
      sum += term
    }
    return 0.5 - normalPdf(z) * sum
  }
  let tail = z
  for (let k = 60; k >= 1; k--) tail = z + k / tail
  return normalPdf(z) / tail
}

/** Φ(x). */
export const normalCdf = (x: number): number => (x <= 0 ? upperNormal(-x) : 1 - upperNormal(x))

/** 1 − Φ(x), without cancellation. */
export const normalSf = (x: number): number => normalCdf(-x)

export const erfc = (x: number): number => 2 * normalSf(x * Math.SQRT2)

/** Φ⁻¹(p), 0 < p < 1; ∓Infinity at the ends. A rational start (A&S 26.2.23) and two Halley steps. */
export function normalPpf(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p > 0.5) return -normalPpf(1 - p)
  const t = Math.sqrt(-2 * Math.log(p))
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
  for (let step = 0; step < 3; step++) {
    const e = (normalCdf(x) - p) / normalPdf(x)
    x -= e / (1 + (x * e) / 2)
  }
  return x
}

/** P(T > x) of Student t with `df` > 0 degrees of freedom (any real number). */
export function studentSf(x: number, df: number): number {
  const square = x * x
  const tail =
    square === Number.POSITIVE_INFINITY
      ? 0
      : 0.5 * incompleteBeta(df / 2, 0.5, df / (df + square), square / (df + square))
  return x >= 0 ? tail : 1 - tail
}

export const studentCdf = (x: number, df: number): number => studentSf(-x, df)

/** P(|T| > |x|). */
export const studentTwoSided = (x: number, df: number): number => 2 * studentSf(Math.abs(x), df)

/** Quantile of Student t. */
export function studentPpf(p: number, df: number): number {
  if (!(p >= 0 && p <= 1 && df > 0)) return Number.NaN
  if (p === 0.5) return 0
  if (p > 0.5) return studentIsf(1 - p, df)
  return -studentIsf(p, df)
}

/** x with P(T > x) = q; exact in the tail, where 1 − q would round to 1. */
export function studentIsf(q: number, df: number): number {
  if (!(q >= 0 && q <= 1 && df > 0)) return Number.NaN
  if (q === 0) return Number.POSITIVE_INFINITY
  if (q === 0.5) return 0
  if (q > 0.5) return -studentIsf(1 - q, df)
  const logPdf0 = lgamma((df + 1) / 2) - lgamma(df / 2) - 0.5 * Math.log(df * Math.PI)
  const pdf = (x: number): number => Math.exp(logPdf0 - ((df + 1) / 2) * Math.log1p((x * x) / df))
  return root(
    (x) => studentSf(x, df) - q,
    (x) => -pdf(x),
    Math.max(0, -normalPpf(q)),
    0,
  )
}

/** P(X > x) of chi-squared with `df` > 0. */
export const chi2Sf = (x: number, df: number): number => (x <= 0 ? 1 : upperGamma(df / 2, x / 2))

/** Quantile of chi-squared, from the Wilson–Hilferty start. */
export function chi2Ppf(p: number, df: number): number {
  if (!(p >= 0 && p <= 1 && df > 0)) return Number.NaN
  if (p === 0) return 0
  if (p === 1) return Number.POSITIVE_INFINITY
  const a = 2 / (9 * df)
  const start = Math.max(df * (1 - a + normalPpf(p) * Math.sqrt(a)) ** 3, 1e-8)
  const pdf = (x: number): number => Math.exp((df / 2 - 1) * Math.log(x / 2) - x / 2 - lgamma(df / 2)) / 2
  return root((x) => 1 - p - chi2Sf(x, df), pdf, start, 0)
}

/** P(X >= k), X binomial(n, p). */
export function binomialSf(k: number, n: number, p: number): number {
  if (!(Number.isInteger(k) && Number.isInteger(n) && n >= 0 && p >= 0 && p <= 1)) return Number.NaN
  if (k <= 0) return 1
  if (k > n) return 0
  return incompleteBeta(k, n - k + 1, p)
}

/** Zero of a monotone function on [floor, ∞): Newton steps, halved into the bracket whenever they leave it. */
function root(f: (x: number) => number, slope: (x: number) => number, start: number, floor: number): number {
  const rising = slope(Math.max(start, 1e-8)) > 0
  let [low, high, x] = [floor, Number.POSITIVE_INFINITY, start]
  for (let step = 0; step < 400; step++) {
    const value = f(x)
    if (value === 0) return x
    if (value > 0 === rising) high = x
    else low = x
    let next = x - value / slope(x)
    if (!(next > low && next < high)) next = high === Number.POSITIVE_INFINITY ? 2 * x + 1 : (low + high) / 2
    if (Math.abs(next - x) <= 1e-15 * Math.abs(x)) return next
    x = next
  }
  return x
}

/**
 * Exact E[max] of N independent standard normals: ∫ x N φ(x) Φ(x)^(N−1) dx by the trapezium rule, which converges
 * geometrically for an integrand that dies at both ends.
 *
 * @param N   >= 1, need not be whole (an effective number)
 */
export function expectedMaxNormal(N: number): number {
  if (!(N >= 1)) return Number.NaN
  if (N === 1) return 0
  const h = 1 / 64
  let sum = 0
  for (let i = -14 * 64; i <= 14 * 64; i++) {
    const x = i * h
    const logCdf = x > 0 ? Math.log1p(-normalSf(x)) : Math.log(normalCdf(x))
    sum += x * N * normalPdf(x) * Math.exp((N - 1) * logCdf)
  }
  return sum * h
}
