import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Exhibit} from './exhibit.ts'
import {Provenance} from './provenance.ts'
import {IntervalName, IsoInstant, Sha256, Slug, Venue} from './units.ts'

const Share = z.number().min(0).max(1)
const Probability = z.number().gt(0).lt(1)
const Positive = z.number().positive()
const Whole = z.number().int().positive()

/** Thresholds of the gates. Loosening one is a decision of the desk, and its hash is in every verdict. */
export const GauntletConfig = artifact({
  id: 'gauntlet@1',
  layer: 1,
  format: 'yaml',
  path: 'configs/gauntlet.yaml',
  summary: 'The thresholds an idea must clear, stage by stage; every one is joined to the others by AND.',
  schema: z.strictObject({
    artifact: z.literal('gauntlet@1'),
    data: z.strictObject({
      max_gap_share: Share,
      max_stale_share: Share,
      max_reverting_outlier_share: Share,
      max_self_correlation: Share.default(0.2).describe(
        'of the returns of an asset with those of the bar before, less three standard errors; more and its price lags',
      ),
      outlier_sd: Positive.describe('robust standard deviations beyond which a bar is an outlier'),
      max_thin_share: Share.describe('share of bars with fewer than min_assets selected'),
    }),
    lookahead: z.strictObject({
      cuts: z.number().int().min(16),
      scramble_cuts: z.number().int().min(2),
      grid_cuts: z.number().int().min(1).describe('cuts at which every grid point is audited, not only the primary'),
      relative_tolerance: z.number().min(0).max(1e-6),
    }),
    costs: z.strictObject({
      stress_multiplier: z.number().min(1),
      min_delay_retention: Share,
      max_notional_share: Share.describe('largest position over the median daily notional of its coin'),
    }),
    sufficiency: z.strictObject({min_labels: Whole, min_backtest_sharpe: Positive}),
    edge: z.strictObject({
      min_hac_t: Positive,
      min_psr: Probability,
      max_permutation_p: Probability.default(0.01).describe('share of markets with the same bars in another order'),
      permutations: Whole.default(1000).describe('orders drawn at most; four times as many near the threshold'),
    }),
    multiplicity: z.strictObject({
      max_p: Probability,
      min_dsr: Probability,
      first_draws: Whole.describe('bootstrap draws before the p-value is looked at'),
      max_draws: Whole,
    }),
    overfitting: z.strictObject({
      max_loss_probability: Probability,
      max_pbo: Probability,
      min_degradation: z.number(),
      min_walk_forward_psr: Probability,
      train_share: Probability,
      test_share: Probability,
      paths: z.strictObject({
        groups: z.number().int().min(3).max(16),
        tested: z.number().int().min(1).max(8),
        min_positive_share: Share.describe('share of purged paths that must earn'),
      }),
      gated_from: z.number().int().min(2).describe('grid size from which CSCV gates'),
    }),
    robustness: z.strictObject({
      min_plateau: Share.describe('median Sharpe of the neighbours over that of the declared point'),
      min_positive_grid: Share.describe('share of the grid that earns'),
      min_time_p: Probability.describe('p of equal Sharpe over five equal times'),
      min_earning_blocks: z.number().int().min(1).max(8).describe('of eight equal times'),
      max_block_share: Share.describe('share of the return that one of eight times may hold'),
      regime_alpha: Probability.describe('error of calling a regime losing, over all of them'),
      min_half_share: Share.describe('Sharpe of a random half of the assets, as independent bets would keep it'),
      min_alpha_t: z.number().describe('HAC t of what BTC and ETH do not explain'),
      max_book_correlation: Share.default(0.7).describe(
        'with any confirmed book; above it the idea must add to the book',
      ),
      min_marginal_t: z.number().default(1.645).describe('HAC t of what it earns beyond a book it resembles'),
      max_median_participation: Share,
      max_p95_participation: Share,
    }),
    vault: z.strictObject({
      alpha: Probability,
      share: Probability.describe('least share of the span that is sealed'),
      max_share: Probability,
      stress_multiplier: z.number().min(1),
      min_labels: Whole,
      min_consistency_z: z.number(),
      drawdown_quantile: Probability,
      drawdown_draws: Whole,
    }),
    posterior: z.strictObject({prior: Probability, sharpe_if_true: Positive}),
    monitor: z
      .strictObject({
        loss_bound: Share.default(0.1).describe('no day loses more: the e-process bets on it, and is void after one'),
        gain_bound: Share.default(0.1).describe('no day wins more: the kill process bets on it'),
        prior_mean: z.number().default(0.0004).describe('daily return the bettor expects before the first day'),
        prior_variance: Positive.default(0.0001),
        prior_days: Positive.default(60).describe('days that this expectation is worth'),
        bet_fraction: Probability.default(0.5),
        kill_e: Positive.default(20),
        warn_e: Positive.default(5),
        cusum_shift: Positive.default(0.1).describe('fall of the daily mean to be found, daily standard deviations'),
        cusum_years: Positive.default(20).describe('average time between false alarms: in three years one in seven'),
        warn_share: Share.default(0.5).describe('share of the CUSUM threshold from which it warns: every other year'),
        drawdown_kills: Probability.default(0.99),
        drawdown_warns: Probability.default(0.95),
        drawdown_draws: Whole.default(2000),
        e_lond_alpha: Probability.default(0.05).describe('false discovery rate of the label certified'),
      })
      .prefault({})
      .describe('forward evidence and decay: what qo gauntlet monitor decides by'),
  }),
})
export type GauntletConfig = z.infer<typeof GauntletConfig.schema>

export const StageVerdict = z.enum(['PASS', 'FAIL', 'INSUFFICIENT', 'INVALID', 'ERROR'])
export type StageVerdict = z.infer<typeof StageVerdict>

/** Stages 0 to 8 end in ELIGIBLE at best; only stage 9, asked for by name, says PASS. */
export const VerdictName = z.enum(['ELIGIBLE', 'FAIL', 'INSUFFICIENT', 'INVALID', 'ERROR', 'PASS'])
export type VerdictName = z.infer<typeof VerdictName>

export const Check = z.strictObject({
  name: z.string(),
  value: z.union([z.number(), z.string()]).nullable().describe('null: not a number, or sealed'),
  threshold: z.union([z.number(), z.string()]).nullable().describe('null: reported, not gated'),
  pass: z.boolean(),
  gate: z.boolean().describe('false: reported with the verdict, decides nothing'),
  rule: z.enum(['>=', '<=', '>', '=', '']),
  note: z.string(),
})
export type Check = z.infer<typeof Check>

export const Stage = z.strictObject({
  id: z.number().int().min(0).max(10),
  name: z.string(),
  verdict: StageVerdict,
  sentence: z.string(),
  checks: z.array(Check),
  seed: z.string().nullable(),
  notRun: z.array(z.string()).describe('checks of this stage that this version does not make'),
  exhibits: z.array(Exhibit).optional().describe('what its pictures are drawn from'),
})
export type Stage = z.infer<typeof Stage>

const Finite = z.number().nullable()

export const GauntletVerdict = artifact({
  id: 'gauntlet-verdict@1',
  layer: 1,
  format: 'json',
  path: 'reports/gauntlet/*/verdict.json',
  summary: 'What the gauntlet decided about one hypothesis, the evidence, and the line that reproduces it.',
  schema: z.strictObject({
    artifact: z.literal('gauntlet-verdict@1'),
    hypothesis: Slug,
    verdict: VerdictName,
    failedStage: z.number().int().nullable(),
    decidesOn: z.string().nullable().describe('INSUFFICIENT: the ISO date or the missing table that would decide'),
    sentence: z.string().describe('the sentence that killed the idea, or passed it'),
    configuration: Sha256.describe('hash of the semantic fields'),
    allStages: z.boolean(),
    trials: z.strictObject({
      N: z.number().int().nonnegative(),
      grid: z.number().int().nonnegative(),
      Neff: Finite,
      ledger: z.number().int().nonnegative(),
      git: z.number().int().nonnegative().nullable(),
      programme: z.number().int().nonnegative(),
      family: z.array(Slug),
      kin: z
        .array(
          z.strictObject({
            hypothesis: Slug,
            because: z.enum(['family', 'lineage', 'shape', 'returns', 'unknown']),
            correlation: Finite.describe('of research returns, where they gave it away'),
            to: Slug.describe('the relative through which it was reached'),
            note: z.string(),
          }),
        )
        .default([])
        .describe('why the trials of each other hypothesis are counted'),
    }),
    window: z
      .strictObject({
        venue: Venue,
        bar: IntervalName,
        from: IsoInstant,
        to: IsoInstant,
        bars: z.number().int().nonnegative(),
        years: z.number(),
        assets: z.number().int().nonnegative(),
        gapBars: z.number().int().nonnegative(),
      })
      .nullable(),
    vault: z
      .strictObject({
        id: z.string(),
        from: IsoInstant,
        to: IsoInstant,
        years: z.number(),
        nextAttempt: z.number().int().positive(),
        nextAlpha: z.number(),
        powerAtTarget: z.number(),
      })
      .nullable(),
    figures: z.strictObject({
      sharpeAnnual: Finite,
      meanAnnual: Finite,
      volatilityAnnual: Finite,
      maxDrawdown: Finite,
      minimumDetectableSharpe: Finite,
      posteriorFalseDiscovery: Finite.describe('chance that the edge is not real when the stated share of ideas is'),
      prior: Finite.describe('the stated share of ideas that are true'),
      labels: Finite,
      turnoverAnnual: Finite,
    }),
    warnings: z.array(z.string()),
    stages: z.array(Stage),
    notRun: z.array(z.string()),
    reproduce: z.string(),
    provenance: Provenance,
  }),
})
export type GauntletVerdict = z.infer<typeof GauntletVerdict.schema>

/** Stage 9, once per attempt: the answer and nothing that would teach the vault's numbers. */
export const GauntletUnseal = artifact({
  id: 'gauntlet-unseal@1',
  layer: 1,
  format: 'json',
  path: 'reports/gauntlet/*/unseal.json',
  summary: 'The answer of the sealed vault: PASS or FAIL, the attempt it cost, no number from inside.',
  schema: z.strictObject({
    artifact: z.literal('gauntlet-unseal@1'),
    hypothesis: Slug,
    verdict: z.enum(['PASS', 'FAIL']),
    reason: z.enum(['confirmed', 'not_confirmed', 'not_evaluable']),
    sentence: z.string(),
    configuration: Sha256,
    vault: z.strictObject({id: z.string(), from: IsoInstant, to: IsoInstant, tier: z.enum(['V0', 'V1', 'V2'])}),
    attempt: z.number().int().positive(),
    earlierPasses: z.number().int().nonnegative(),
    alpha: z.number(),
    stages: z.array(Stage),
    provenance: Provenance,
  }),
})
export type GauntletUnseal = z.infer<typeof GauntletUnseal.schema>
