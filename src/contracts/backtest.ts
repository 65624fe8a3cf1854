import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Provenance} from './provenance.ts'
import {IntervalName, IsoInstant, Sha256, Slug, Venue} from './units.ts'

const Fraction = z.number().meta({unit: 'fraction'})
const PerYear = z.number().meta({unit: 'fraction of equity a year'})
const Count = z.number().int().nonnegative()
/** null: no variance, or too few bars, to divide by */
const Sharpe = z.number().nullable().meta({unit: 'per year'})

/** One honest research run of the declared configuration, and what it paid for. */
export const Backtest = artifact({
  id: 'backtest@1',
  layer: 1,
  format: 'json',
  path: 'reports/backtest/*/backtest.json',
  summary: 'Figures of one research run of a hypothesis at its declared point; counted as a trial.',
  schema: z.strictObject({
    artifact: z.literal('backtest@1'),
    hypothesis: Slug,
    configuration: Sha256,
    params: z.record(z.string(), z.number()),
    venue: Venue,
    bar: IntervalName,
    engine: z.enum(['weights', 'event', 'vectorbt']),
    costs_model: z.string().describe('path of the cost file, or none'),
    window: z.strictObject({
      from: IsoInstant.describe('open of the first bar held'),
      to: IsoInstant.describe('close of the last bar'),
      bars: Count,
      years: z.number().nonnegative(),
    }),
    net: z.strictObject({
      sharpe: Sharpe,
      sharpe_error: z
        .number()
        .nonnegative()
        .nullable()
        .describe('one standard error of the annual Sharpe, for the skew and tails of its own bars (Mertens 2002)'),
      annual_return: PerYear.describe('arithmetic mean'),
      annual_volatility: PerYear,
      total_return: Fraction.describe('compounded'),
      max_drawdown: Fraction.describe('0 or negative'),
      longest_drawdown_days: z.number().nonnegative(),
      skewness: z.number().nullable(),
      kurtosis: z.number().nullable().describe('3 for a normal'),
      best_bar: Fraction,
      worst_bar: Fraction,
    }),
    gross: z.strictObject({sharpe: Sharpe, annual_return: PerYear}),
    costs: z
      .strictObject({fees: PerYear, spread: PerYear, lag: PerYear, impact: PerYear, funding: PerYear, total: PerYear})
      .describe('positive is paid'),
    turnover: z.number().nonnegative().meta({unit: 'times equity a year'}),
    break_even_cost_multiplier: z.number().nullable().describe('fees, spread, lag and impact may grow by this'),
    exposure: z.strictObject({
      gross: z.number().nonnegative(),
      net: z.number(),
      largest_weight: z.number().nonnegative(),
    }),
    trades: z.strictObject({
      fills: Count,
      rebalances: Count.describe('labels: intervals between changes of the book'),
      settled: Count.describe('positions closed because their contract ended'),
      liquidated_at: IsoInstant.nullable(),
      liquidation_distance: Fraction.nullable().describe(
        'smallest move of every position against the account that would have lost it at some close; null: never held',
      ),
    }),
    untraded: z
      .record(z.string(), Count)
      .describe('asset-bars on which an order was not filled, or not wholly, by reason'),
    fills: z
      .array(
        z.strictObject({
          model: z.enum(['taker', 'touch', 'queue', 'penetration']),
          sharpe: Sharpe,
          annual_return: PerYear,
          max_drawdown: Fraction,
          trading_costs: PerYear.describe('fees, spread, lag and impact; a resting order may earn'),
          fills: Count,
        }),
      )
      .describe('the same targets under each belief about resting orders; all other figures are those of the first'),
    stresses: z.array(
      z.strictObject({
        name: z.string(),
        sharpe: Sharpe,
        annual_return: PerYear,
        max_drawdown: Fraction,
        note: z.string(),
      }),
    ),
    regimes: z
      .array(z.strictObject({regime: z.string(), share: Fraction, sharpe: Sharpe, annual_return: PerYear}))
      .describe('by the trend and the volatility of the market in the 30 days before each bar'),
    months: z.array(z.strictObject({month: z.string(), net: Fraction})),
    assets: z.array(z.strictObject({asset: z.string(), net: Fraction, bars_held: Count, mean_weight: z.number()})),
    flags: z.array(z.string()).describe('what had to be assumed'),
    trials: Count.describe('grid points counted in this family, this run included'),
    files: z.array(z.string()),
    provenance: Provenance,
  }),
})
export type Backtest = z.infer<typeof Backtest.schema>
