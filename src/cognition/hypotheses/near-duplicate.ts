import type {Hypothesis} from '../../contracts/hypothesis.ts'
import type {Expression} from '../features/expression.ts'
import {inOrder} from '../features/order-features.ts'
import {parseExpression} from '../features/parse-expression.ts'
import type {PlannedFeature} from '../features/plan.ts'

/** Share of common structure from which two rules are near-duplicates. */
export const NEAR = 0.8

/** How often each pair "operator above operand" occurs in a signal whose features are written out. */
export type SignalStructure = ReadonlyMap<string, number>

type Rule = Pick<Hypothesis, 'signal' | 'features'>

/**
 * The structure of a signal: its pairs of operator and operand, with numbers and parameters blanked out and features
 * replaced by what they compute, so that names, windows and constants do not matter.
 *
 * @throws Fault `feature.*` (contract)
 */
export function signalStructure({signal, features}: Rule): SignalStructure {
  const parsed = new Map<string, PlannedFeature>()
  for (const [name, text] of [...Object.entries(features), ['signal', signal] as const]) {
    const source = {label: name, text}
    parsed.set(name, {source, root: parseExpression(source)})
  }
  // In order, so that what a feature stands for is known before it is used, and counted once however often it is.
  const known = new Map<string, {readonly top: string; readonly pairs: SignalStructure}>()
  for (const [name, {root}] of inOrder(parsed)) {
    const pairs = new Map<string, number>()
    const add = (pair: string, times: number): void => void pairs.set(pair, (pairs.get(pair) ?? 0) + times)
    const visit = (node: Expression): string => {
      const feature = node.kind === 'name' ? known.get(node.name) : undefined
      if (feature) {
        for (const [pair, times] of feature.pairs) add(pair, times)
        return feature.top
      }
      if (node.kind !== 'call') return node.kind === 'name' ? node.name : '#'
      for (const arg of node.args) add(`${node.op}>${visit(arg)}`, 1)
      return node.op
    }
    const top = visit(root)
    known.set(name, {top, pairs})
  }
  const {top, pairs} = known.get('signal')!
  return new Map([[`>${top}`, 1], ...pairs])
}

/** Weighted Jaccard index of two structures: 1 for equal ones, 0 for two that share nothing. */
export function similarity(a: SignalStructure, b: SignalStructure): number {
  let [common, all] = [0, 0]
  for (const pair of new Set([...a.keys(), ...b.keys()])) {
    common += Math.min(a.get(pair) ?? 0, b.get(pair) ?? 0)
    all += Math.max(a.get(pair) ?? 0, b.get(pair) ?? 0)
  }
  return all === 0 ? 0 : common / all
}
