import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import {hashOf} from '../../kernel/canonical-json.ts'
import {sha256} from '../../kernel/sha256.ts'
import type {Expression} from '../features/expression.ts'
import {formatExpression, type LeafNames} from '../features/format-expression.ts'
import {inOrder, reachable} from '../features/order-features.ts'
import {parseExpression} from '../features/parse-expression.ts'
import type {PlannedFeature} from '../features/plan.ts'
import {gridOf} from './grid-of.ts'

const SIGNAL = 'signal'

/**
 * What the name `universe` of a file stands for in one workspace: the venue whose history judges it and, where the
 * selection chooses the assets, the rule of the selection. Another venue or another rule is another universe.
 */
export interface Ground {
  readonly venue: string
  /** hash of the parsed selection rule; null: the file lists its assets, or the workspace has no rule */
  readonly selection: string | null
}

/**
 * What counts as a trial: the SHA-256 of the fields that change results, and of nothing else.
 *
 * Signal and features it uses, grid, universe (with the venue and the selection rule behind it), bar, portfolio and
 * costs, with expressions in canonical form. A typo in the claim, a space, a renamed or unused feature, another order of
 * grid values: the same configuration.
 *
 * @throws Fault `feature.*`, `hypothesis.grid_too_large`, `hypothesis.repeated_value` (contract)
 */
export function configurationHash(hypothesis: Hypothesis, ground: Ground): string {
  const grid = gridOf(hypothesis)
  const axes = Object.keys(grid[0]!).map((name) => [name, [...new Set(grid.map((point) => point[name]!))]] as const)
  return hashOf({...semanticFields(hypothesis, ground), params: Object.fromEntries(axes)})
}

/** One grid point of a configuration, whatever grid it was tried in. @throws as `configurationHash` */
export function pointHash(hypothesis: Hypothesis, params: Params, ground: Ground): string {
  return hashOf({...semanticFields(hypothesis, ground), point: params})
}

/**
 * The shape of the signal without its numbers and parameter names: equal for an idea that was copied and retuned.
 *
 * @throws Fault `feature.*` (contract)
 */
export function signalFingerprint(hypothesis: Pick<Hypothesis, 'signal' | 'features'>): string {
  return signalHash(hypothesis, {number: () => '#', param: () => '#'})
}

/** Features keep their own canonical text as their name, so that what they are called does not matter. */
function signalHash(
  {signal, features}: Pick<Hypothesis, 'signal' | 'features'>,
  leaves: Pick<LeafNames, 'number' | 'param'> = {number: String, param: (name) => `$${name}`},
): string {
  const hashes = expressionHashes({...features, [SIGNAL]: signal}, leaves)
  return hashes.get(SIGNAL)!
}

function semanticFields(hypothesis: Hypothesis, {venue, selection}: Ground): Record<string, unknown> {
  const {universe, bar, portfolio, costs} = hypothesis
  const from = universe.from === 'selection' ? {selection} : [...universe.from].sort()
  return {signal: signalHash(hypothesis), universe: {...universe, from, venue}, bar, portfolio, costs}
}

/**
 * A hash per expression: its canonical text in which every feature is written as that feature's own hash.
 *
 * @param leaves  how numbers and parameters are written
 */
export function expressionHashes(
  texts: Readonly<Record<string, string>>,
  leaves: Pick<LeafNames, 'number' | 'param'>,
): Map<string, string> {
  const parsed = new Map<string, PlannedFeature>()
  for (const [name, text] of Object.entries(texts)) {
    const source = {label: name === SIGNAL ? name : `features.${name}`, text}
    parsed.set(name, {source, root: parseExpression(source)})
  }
  const hashes = new Map<string, string>()
  const ordered = inOrder(parsed)
  const needed = parsed.has(SIGNAL) ? reachable(ordered, SIGNAL) : new Set(ordered.keys())
  const textOf = (root: Expression): string =>
    formatExpression(root, {...leaves, name: (name) => (hashes.has(name) ? `@${hashes.get(name)}` : name)})
  for (const [name, {root}] of ordered) if (needed.has(name)) hashes.set(name, sha256(textOf(root)))
  return hashes
}
