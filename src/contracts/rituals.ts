import {z} from 'zod'
import {artifact} from './artifact.ts'
import {IsoInstant, Sha256, Slug} from './units.ts'

/** What a machine can verify; each name has code of that name. */
export const RitualCheck = z.enum(['clock', 'disk', 'lake', 'guard', 'reconcile'])
export type RitualCheck = z.infer<typeof RitualCheck>

export const RitualsConfig = artifact({
  id: 'rituals@1',
  layer: 3,
  format: 'yaml',
  path: 'configs/rituals.yaml',
  summary: 'Checklists: what is verified before a shift, and for how long a sign-off holds.',
  schema: z.strictObject({
    artifact: z.literal('rituals@1'),
    rituals: z
      .array(
        z.strictObject({
          name: Slug,
          title: z.string().min(1).max(80),
          expires_hours: z.number().positive().max(168).meta({unit: 'h'}),
          items: z.array(RitualCheck).min(1).max(9).describe('machine-verified items, in order'),
        }),
      )
      .min(1)
      .refine((rituals) => new Set(rituals.map(({name}) => name)).size === rituals.length, {
        message: 'two rituals have one name',
      }),
    thresholds: z.strictObject({
      clock_skew_s: z.number().positive().max(3600).meta({unit: 's'}).describe('from venue time'),
      disk_free_gib: z.number().positive().meta({unit: 'GiB'}),
      lake_bars_behind: z.number().int().min(1).describe('bars the newest candle of the trading venue may lag'),
    }),
  }),
})
export type RitualsConfig = z.infer<typeof RitualsConfig.schema>

/** Front matter of a sign-off; an act, so it carries the time at which it happened. */
export const RitualRecord = artifact({
  id: 'ritual@1',
  layer: 3,
  format: 'yaml',
  path: 'reports/rituals/*.md',
  summary: 'One checklist as it was found, signed or refused, chained to the one before.',
  schema: z.strictObject({
    artifact: z.literal('ritual@1'),
    seq: z.number().int().positive(),
    ritual: Slug,
    title: z.string(),
    at: IsoInstant,
    verdict: z.enum(['signed', 'refused']),
    expires_at: IsoInstant.nullable().describe('null when it was refused'),
    signed_by: z.string(),
    binds: z.strictObject({
      limits_sha: Sha256.nullable().describe('of configs/risk_limits.yaml'),
      qo_version: z.string(),
    }),
    items: z.array(z.strictObject({id: RitualCheck, pass: z.boolean(), finding: z.string()})),
    prev: Sha256.describe('hash of the record before; 64 zeros for the first'),
    hash: Sha256.describe('over every other field and the page below'),
  }),
})
export type RitualRecord = z.infer<typeof RitualRecord.schema>

/** The heads of every chain as last found whole: a later rollback or truncation shows against them. */
export const AuditHeads = artifact({
  id: 'audit-heads@1',
  layer: 3,
  format: 'json',
  path: 'reports/audit/heads.json',
  summary: 'Length and heads of every hash chain at the last good audit.',
  schema: z.strictObject({
    artifact: z.literal('audit-heads@1'),
    chains: z.array(
      z.strictObject({
        chain: z.string(),
        path: z.string(),
        entries: z.number().int().nonnegative(),
        heads: z.array(Sha256),
      }),
    ),
  }),
})
export type AuditHeads = z.infer<typeof AuditHeads.schema>
