import {z} from 'zod'
import {artifact} from './artifact.ts'
import {Provenance} from './provenance.ts'
import {IntervalName, IsoInstant, Sha256, Venue} from './units.ts'

/** One immutable Parquet file: content-addressed, so the same rows are the same file on every machine. */
export const LakeFileEntry = z.strictObject({
  path: z
    .string()
    // A chain that is pulled comes from elsewhere: no path of it leads out of the lake.
    .regex(/^data\/lake\/(?!(?:.*\/)?\.{1,2}(?:\/|$))[^\\\0]+$/, 'expected a path inside data/lake')
    .describe('relative to the workspace'),
  sha256: Sha256,
  bytes: z.number().int().positive(),
  rows: z.number().int().positive(),
  min_ts: z.number().int(),
  max_ts: z.number().int(),
})

export const LakeGapEntry = z.strictObject({
  coin: z.string(),
  from: z.number().int().describe('open of the first missing bar, epoch ms'),
  to: z.number().int().describe('open of the next bar that is there, epoch ms'),
  state: z.enum(['OPEN', 'BACKFILLED', 'UNRECOVERABLE']),
  cause: z.string(),
})

/**
 * One link of the commit chain. `received_at` and `n` (the `ingest_id`) belong to every row of the commit: they stand
 * here and not in the Parquet files, whose bytes then depend on the market alone.
 */
export const LakeCommitEntry = artifact({
  id: 'lake-commit@1',
  layer: 0,
  format: 'json',
  path: 'data/lake/commits/*.json',
  summary: 'Numbered, hash-chained record of what entered the lake. Readers use nothing else.',
  schema: z.strictObject({
    artifact: z.literal('lake-commit@1'),
    n: z.number().int().positive(),
    prev: z.union([Sha256, z.literal('')]),
    table: z.string(),
    schema: z.string().describe('table@version'),
    venue: Venue,
    interval: IntervalName.nullable(),
    source: z.string(),
    files: z.array(LakeFileEntry),
    added: z.number().int().nonnegative().describe('rows whose key was new'),
    revised: z.number().int().nonnegative().describe('rows that correct an earlier one'),
    quarantined: z.number().int().nonnegative(),
    gaps: z.array(LakeGapEntry),
    frames: z
      .strictObject({source: z.string(), from: z.number().int().positive(), to: z.number().int().positive()})
      .optional()
      .describe('raw frames that these rows were read from: sequence numbers of one source, both ends included'),
    awaited: z
      .array(z.strictObject({coin: z.string(), from: z.number().int(), to: z.number().int()}))
      .optional()
      .describe('rows that were due and that the venue did not have yet, epoch ms: when they come, they were late'),
    notes: z.strictObject({survivor: z.boolean(), completeFrom: z.number().int().nullable()}),
    received_at: z.number().int(),
    writer: z.strictObject({qo_version: z.string(), host: z.string(), boot_id: z.string()}),
    created_at: IsoInstant,
    hash: Sha256.describe('SHA-256 over the canonical form of everything above'),
  }),
})
export type LakeCommitEntry = z.infer<typeof LakeCommitEntry.schema>

export const LakeManifest = artifact({
  id: 'lake-manifest@1',
  layer: 0,
  format: 'json',
  path: 'data/manifests/*.json',
  summary: 'The files of one table, by content hash: what git keeps of a lake it does not hold.',
  schema: z.strictObject({
    artifact: z.literal('lake-manifest@1'),
    table: z.string(),
    venue: Venue,
    interval: IntervalName.nullable(),
    rows: z.number().int().nonnegative().describe('rows in the files, revisions included'),
    from: IsoInstant.nullable(),
    to: IsoInstant.nullable(),
    files: z.array(
      z.strictObject({path: z.string(), rows: z.number().int(), from: IsoInstant, to: IsoInstant, sha256: Sha256}),
    ),
    provenance: Provenance,
  }),
})
export type LakeManifest = z.infer<typeof LakeManifest.schema>

/**
 * A file that a vault seal runs through cannot be split and keep its hash. A runner gets a copy of it that ends before
 * the seal, and this says which copy stands for which file.
 */
export const LakeCuts = artifact({
  id: 'lake-cuts@1',
  layer: 0,
  format: 'json',
  path: 'data/manifests/cuts/*.json',
  summary: 'Copies of lake files that end before a vault seal: what a runner reads instead of the whole files.',
  schema: z.strictObject({
    artifact: z.literal('lake-cuts@1'),
    venue: Venue,
    sealed_from: IsoInstant.describe('start of the first vault of the venue: the copies end before it'),
    files: z.array(
      z.strictObject({
        whole: z.strictObject({path: LakeFileEntry.shape.path, sha256: Sha256}),
        cut: LakeFileEntry,
      }),
    ),
    provenance: Provenance,
  }),
})
export type LakeCuts = z.infer<typeof LakeCuts.schema>
export type LakeCut = LakeCuts['files'][number]

/** What restores a damaged lake: written by `qo lake verify --repair-plan`, carried out by a person. */
export const RepairPlan = artifact({
  id: 'repair-plan@1',
  layer: 0,
  format: 'json',
  path: 'reports/ingest/repair-plan.json',
  summary: 'Damage of the lake, file by file: what cannot be read until it is repaired, and what restores it.',
  schema: z.strictObject({
    artifact: z.literal('repair-plan@1'),
    damage: z.array(
      z.strictObject({
        file: z.string().describe('relative to the workspace'),
        kind: z.enum(['missing', 'changed', 'unreadable', 'contents', 'chain']),
        problem: z.string(),
        commit: z.number().int().positive().nullable().describe('commit that names the file'),
        table: z.string().nullable(),
        venue: z.string().nullable(),
        source: z.string().nullable(),
        gone: z.string().describe('what nobody can read until it is repaired'),
        restore: z.array(z.string()).describe('what to do, most exact first'),
      }),
    ),
    foreign: z.array(z.string()).describe('files that no commit names: invisible to readers'),
  }),
})
export type RepairPlan = z.infer<typeof RepairPlan.schema>
