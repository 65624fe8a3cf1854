import type {GauntletConfig} from '../../contracts/gauntlet.ts'
import type {GauntletPower} from '../../contracts/power.ts'
import {normalCdf, normalPpf} from '../../kernel/distributions.ts'
import {dayOf, YEAR_MS} from '../../kernel/instant.ts'
import {effectiveTrials} from '../statistics/deflated-sharpe.ts'
import {minBacktestYears} from '../statistics/min-backtest-length.ts'
import {vaultDecidesAt, vaultYearsFor} from './plan-vault.ts'
import {judgeSufficiency, minimumDetectableSharpe, type SufficiencyInput} from './stages/04-sufficiency.ts'
import {type VaultHistory, vaultAlpha} from './vault-alpha.ts'

export interface PowerInput extends Omit<SufficiencyInput, 'nEff' | 'effectiveTrials' | 'nextAlpha'> {
  /** trials of the family without this grid */
  readonly spent: number
  readonly grid: number
  /** rebalances in research: more independent ones there cannot be */
  readonly rebalances: number
  readonly history: VaultHistory
  readonly policy: 'keep' | 'retire-on-pass'
}

/** What nobody knows before the grid is run: how alike its points are. */
const CORRELATIONS = [0, 0.5, 0.8, 0.95] as const

/** Attempts on the vault that are looked ahead to, each after a failure of the one before. */
const LOOK_AHEAD = 3

const Z80 = normalPpf(0.8)

/**
 * What the data can decide about an idea before anything is run: stage 4, the tests of stages 5 and 6 and the vault by
 * their power functions.
 *
 * An annual Sharpe s over Y years gives a statistic with mean s·√Y and unit variance (Lo 2002, IID case). Stage 5 asks for
 * t >= 3; stage 6 is taken at the Bonferroni level .05 / N_eff, which SPA does not fall short of by much when trials are
 * N_eff independent ones. A calculation from lengths and counts: no price is read.
 *
 * @see gauntlet.md 0, finding 12
 */
export function powerPlan(
  input: PowerInput,
  {sufficiency, edge, multiplicity, vault}: Pick<GauntletConfig, 'sufficiency' | 'edge' | 'multiplicity' | 'vault'>,
): Pick<GauntletPower, 'scenarios' | 'labels' | 'chanceOfInsufficient' | 'attempts' | 'decides'> {
  const {spent, grid, researchYears, rebalances, srTarget, vaultYears, history, policy} = input
  const N = spent + grid
  const levels = Array.from({length: LOOK_AHEAD}, (_, k) =>
    vaultAlpha(
      {...history, attempts: Math.max(history.attempts, history.familyAttempt) + k, familyAttempt: 0},
      policy,
      vault.alpha,
    ),
  )
  const nextAlpha = levels[0]!.alpha
  /** when half of a history that begins where this one does finds the declared Sharpe so often, at the next level */
  const foundFrom = (power: number): string =>
    dayOf(
      input.spanFrom + (((normalPpf(1 - nextAlpha) + normalPpf(power)) / srTarget) ** 2 * YEAR_MS) / vault.max_share,
    )
  const payable = mostEffectiveTrials(researchYears, sufficiency.min_backtest_sharpe)
  const scenarios = CORRELATIONS.map((correlation) => {
    const effective = effectiveTrials(N, correlation)
    const threshold = Math.max(edge.min_hac_t, normalPpf(1 - multiplicity.max_p / effective))
    const {stage, decidesOn} = judgeSufficiency(
      {...input, nEff: rebalances, effectiveTrials: effective, nextAlpha},
      sufficiency,
    )
    return {
      correlation,
      effectiveTrials: effective,
      yearsNeeded: minBacktestYears(effective, sufficiency.min_backtest_sharpe),
      affordableGrid: affordable(payable, correlation, spent),
      detectableSharpe: researchYears > 0 ? (threshold + Z80) / Math.sqrt(researchYears) : null,
      researchPower: researchYears > 0 ? normalCdf(srTarget * Math.sqrt(researchYears) - threshold) : 0,
      isEnough: stage.verdict === 'PASS',
      decidesOn,
    }
  })
  return {
    scenarios,
    labels: {
      needed: sufficiency.min_labels,
      share: rebalances > 0 ? Math.min(1, sufficiency.min_labels / rebalances) : 1,
    },
    chanceOfInsufficient: chanceOf(input, N, payable, sufficiency.min_labels),
    attempts: levels.map(({attempt, alpha, exhausted}) => ({
      attempt,
      alpha,
      power: normalCdf(srTarget * Math.sqrt(vaultYears) - normalPpf(1 - alpha)),
      detectableSharpe: vaultYears > 0 ? minimumDetectableSharpe(vaultYears, alpha) : null,
      isExhausted: exhausted,
    })),
    decides: {
      stageFour: dayOf(vaultDecidesAt(input.spanFrom, srTarget, vault.max_share)),
      halfPower: foundFrom(0.5),
      eightyPower: foundFrom(0.8),
    },
  }
}

/** The largest N_eff whose minimum backtest length these years reach, by bisection on a monotone function. */
function mostEffectiveTrials(years: number, sharpe: number): number {
  let [low, high] = [1, 1e9]
  if (minBacktestYears(high, sharpe) <= years) return Number.POSITIVE_INFINITY
  for (let step = 0; step < 64; step++) {
    const middle = Math.sqrt(low * high)
    if (minBacktestYears(middle, sharpe) <= years) low = middle
    else high = middle
  }
  return low
}

/** Grid points that may still be tried: N_eff = max(2, 1 + (1 − r̄)(N − 1)) solved for N, less what is spent. */
function affordable(payable: number, correlation: number, spent: number): number | null {
  if (payable === Number.POSITIVE_INFINITY) return null
  // Two trials or more count as two at least, however alike they are.
  const most = payable < 2 ? 1 : 1 + (payable - 1) / (1 - correlation)
  return Math.max(0, Math.floor(most + 1e-9) - spent)
}

/**
 * Chance that stage 4 cannot decide, over what is not known yet: how alike the trials are, r̄ uniform on [0, 1), and
 * what share of the rebalances changes the book, uniform on (0, 1]. Vault and history are known, and decide alone.
 */
function chanceOf({vaultYears, srTarget, rebalances}: PowerInput, N: number, payable: number, labels: number): number {
  if (vaultYears < vaultYearsFor(srTarget) - 1e-12) return 1
  const clamp = (p: number): number => Math.min(1, Math.max(0, p))
  const tooManyTrials = N < 2 ? 0 : payable < 2 ? 1 : clamp(1 - (payable - 1) / (N - 1))
  const tooFewLabels = rebalances > 0 ? clamp(labels / rebalances) : 1
  return 1 - (1 - tooManyTrials) * (1 - tooFewLabels)
}
