import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Provenance} from './provenance.ts'
import {IntervalName, IsoInstant, Venue} from './units.ts'

const Count = z.number().int().nonnegative()
/** null: too few cross-sections, or nothing that varies */
const Figure = z.number().nullable()
const Share = z.number().min(0).max(1).nullable()

/** A mean over bars and how sure it is. */
const Coefficient = z.strictObject({
  mean: Figure,
  sd: Figure.describe('over bars, divisor n − 1'),
  t: Figure.describe('Newey-West, lag at least the horizon; never above the t without dependence'),
  p: Share.describe(
    'two-sided, of a mean of zero: Student t on equal-weighted cosines; null where fewer than four windows fit',
  ),
  margin: Figure.describe('half width of the 95 % interval of the mean that belongs to p'),
})

const HorizonFigures = z.strictObject({
  horizon: Count.describe('bars'),
  bars: Count.describe('cross-sections with enough assets'),
  ic: Coefficient.describe('Pearson correlation of value and forward return across assets'),
  rank_ic: Coefficient.describe('the same on ranks, ties average'),
  positive: Share.describe('share of bars with a rank coefficient above 0'),
  worst_year: Figure.describe('smallest mean rank coefficient over any 365 days'),
  decay: z.strictObject({
    from: Count.describe('bars after the decision at which the piece begins'),
    rank_ic: Coefficient.describe('with the return of that piece only: what the shorter horizons do not hold yet'),
  }),
  quantiles: z.array(Figure).describe('mean forward return above that of the bar, lowest bucket first, fraction'),
  spread: Coefficient.describe('highest bucket minus lowest, fraction'),
  turnover: z.strictObject({
    top: Share.describe('share of the highest bucket that was not in it one horizon earlier'),
    bottom: Share,
  }),
  autocorrelation: Figure.describe('mean rank correlation of the values with those one horizon earlier'),
})
export type HorizonFigures = z.infer<typeof HorizonFigures>

export const FeaturesReport = artifact({
  id: 'features-report@1',
  layer: 1,
  format: 'json',
  path: 'reports/features/*/report.json',
  summary: 'What features say about later returns: information coefficients, quantile returns, turnover, coverage.',
  schema: z.strictObject({
    artifact: z.literal('features-report@1'),
    source: z.string().describe('workspace path of the file that names the features'),
    id: z.string(),
    venue: Venue,
    bar: IntervalName,
    params: z.record(z.string(), z.number()),
    window: z.strictObject({from: IsoInstant, to: IsoInstant, bars: Count, assets: Count}),
    vault: z.string().nullable().describe('sealed window at which the report stops'),
    returns: z.enum(['price', 'funded']).describe('funded: less the funding a long pays'),
    buckets: Count,
    least_assets: Count.describe('assets a bar needs to count'),
    labels_cut_short: Count.describe('forward returns that end at the last trade of an asset that was delisted'),
    counted: z.boolean().describe('true: the ledger counts the look as a trial of its hypothesis'),
    coefficients: Count.describe('rank coefficients shown: features × horizons'),
    chance_p: z.number().describe('the smallest p of them falls below this by chance in one report of twenty'),
    features: z.array(
      z.strictObject({
        name: z.string(),
        expression: z.string(),
        coverage: z.number().min(0).max(1).describe('share of universe asset-bars with a value'),
        assets: Figure.describe('mean number of assets with a value, over bars with any'),
        lag1: Figure.describe('mean over assets of the correlation with the bar before'),
        horizons: z.array(HorizonFigures),
      }),
    ),
    flags: z.array(z.string()),
    files: z.array(z.string()),
    provenance: Provenance,
  }),
})
export type FeaturesReport = z.infer<typeof FeaturesReport.schema>
