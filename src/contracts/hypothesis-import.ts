import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Stage} from './gauntlet.ts'
import {Provenance} from './provenance.ts'
import {IsoInstant, Slug} from './units.ts'

const Finite = z.number().nullable()

/** A record made elsewhere, judged by what a series of returns can tell; never a PASS and never ELIGIBLE. */
export const HypothesisImport = artifact({
  id: 'hypothesis-import@1',
  layer: 1,
  format: 'json',
  path: 'reports/imports/*/import.json',
  summary: 'The statistical stages on an equity curve made elsewhere; what no series can show is NOT_RUN.',
  schema: z.strictObject({
    artifact: z.literal('hypothesis-import@1'),
    id: Slug,
    verdict: z
      .enum(['UNAUDITED', 'FAIL', 'INSUFFICIENT', 'INVALID', 'ERROR'])
      .describe('UNAUDITED: the statistics hold; data, look-ahead, costs and vault were seen by nobody'),
    failedStage: z.number().int().nullable(),
    sentence: z.string(),
    trials: z.strictObject({
      claimed: z.number().int().positive(),
      survivesUpTo: z.number().int().nonnegative().describe('trials at which stage 6 still holds; 0: not even for one'),
    }),
    record: z.strictObject({
      kind: z.enum(['returns', 'equity']),
      column: z.string(),
      from: IsoInstant,
      to: IsoInstant,
      period: z.string(),
      perYear: z.number().positive(),
      observations: z.number().int().positive(),
      missing: z.number().int().nonnegative(),
      years: z.number().positive(),
    }),
    figures: z.strictObject({
      sharpeAnnual: Finite,
      meanAnnual: Finite,
      volatilityAnnual: Finite,
      maxDrawdown: Finite,
      minimumDetectableSharpe: Finite,
      posteriorFalseDiscovery: Finite,
    }),
    stages: z.array(Stage),
    notRun: z.array(
      z.strictObject({stage: z.number().int(), name: z.string(), verdict: z.literal('NOT_RUN'), why: z.string()}),
    ),
    cannotKnow: z.array(z.string()),
    warnings: z.array(z.string()),
    provenance: Provenance,
  }),
})
export type HypothesisImport = z.infer<typeof HypothesisImport.schema>
