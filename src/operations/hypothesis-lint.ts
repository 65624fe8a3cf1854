import {compileHypothesis, warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {configurationHash} from '../cognition/hypotheses/configuration-hash.ts'
import {gridOf} from '../cognition/hypotheses/grid-of.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {sha256} from '../kernel/sha256.ts'
import {type GroundOf, groundsOf} from './grounds.ts'
import {namedPaths, refuseTwins} from './hypothesis-files.ts'
import {openGraveyard, type Resemblance} from './hypothesis-graveyard.ts'
import {openLedger} from './ledger-book.ts'
import {requireRemembered} from './ledger-memory.ts'

export interface Problem {
  readonly code: string
  readonly what: string
  readonly why: string
  readonly next: readonly string[]
}

export interface LintedFile {
  readonly path: string
  readonly id: string | null
  readonly ok: boolean
  readonly gridPoints: number | null
  readonly warmupBars: number | null
  /** what makes the file unusable */
  readonly error: Problem | null
  readonly warnings: readonly Problem[]
}

export interface LintResult {
  readonly artifact: 'hypothesis-lint@1'
  readonly ok: boolean
  readonly files: readonly LintedFile[]
  /** the first error, where scripts look for it */
  readonly error?: Problem
}

/** What a file is looked at against. */
interface Records {
  readonly entries: readonly LedgerEntry[]
  readonly groundOf: GroundOf
  /** SHA-256 of every content any hypothesis file ever had in git; null outside a repository */
  readonly inGit: ReadonlySet<string> | null
  resembled(rule: Hypothesis): Resemblance[]
}

/**
 * Read, type-check and look over hypothesis files: errors make a file unusable, warnings are for its author.
 *
 * The ledger is looked over first: a broken chain, or one that lost entries this workspace or its git has seen, is no
 * ground to judge a file on.
 *
 * @throws Fault `hypothesis.none`, `hypothesis.duplicate_id` (contract), `ledger.broken_chain`, `ledger.rolled_back` (data)
 */
export async function hypothesisLint(desk: Desk, named: readonly string[]): Promise<LintResult> {
  const {entries} = await openLedger(desk)
  await requireRemembered(desk, entries)
  const paths = await namedPaths(desk, named)
  await refuseTwins(desk, paths)
  const {resembled} = await openGraveyard(desk)
  const records: Records = {entries, groundOf: await groundsOf(desk), inGit: await contentsInGit(desk), resembled}
  const files: LintedFile[] = []
  for (const path of paths) files.push(await lintFile(desk, path, records))
  const first = files.find(({error}) => error !== null)?.error
  return {artifact: 'hypothesis-lint@1', ok: !first, files, ...(first ? {error: first} : {})}
}

async function contentsInGit(desk: Desk): Promise<Set<string> | null> {
  if ((await desk.git.head()) === null) return null
  return new Set((await desk.git.everyVersion(':(glob)hypotheses/*.yaml')).map(({text}) => sha256(text)))
}

async function lintFile(desk: Desk, path: string, records: Records): Promise<LintedFile> {
  try {
    const hypothesis = await desk.files.read(Hypothesis, path)
    const compiled = compileHypothesis(hypothesis)
    const params = primaryParams(hypothesis)
    const warnings = [
      ...misnamed(path, hypothesis),
      ...compiled.future.map(({operator, evidence}) => ({
        code: 'feature.look_ahead',
        what: `${path} reads the future.`,
        why: evidence,
        next: [`remove ${operator}: the gauntlet will answer INVALID`, `qo features audit ${path}`],
      })),
      ...compiled.unbounded.map(({operator, evidence}) => ({
        code: 'feature.unbounded_memory',
        what: `${path} needs its whole history.`,
        why: evidence,
        next: [`prefer an operator with a window; ${operator} may differ when history is cut`],
      })),
      ...compiled.unsupplied.map(({input, table}) => ({
        code: 'feature.input_unsupplied',
        what: `${path} reads '${input}', which no panel carries yet.`,
        why: `It would come from the lake table ${table}; until then the verdict is INSUFFICIENT.`,
        next: ['qo features list'],
      })),
      ...compiled.unused.map((name) => ({
        code: 'hypothesis.unused_feature',
        what: `features.${name} of ${path} is not used by the signal.`,
        why: 'It is computed and stored, but changes nothing that is judged.',
        next: [`remove ${name}, or move it to configs/features`],
      })),
      ...rewritten(path, hypothesis, records),
      ...unrecorded(path, hypothesis, records, await desk.files.hash(path)),
      ...nearDuplicates(path, records.resembled(hypothesis)),
    ]
    const gridPoints = gridOf(hypothesis).length
    const warmup = warmupBars(compiled, params)
    return {path, id: hypothesis.id, ok: true, gridPoints, warmupBars: warmup, error: null, warnings}
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause
    const {code, what, why, suggestions} = cause
    const located = what.includes(path) ? what : `${path}: ${what}`
    const error = {code, what: located, why, next: suggestions}
    return {path, id: null, ok: false, gridPoints: null, warmupBars: null, error, warnings: []}
  }
}

function misnamed(path: string, {id}: Hypothesis): Problem[] {
  if (path === `hypotheses/${id}.yaml`) return []
  const why = 'Commands find a hypothesis by its id; two names for one idea lose its record.'
  const next = [`rename the file to hypotheses/${id}.yaml, or the id`]
  return [{code: 'hypothesis.misnamed', what: `${path} holds the hypothesis '${id}'.`, why, next}]
}

type Registered = Extract<LedgerEntry, {kind: 'register'}>
const registrations = (entries: readonly LedgerEntry[], id: string): Registered[] =>
  entries.filter((entry): entry is Registered => entry.kind === 'register' && entry.hypothesis === id)

/** A registered file whose configuration is no longer the registered one: a new version, counted as such. */
function rewritten(path: string, hypothesis: Hypothesis, {entries, groundOf}: Records): Problem[] {
  const own = registrations(entries, hypothesis.id)
  const last = own.at(-1)
  const configuration = configurationHash(hypothesis, groundOf(hypothesis))
  if (last === undefined || own.some((entry) => entry.configuration === configuration)) return []
  return [
    {
      code: 'hypothesis.rewritten',
      what: `${path} was rewritten after it was registered (entry ${last.seq}, ${last.ts.slice(0, 10)}).`,
      why: `Configuration ${configuration.slice(0, 12)} is not the registered ${last.configuration.slice(0, 12)}: rule, research venue or selection rule changed. A new version: the old verdict does not carry over, its trials do.`,
      next: [`git log -p -- ${path}`, `qo gauntlet ${path}`],
    },
  ]
}

/** A content that was registered and that neither the folder nor any commit of git still has: history was rewritten. */
function unrecorded(path: string, {id}: Hypothesis, {entries, inGit}: Records, present: string): Problem[] {
  if (inGit === null) return []
  const lost = registrations(entries, id).findLast(({yaml_sha: sha}) => sha !== present && !inGit.has(sha))
  if (lost === undefined) return []
  return [
    {
      code: 'hypothesis.history_rewritten',
      what: `What was registered as entry ${lost.seq} of ${id} (${lost.ts.slice(0, 10)}) is in no commit.`,
      why: `No version of ${path} on any branch has the registered SHA-256 ${lost.yaml_sha.slice(0, 12)}: the file was edited before it was committed, or git was rewritten since. Its trials count; nobody can read any more what they tried.`,
      next: [`git log --all -p -- ${path}`, 'git reflog', 'commit before qo gauntlet, or run it with --commit'],
    },
  ]
}

/** Dead ideas of the same structure: whoever has the idea again should know before the trials are spent. */
export function nearDuplicates(path: string, resembled: readonly Resemblance[]): Problem[] {
  const [first] = resembled
  if (first === undefined) return []
  const {grave} = first
  const more = resembled.length > 1 ? `, and ${resembled.length - 1} more` : ''
  return [
    {
      code: 'hypothesis.near_duplicate',
      what: `${path} resembles ${grave.id}, which is ${grave.state} since ${grave.died.slice(0, 10)}${more}.`,
      why: `${Math.round(first.similarity * 100)} % of the structure of its signal is that of ${grave.signal}. It died of: ${grave.cause}`,
      next: [
        'qo hypothesis graveyard',
        `lineage: ${grave.id}, if this one descends from it: its trials count either way`,
      ],
    },
  ]
}
