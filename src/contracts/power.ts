import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Provenance} from './provenance.ts'
import {IsoInstant, Sha256, Slug, Venue} from './units.ts'

const Probability = z.number().min(0).max(1)
const Sharpe = z.number().nonnegative().nullable().describe('annual; null: no data')

/** What the data can decide, told before the first trial is spent. */
export const GauntletPower = artifact({
  id: 'gauntlet-power@1',
  layer: 1,
  format: 'json',
  path: 'reports/gauntlet/*/power.json',
  summary: 'Before the first trial: what Sharpe these data could find, how many variants they can pay for, and when.',
  schema: z.strictObject({
    artifact: z.literal('gauntlet-power@1'),
    hypothesis: Slug,
    configuration: Sha256,
    srTarget: z.number().positive(),
    trials: z.strictObject({
      spent: z.number().int().nonnegative().describe('trials the family has in ledger or git without this grid'),
      grid: z.number().int().positive(),
      family: z.array(Slug),
    }),
    window: z.strictObject({
      venue: Venue,
      from: IsoInstant.describe('first bar that can be held: after warm-up, with enough assets, at a rebalance'),
      to: IsoInstant.describe('start of the sealed vault, less the gap'),
      years: z.number(),
      rebalances: z.number().int().nonnegative().describe('at most so many independent ones'),
      assets: z.number().int().nonnegative(),
    }),
    vault: z.strictObject({
      id: z.string(),
      from: IsoInstant,
      to: IsoInstant,
      years: z.number(),
      isSealed: z.boolean().describe('false: the first gauntlet run will seal this window'),
    }),
    scenarios: z
      .array(
        z.strictObject({
          correlation: Probability.describe('mean correlation between the returns of the trials'),
          effectiveTrials: z.number().positive(),
          yearsNeeded: z.number().nonnegative(),
          affordableGrid: z.number().int().nonnegative().nullable().describe('null: no limit'),
          detectableSharpe: Sharpe.describe('80 % power against the best of as many worthless trials, and t >= 3'),
          researchPower: Probability.describe('of that test at the declared Sharpe'),
          isEnough: z.boolean().describe('for stage 4, if enough rebalances change the book'),
          decidesOn: z.string().nullable(),
        }),
      )
      .min(1),
    labels: z.strictObject({
      needed: z.number().int().positive().describe('independent rebalances that stage 4 asks for'),
      share: Probability.describe('of all rebalances, that must change the book for as many'),
    }),
    chanceOfInsufficient: Probability.describe(
      'over what is not known before a run: how alike the trials are, and how many rebalances change the book',
    ),
    attempts: z.array(
      z.strictObject({
        attempt: z.number().int().positive(),
        alpha: z.number(),
        power: Probability.describe('at the declared Sharpe'),
        detectableSharpe: Sharpe,
        isExhausted: z.boolean(),
      }),
    ),
    decides: z.strictObject({
      stageFour: z.iso.date().describe('a vault planned then is as long as stage 4 asks: half power at 2.5 %'),
      halfPower: z.iso
        .date()
        .describe('a vault planned then finds the declared Sharpe half of the time, at the next level'),
      eightyPower: z.iso.date(),
    }),
    assumes: z.array(z.string()),
    provenance: Provenance,
  }),
})
export type GauntletPower = z.infer<typeof GauntletPower.schema>
