import {normalCdf} from '../../kernel/distributions.ts'
import {requireThat, type Series} from './series.ts'

/** What the bettor believes before the first return, and how much it dares. */
export interface Bettor {
  /** B: no return is below −B; the engine or the desk guarantees it */
  readonly lossBound: number
  /** prior mean and variance of a return, and how many returns they are worth */
  readonly mean: number
  readonly variance: number
  readonly weight: number
  /** largest share of what the bound would allow: the bet stays below fraction / B */
  readonly fraction: number
}

export interface EProcess {
  /** ln E after each return, shape [T]; −∞ from the first return below what the bet can lose */
  readonly logE: Float64Array
  /** the bet on each return, fixed before it, shape [T] */
  readonly bets: Float64Array
}

/**
 * Wealth of a bettor on positive returns: E = Π (1 + λₜ rₜ), with λₜ from past returns only.
 *
 * While E[r | past] ≤ 0 and r ≥ −B it is a nonnegative supermartingale, so P(sup E ≥ 1/a) ≤ a whenever one stops (Ville).
 * Losses are never clipped. A return below −1/λ would leave negative wealth: the bound was false, and E is 0 from there on.
 *
 * @param r       returns in the order they came, shape [T]
 * @throws Fault  `gauntlet.out_of_range`
 * @see Waudby-Smith & Ramdas (2024), JRSS-B; Howard et al. (2021), Annals of Statistics 49
 */
export function bettingProcess(r: Series, {lossBound, mean, variance, weight, fraction}: Bettor): EProcess {
  requireThat(
    lossBound > 0 && variance > 0 && weight > 0 && fraction > 0 && fraction < 1,
    `A bet with bound ${lossBound}, variance ${variance}, weight ${weight} and fraction ${fraction} was asked for.`,
  )
  const [logE, bets] = [new Float64Array(r.length), new Float64Array(r.length)]
  let [sum, squares, log] = [0, 0, 0]
  for (let t = 0; t < r.length; t++) {
    const first = (weight * mean + sum) / (weight + t)
    const second = (weight * (variance + mean * mean) + squares) / (weight + t)
    const bet = Math.min(Math.max(first / second, 0), fraction / lossBound)
    const factor = 1 + bet * r[t]!
    log = factor > 0 ? log + Math.log(factor) : Number.NEGATIVE_INFINITY
    bets[t] = bet
    logE[t] = log
    sum += r[t]!
    squares += r[t]! * r[t]!
  }
  return {logE, bets}
}

/**
 * The same bet against a claim: evidence that the mean is below `claim`, from the returns claim − rₜ.
 *
 * @param gainBound  U: no return is above U, so that claim − r is never below claim − U
 * @throws Fault     `gauntlet.out_of_range`
 */
export function killProcess(r: Series, claim: number, gainBound: number, bettor: Omit<Bettor, 'lossBound'>): EProcess {
  requireThat(gainBound > claim, `A claimed return of ${claim} is not below its bound of ${gainBound}.`)
  const short = Float64Array.from(r, (value) => claim - value)
  return bettingProcess(short, {...bettor, lossBound: gainBound - claim})
}

/**
 * ln E of the one-sided normal mixture: 2 (1 + tτ²)^−½ exp(τ²S² / (2(1 + tτ²))) Φ(τS / √(1 + tτ²)), S the running sum.
 *
 * For returns of unit variance only; the betting process needs no such thing.
 *
 * @param z   shape [T], unit variance
 * @returns   shape [T]
 * @see Howard et al. (2021), Annals of Statistics 49, one-sided normal mixture
 */
export function mixtureProcess(z: Series, tau2: number): Float64Array {
  requireThat(tau2 > 0, `A mixture of variance ${tau2} was asked for.`)
  const logE = new Float64Array(z.length)
  let S = 0
  for (let t = 0; t < z.length; t++) {
    S += z[t]!
    const scale = 1 + (t + 1) * tau2
    logE[t] =
      Math.LN2 -
      Math.log(scale) / 2 +
      (tau2 * S * S) / (2 * scale) +
      Math.log(normalCdf((Math.sqrt(tau2) * S) / Math.sqrt(scale)))
  }
  return logE
}
