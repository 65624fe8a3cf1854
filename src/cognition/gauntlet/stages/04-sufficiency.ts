import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {normalCdf, normalPpf} from '../../../kernel/distributions.ts'
import {DAY_MS, dayOf, YEAR_MS} from '../../../kernel/instant.ts'
import {minBacktestYears} from '../../statistics/min-backtest-length.ts'
import {atLeast, type Judgement, reported, stageOf} from '../check.ts'
import {vaultDecidesAt, vaultYearsFor} from '../plan-vault.ts'

export interface SufficiencyInput {
  /** independent rebalances: sum of label uniqueness */
  readonly nEff: number
  /** at the very most, where there is no research yet to count them in; left out: unknown */
  readonly rebalancesPerYear?: number
  readonly researchYears: number
  /** effective number of trials */
  readonly effectiveTrials: number
  readonly vaultYears: number
  /** start of the vault, epoch ms */
  readonly vaultFrom: number
  readonly srTarget: number
  /** level of the next attempt on the vault */
  readonly nextAlpha: number
  /** first tradable bar of the venue and first bar of the research window, epoch ms */
  readonly spanFrom: number
  readonly windowFrom: number
  /** kept free between research and vault */
  readonly gapMs: number
  /** share of new history that becomes research once the vault is planned again */
  readonly maxVaultShare: number
}

/** Sharpe, annual, that a test at level `alpha` finds with 80 % power in `years`. */
export const minimumDetectableSharpe = (years: number, alpha: number): number =>
  years > 0 ? (normalPpf(1 - alpha) + normalPpf(0.8)) / Math.sqrt(years) : Number.NaN

/**
 * Stage 4: can these data decide at all? When they cannot, the answer is a date, not a FAIL.
 *
 * A date is when a workspace that starts then would have enough, if new history comes at the same rate.
 */
export function judgeSufficiency(input: SufficiencyInput, limits: GauntletConfig['sufficiency']): Judgement {
  const {nEff, researchYears, vaultYears, srTarget} = input
  const years = minBacktestYears(input.effectiveTrials, limits.min_backtest_sharpe)
  /** research has to last `needed` years: before it lies the warm-up, after it the vault */
  const researchDate = (needed: number): number =>
    input.spanFrom + (input.windowFrom - input.spanFrom + input.gapMs + needed * YEAR_MS) / (1 - input.maxVaultShare)
  const perYear = nEff > 0 ? nEff / researchYears : (input.rebalancesPerYear ?? Number.NaN)
  const labelYears = limits.min_labels / perYear
  const on = (ms: number): {otherwise: 'INSUFFICIENT'; decidesOn: string} => ({
    otherwise: 'INSUFFICIENT',
    // Rounded up: on the day that is named it is enough.
    decidesOn: Number.isFinite(ms) && ms < 8.64e15 - DAY_MS ? dayOf(ms + DAY_MS - 1) : 'candles',
  })
  const power = normalCdf(srTarget * Math.sqrt(vaultYears) - normalPpf(1 - input.nextAlpha))
  const gates = [
    atLeast('independent rebalances', nEff, limits.min_labels, {
      ...on(researchDate(labelYears)),
      note: `${nEff.toFixed(0)} in ${researchYears.toFixed(2)} years`,
    }),
    atLeast('years of research', researchYears, years, {
      ...on(researchDate(years)),
      note: `the best of ${input.effectiveTrials.toFixed(1)} worthless trials shows a Sharpe of ${limits.min_backtest_sharpe} in less`,
    }),
    atLeast('years in the vault', vaultYears, vaultYearsFor(srTarget), {
      ...on(
        Math.max(
          vaultDecidesAt(input.spanFrom, srTarget, input.maxVaultShare),
          input.vaultFrom + vaultYearsFor(srTarget) * YEAR_MS,
        ),
      ),
      note: `half power at the declared Sharpe of ${srTarget}`,
    }),
    reported('power of the next attempt at the declared Sharpe', power, `level ${input.nextAlpha.toPrecision(3)}`),
    reported(
      'minimum detectable Sharpe in research',
      minimumDetectableSharpe(researchYears, 0.025),
      '80 % power, one-sided 2.5 %',
    ),
    reported(
      'minimum detectable Sharpe in the vault',
      minimumDetectableSharpe(vaultYears, input.nextAlpha),
      '80 % power',
    ),
  ]
  return stageOf(4, 'sufficiency', gates, 'The data are long enough to decide.')
}
