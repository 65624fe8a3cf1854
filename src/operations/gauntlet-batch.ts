import {type CompiledHypothesis, compileHypothesis} from '../cognition/features/compile-hypothesis.ts'
import {configurationHash} from '../cognition/hypotheses/configuration-hash.ts'
import {gridOf} from '../cognition/hypotheses/grid-of.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {Costs} from '../contracts/costs.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import {Hypothesis, type Params} from '../contracts/hypothesis.ts'
import {SelectionConfig} from '../contracts/selection.ts'
import type {Desk} from '../desk.ts'
import {hashOf} from '../kernel/canonical-json.ts'
import {Fault} from '../kernel/fault.ts'
import {type GroundOf, groundsOf} from './grounds.ts'
import {refuseTwins} from './hypothesis-files.ts'

/** A hypothesis file, read, checked and ready to be registered. */
export interface Member {
  readonly path: string
  readonly hypothesis: Hypothesis
  readonly compiled: CompiledHypothesis
  readonly grid: readonly Params[]
  /** index of the declared point */
  readonly primary: number
  /** venue whose history judges it */
  readonly venue: string
  readonly costs: Costs
  /** hash of the semantic fields */
  readonly configuration: string
  /** what universes mean in this workspace */
  readonly groundOf: GroundOf
  /** workspace path -> SHA-256 of every file the verdict depends on */
  readonly inputs: Readonly<Record<string, string>>
  /** one hash over the configs and the stakes: the same trial under other gates, or with more money, is judged anew */
  readonly conditions: string
}

/**
 * Read the batch: the named files, or all of `hypotheses/*.yaml`.
 *
 * Everything is read and type-checked before anything is registered: a file that does not parse stops the batch
 * without a trace in the ledger.
 *
 * @throws Fault `gauntlet.no_hypotheses`, `hypothesis.duplicate_id`, `artifact.invalid`, `feature.*` (contract)
 */
export async function readBatch(desk: Desk, named: readonly string[]): Promise<Member[]> {
  const paths = named.length > 0 ? named.map(pathOf) : await allHypotheses(desk)
  const groundOf = await groundsOf(desk)
  const members: Member[] = []
  for (const path of new Set(paths)) {
    const hypothesis = await desk.files.read(Hypothesis, path)
    const compiled = compileHypothesis(hypothesis)
    const grid = gridOf(hypothesis)
    const declared = hashOf(primaryParams(hypothesis))
    const configs = [
      GauntletConfig.path,
      hypothesis.costs,
      ...(hypothesis.universe.from === 'selection' ? [SelectionConfig.path, Costs.path] : []),
    ]
    const conditions = Object.fromEntries(
      await Promise.all(configs.map(async (file) => [file, await desk.files.hash(file)])),
    )
    const ground = groundOf(hypothesis)
    const {venue} = ground
    const {capital_usd, gauntlet} = hypothesis
    members.push({
      path,
      hypothesis,
      compiled,
      grid,
      primary: grid.findIndex((point) => hashOf(point) === declared),
      venue,
      costs: await desk.files.read(Costs, hypothesis.costs),
      configuration: configurationHash(hypothesis, ground),
      groundOf,
      inputs: {...conditions, [path]: await desk.files.hash(path)},
      conditions: hashOf({...conditions, venue, capital_usd, gauntlet}),
    })
  }
  await refuseTwins(desk, paths)
  return members
}

/** `trend` and `hypotheses/trend.yaml` are the same file. */
const pathOf = (named: string): string => (/[/.]/.test(named) ? named.replace(/^\.\//, '') : `hypotheses/${named}.yaml`)

async function allHypotheses(desk: Desk): Promise<string[]> {
  const files = (await desk.files.list('hypotheses')).filter((file) => file.endsWith('.yaml'))
  if (files.length > 0) return files.map((file) => `hypotheses/${file}`)
  throw new Fault('gauntlet.no_hypotheses', {
    family: 'contract',
    what: 'There is no hypothesis to judge.',
    why: 'gauntlet without a file takes all of hypotheses/*.yaml, and there is none.',
    next: ['qo hypothesis new my-idea', 'qo init hypotheses/my-idea.yaml'],
  })
}
