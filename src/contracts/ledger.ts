import {z} from 'zod'
import {artifact} from './artifact.ts'
import {IsoInstant, Sha256, Slug} from './units.ts'

/** What every entry says, whatever happened. */
const identity = {
  hypothesis: Slug,
  family: Slug,
  lineage: Slug.nullable().describe('id of the hypothesis this one descends from'),
  configuration: Sha256.describe('hash of the semantic fields: what counts as a trial'),
  fingerprint: Sha256.describe('shape of the signal without its numbers: finds a renamed idea'),
  n_points: z.number().int().positive().describe('grid points of the configuration, all of them counted'),
  code_commit: z.string().nullable(),
  dirty: z.boolean().nullable().describe('null: not in a git repository'),
}

const Window = z.strictObject({start: IsoInstant, end: IsoInstant})
const Detail = z.record(z.string(), z.json()).optional().describe('further evidence, as the writer saw it')

/** Stage 0: written before anything is run, so that no choice is made after the fact. */
const Register = z.strictObject({
  kind: z.literal('register'),
  ...identity,
  yaml_sha: Sha256,
  data_sha: Sha256.nullable(),
  lake_commit: z.number().int().nonnegative(),
  window: Window.nullable(),
  vault: z.string().nullable(),
  sr_target: z.number().positive(),
  detail: Detail,
})

/** One evaluation of the whole grid, by a backtest or a stage; aborted runs are entries too. */
const Run = z.strictObject({
  kind: z.literal('run'),
  ...identity,
  stage: z.string(),
  data_sha: Sha256.nullable(),
  window: Window.nullable(),
  seed: z.string().nullable(),
  result_sha: Sha256.nullable().describe('null: the run did not finish'),
  returns_ref: Sha256.nullable().describe('SHA-256 of the stored research returns; null: the run did not finish'),
  detail: Detail,
})

/** The end of stages 0 to 8. */
const Verdict = z.strictObject({
  kind: z.literal('verdict'),
  ...identity,
  verdict: z.enum(['ELIGIBLE', 'FAIL', 'INSUFFICIENT', 'INVALID', 'ERROR']),
  failed_stage: z.number().int().nullable(),
  decides_on: z.string().nullable(),
  data_sha: Sha256.nullable(),
  result_sha: Sha256,
  returns_ref: Sha256.nullable()
    .optional()
    .describe('SHA-256 of the stored research returns of every grid point; null: nothing was run'),
  detail: Detail,
})

/** Stage 9 has begun: durable before the sealed rows are read, so that a crash after it still burns the attempt. */
const UnsealIntent = z.strictObject({
  kind: z.literal('unseal-intent'),
  ...identity,
  vault: z.string(),
  attempt: z.number().int().positive(),
  earlier_passes: z.number().int().nonnegative(),
  alpha: z.number().positive(),
  window: Window,
  lake_commit: z.number().int().nonnegative(),
  detail: Detail,
})

/** Stage 9: one paid question to a sealed vault. */
const Unseal = z.strictObject({
  kind: z.literal('unseal'),
  ...identity,
  vault: z.string(),
  attempt: z.number().int().positive(),
  earlier_passes: z.number().int().nonnegative(),
  alpha: z.number().positive(),
  verdict: z.enum(['PASS', 'FAIL']),
  result_sha: Sha256,
  detail: Detail,
})

/** Its author gives an idea up. Nothing undoes it: the file and its record stay. */
const Retire = z.strictObject({
  kind: z.literal('retire'),
  ...identity,
  reason: z.string().min(10),
  detail: Detail,
})

/** What forward evidence did to a hypothesis that its vault confirmed: a step up, a step down, or out. */
const Move = z.strictObject({
  kind: z.literal('move'),
  ...identity,
  to: z.enum(['validated', 'pilot', 'scaled', 'decayed']),
  share: z.number().min(0).max(1).describe('fraction of its risk budget from here on'),
  because: z.string().min(1),
  evidence: z.record(z.string(), z.json()).describe('the numbers that moved it, as the monitor saw them'),
  detail: Detail,
})

const chain = {
  artifact: z.literal('ledger-entry@1'),
  seq: z.number().int().positive().describe('one more than the highest predecessor'),
  prev: Sha256.describe('hash of the predecessor; 64 zeros for the first entry'),
  merges: z.array(Sha256).min(1).optional().describe('further heads this entry joins, when branches were merged'),
  ts: IsoInstant.describe('wall clock of the machine that wrote the entry'),
}
const hash = {hash: Sha256.describe('SHA-256 of the canonical JSON of every other key')}

/** What a writer supplies; the book adds the place in the chain, the time and the hash. */
export const LedgerBody = z.discriminatedUnion('kind', [Register, Run, Verdict, UnsealIntent, Unseal, Retire, Move])
export type LedgerBody = z.infer<typeof LedgerBody>
export type LedgerIdentity = Pick<LedgerBody, keyof typeof identity>

export const LedgerEntry = artifact({
  id: 'ledger-entry@1',
  layer: 1,
  format: 'json',
  path: 'hypotheses/ledger/*.json',
  summary:
    'One event in the life of a hypothesis, chained to the one before: the trial count and the states come from here.',
  schema: z.discriminatedUnion('kind', [
    z.strictObject({...chain, ...Register.shape, ...hash}),
    z.strictObject({...chain, ...Run.shape, ...hash}),
    z.strictObject({...chain, ...Verdict.shape, ...hash}),
    z.strictObject({...chain, ...UnsealIntent.shape, ...hash}),
    z.strictObject({...chain, ...Unseal.shape, ...hash}),
    z.strictObject({...chain, ...Retire.shape, ...hash}),
    z.strictObject({...chain, ...Move.shape, ...hash}),
  ]),
})
export type LedgerEntry = z.infer<typeof LedgerEntry.schema>

/** In the state folder: what a deleted entry leaves behind on the machine that saw it. */
export const LedgerMemory = artifact({
  id: 'ledger-memory@1',
  layer: 1,
  format: 'json',
  path: 'data/state/ledger-heads.json',
  summary: 'Heads of the hypothesis ledger that this machine has seen: entries that were taken away show against them.',
  schema: z.strictObject({
    artifact: z.literal('ledger-memory@1'),
    root: z.string().describe('workspace it speaks of; another one proves nothing'),
    heads: z.array(Sha256),
  }),
})
