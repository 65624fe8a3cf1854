import {lgamma} from '../../kernel/special-functions.ts'
import {requireThat} from './series.ts'

export interface SequentialP {
  /** (1 + exceedances) / (1 + draws), or exceedances / draws when stopped by their number; in (0, 1] */
  readonly p: number
  readonly draws: number
  readonly exceedances: number
  /** Monte-Carlo standard error of p */
  readonly mcSe: number
  /** what ended it: clearly on one side of alpha, the wanted number of exceedances, or the maximum */
  readonly stop: 'below' | 'above' | 'exceedances' | 'maximum'
}

export interface SequentialPlan {
  /** true when the next draw under the null is at least as extreme as what was observed */
  readonly exceeds: () => boolean
  /** draws at most */
  readonly maximum: number
  /** threshold the p-value will be compared with */
  readonly alpha: number
  /** chance of ever landing on the wrong side of alpha by stopping early; default 1e-4 */
  readonly risk?: number
  /** Besag–Clifford: stop at this many exceedances, which keeps p exact; default never */
  readonly exceedances?: number
}

/**
 * A Monte-Carlo p-value drawn only as far as its verdict needs.
 *
 * After n draws with S exceedances the true p is taken to be off alpha once the binomial(n, alpha) probability of S
 * is below risk/(n + 1): Robbins' confidence sequence, so the resampling risk holds over all n together. A clear
 * failure costs dozens of draws; a p near alpha uses the maximum.
 *
 * @throws Fault `gauntlet.out_of_range`
 * @see Besag & Clifford (1991), Biometrika 78; Gandy (2009), JASA 104; Robbins (1970); Phipson & Smyth (2010)
 */
export function sequentialP({exceeds, maximum, alpha, risk = 1e-4, exceedances}: SequentialPlan): SequentialP {
  requireThat(Number.isInteger(maximum) && maximum >= 1, `${maximum} Monte-Carlo draws were asked for.`)
  requireThat(alpha > 0 && alpha < 1 && risk > 0 && risk < 1, `Threshold ${alpha} at resampling risk ${risk}.`)
  const [logAlpha, logRest, logRisk] = [Math.log(alpha), Math.log1p(-alpha), Math.log(risk)]
  let S = 0
  for (let n = 1; n <= maximum; n++) {
    if (exceeds()) S += 1
    if (S === exceedances) return result(S / n, n, S, 'exceedances')
    const logChoose = lgamma(n + 1) - lgamma(S + 1) - lgamma(n - S + 1)
    if (logChoose + S * logAlpha + (n - S) * logRest <= logRisk - Math.log(n + 1)) {
      return result((1 + S) / (n + 1), n, S, S / n > alpha ? 'above' : 'below')
    }
  }
  return result((1 + S) / (maximum + 1), maximum, S, 'maximum')
}

const result = (p: number, draws: number, exceedances: number, stop: SequentialP['stop']): SequentialP => ({
  p,
  draws,
  exceedances,
  mcSe: Math.sqrt((p * (1 - p)) / draws),
  stop,
})
