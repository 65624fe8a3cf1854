import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Provenance} from './provenance.ts'
import {IntervalName, IsoInstant, Sha256, Slug, Venue} from './units.ts'

/** Every operator of the expression language; `cognition/features/operators/index.ts` must implement each. */
export const OperatorName = z.enum([
  ...(['abs', 'sign', 'log', 'exp', 'sqrt', 'power', 'signed_power', 'clip', 'min', 'max', 'where'] as const),
  ...(['isnan', 'fill_forward'] as const),
  ...(['delay', 'delta', 'returns', 'log_returns', 'ts_sum', 'ts_mean', 'ts_std', 'ts_var', 'ts_min'] as const),
  ...(['ts_max', 'ts_argmin', 'ts_argmax', 'ts_rank', 'ts_zscore', 'ts_product', 'ts_skew', 'ts_kurt'] as const),
  ...(['ts_quantile', 'ts_median', 'ts_corr', 'ts_cov', 'ts_beta', 'ts_slope', 'decay_linear', 'ema', 'wma'] as const),
  ...(['rsi', 'atr', 'vwap', 'adv', 'ts_count', 'bars_since'] as const),
  ...(['cs_rank', 'cs_zscore', 'cs_demean', 'cs_scale', 'cs_winsorize', 'cs_neutralize', 'cs_quantile'] as const),
  ...(['hour_of_day', 'day_of_week', 'since_funding', 'ref', 'at', 'latch', 'hold', 'residual'] as const),
  ...(['lead', 'centred_mean', 'whole_mean', 'whole_std', 'at_open', 'gradient'] as const),
])
export type OperatorName = z.infer<typeof OperatorName>

/** Inputs an expression may name, and the lake table each comes from. */
export const INPUT_TABLE = {
  open: 'candles',
  high: 'candles',
  low: 'candles',
  close: 'candles',
  volume: 'candles',
  trades: 'candles',
  vwap: 'candles',
  funding: 'funding',
  mark: 'asset_ctx',
  oracle: 'asset_ctx',
  open_interest: 'asset_ctx',
  spread: 'bbo',
} as const
export type ExpressionInput = keyof typeof INPUT_TABLE

export const FeatureSet = artifact({
  id: 'feature-set@1',
  layer: 1,
  format: 'yaml',
  path: 'configs/features/*.yaml',
  summary: 'Named feature expressions that no hypothesis has claimed yet.',
  schema: z.strictObject({
    artifact: z.literal('feature-set@1'),
    id: Slug,
    summary: z.string().min(10),
    bar: IntervalName,
    universe: z.strictObject({
      from: z.union([z.literal('selection'), z.array(z.string().min(1)).min(1)]),
      min_assets: z.number().int().min(1).default(1),
    }),
    features: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.string().min(1))
      .refine((features) => Object.keys(features).length > 0, {message: 'a set names at least one feature'}),
  }),
})
export type FeatureSet = z.infer<typeof FeatureSet.schema>

export const FeatureManifest = artifact({
  id: 'feature-manifest@1',
  layer: 1,
  format: 'json',
  path: 'data/manifests/features/*.json',
  summary: 'What the lake table `features` holds of one hypothesis or set: hashes, rows, span, files.',
  schema: z.strictObject({
    artifact: z.literal('feature-manifest@1'),
    source: z.string().describe('workspace path of the file that names the features'),
    venue: Venue,
    interval: IntervalName,
    params: z.record(z.string(), z.number()),
    features: z.array(
      z.strictObject({
        name: z.string(),
        expression: z.string(),
        feature: Sha256.describe('hash of expression, parameters, inputs, bar, universe and rows read'),
        warmup_bars: z.number().int().nonnegative(),
        rows: z.number().int().nonnegative(),
        coverage: z.number().min(0).max(1).describe('share of live asset-bars that have a value'),
        from: IsoInstant.nullable(),
        to: IsoInstant.nullable(),
        mean: z.number().nullable(),
        sd: z.number().nullable(),
        lag1: z.number().nullable().describe('mean over assets of the correlation with the bar before'),
      }),
    ),
    files: z.array(z.strictObject({path: z.string(), sha256: Sha256, bytes: z.number().int(), rows: z.number().int()})),
    provenance: Provenance,
  }),
})
export type FeatureManifest = z.infer<typeof FeatureManifest.schema>
