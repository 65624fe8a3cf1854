import {
  type CompiledHypothesis,
  compileFeatureSet,
  compileHypothesis,
} from '../cognition/features/compile-hypothesis.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {FeatureSet} from '../contracts/features.ts'
import {Hypothesis, type Params} from '../contracts/hypothesis.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {hypothesisPaths} from './ledger-git.ts'

/** A file whose expressions can be computed: a hypothesis at its declared point, or a named feature set. */
export interface FeatureFile {
  readonly path: string
  readonly id: string
  readonly compiled: CompiledHypothesis
  readonly params: Params
  readonly venue: string
  readonly universe: Hypothesis['universe']
  /** expression texts by name, the signal among them */
  readonly texts: Readonly<Record<string, string>>
}

/** `trend`, `./hypotheses/trend.yaml` and its absolute path are the same file of the workspace. */
export function workspacePath(desk: Desk, named: string): string {
  if (!/[/.]/.test(named)) return `hypotheses/${named}.yaml`
  const inside = named.startsWith(`${desk.root}/`) ? named.slice(desk.root.length + 1) : named
  return inside.replace(/^\.\//, '')
}

/** The named files, or all of `hypotheses/*.yaml`. @throws Fault `hypothesis.none` (contract) */
export async function namedPaths(desk: Desk, named: readonly string[]): Promise<string[]> {
  const paths =
    named.length > 0 ? [...new Set(named.map((name) => workspacePath(desk, name)))] : await hypothesisPaths(desk)
  if (paths.length > 0) return paths
  throw new Fault('hypothesis.none', {
    family: 'contract',
    what: 'There is no hypothesis in this workspace.',
    why: 'Without a file this command takes all of hypotheses/*.yaml, and there is none.',
    next: ['qo hypothesis new my-idea --family trend'],
  })
}

/**
 * Two files of the workspace with one id would share one report and one place in the ledger, and trade twice.
 *
 * @param further  files outside hypotheses/ that take part
 * @returns every file that can be read -> its id
 * @throws Fault `hypothesis.duplicate_id` (contract)
 */
export async function refuseTwins(desk: Desk, further: readonly string[] = []): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  const seen = new Map<string, string>()
  for (const path of new Set([...(await hypothesisPaths(desk)), ...further])) {
    const id = idIn(desk, path, await desk.files.readText(path))
    if (id === null) continue
    const other = seen.get(id)
    if (other !== undefined) {
      throw new Fault('hypothesis.duplicate_id', {
        family: 'contract',
        what: `${path} and ${other} both have the id ${id}.`,
        why: 'The id names the report and the entries in the ledger: one idea, one id, one file.',
        next: [`give one of them another id: its name without .yaml`, `qo hypothesis show ${id}`],
      })
    }
    seen.set(id, path)
    ids.set(path, id)
  }
  return ids
}

/** null: the file cannot be read; whoever needs it says why. */
function idIn(desk: Desk, path: string, text: string): string | null {
  try {
    return desk.files.parse(Hypothesis, path, text).id
  } catch (cause) {
    if (cause instanceof Fault) return null
    throw cause
  }
}

/** Read and type-check one file. @throws Fault `artifact.*`, `feature.*`, `hypothesis.*` (contract) */
export async function readFeatureFile(desk: Desk, path: string): Promise<FeatureFile> {
  const {exchange} = await desk.files.read(QoConfig)
  if (path.startsWith('configs/features/')) {
    const set = await desk.files.read(FeatureSet, path)
    const {id, universe, features} = set
    return {path, id, compiled: compileFeatureSet(set), params: {}, venue: exchange, universe, texts: features}
  }
  const hypothesis = await desk.files.read(Hypothesis, path)
  const {id, universe, features, signal, data} = hypothesis
  return {
    path,
    id,
    compiled: compileHypothesis(hypothesis),
    params: primaryParams(hypothesis),
    venue: data?.research ?? exchange,
    universe,
    texts: {...features, signal},
  }
}
