import {compileHypothesis, warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {configurationHash} from '../cognition/hypotheses/configuration-hash.ts'
import {gridOf} from '../cognition/hypotheses/grid-of.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {type GroundOf, groundsOf} from './grounds.ts'
import {namedPaths} from './hypothesis-files.ts'
import {openLedger} from './ledger-book.ts'

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

/**
 * Read, type-check and look over hypothesis files: errors make a file unusable, warnings are for its author.
 *
 * @throws Fault `hypothesis.none` (contract), `ledger.broken_chain` (data)
 */
export async function hypothesisLint(desk: Desk, named: readonly string[]): Promise<LintResult> {
  const {entries} = await openLedger(desk)
  const groundOf = await groundsOf(desk)
  const files: LintedFile[] = []
  for (const path of await namedPaths(desk, named)) files.push(await lintFile(desk, path, entries, groundOf))
  const first = files.find(({error}) => error !== null)?.error
  return {artifact: 'hypothesis-lint@1', ok: !first, files, ...(first ? {error: first} : {})}
}

async function lintFile(
  desk: Desk,
  path: string,
  entries: readonly LedgerEntry[],
  groundOf: GroundOf,
): Promise<LintedFile> {
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
      ...rewritten(path, hypothesis, entries, groundOf),
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

/** A registered file whose configuration is no longer the registered one: a new version, counted as such. */
function rewritten(
  path: string,
  hypothesis: Hypothesis,
  entries: readonly LedgerEntry[],
  groundOf: GroundOf,
): Problem[] {
  const own = entries.filter((entry) => entry.kind === 'register' && entry.hypothesis === hypothesis.id)
  const last = own.at(-1)
  const configuration = configurationHash(hypothesis, groundOf(hypothesis))
  if (last === undefined || own.some((entry) => entry.configuration === configuration)) return []
  return [
    {
      code: 'hypothesis.rewritten',
      what: `${path} was rewritten after it was registered (entry ${last.seq}, ${last.ts.slice(0, 10)}).`,
      why: `Configuration ${configuration.slice(0, 12)} is not the registered ${last.configuration.slice(0, 12)}: a new version. The old verdict does not carry over, its trials do.`,
      next: [`git log -p -- ${path}`, `qo gauntlet ${path}`],
    },
  ]
}
