import {Fault} from '../../kernel/fault.ts'
import {caret, type Expression} from './expression.ts'
import type {PlannedFeature} from './plan.ts'

/** Every node of an expression, outermost first. */
export function* walk(node: Expression): Generator<Expression> {
  yield node
  if (node.kind === 'call') for (const arg of node.args) yield* walk(arg)
}

/** Features in an order in which each comes after those it names. @throws Fault `feature.cycle` */
export function inOrder(parsed: ReadonlyMap<string, PlannedFeature>): Map<string, PlannedFeature> {
  const ordered = new Map<string, PlannedFeature>()
  const open = new Set<string>()
  const place = (name: string): void => {
    if (ordered.has(name)) return
    const feature = parsed.get(name)!
    open.add(name)
    for (const node of walk(feature.root)) {
      if (node.kind !== 'name' || !parsed.has(node.name)) continue
      if (open.has(node.name)) {
        throw new Fault('feature.cycle', {
          family: 'contract',
          what: `${feature.source.label} needs itself to be computed.`,
          why: caret(feature.source, node.at, `${[...open, node.name].join(' → ')}`),
          next: ['break the circle; a value of the last bar is delay(x, 1) of something that exists'],
        })
      }
      place(node.name)
    }
    open.delete(name)
    ordered.set(name, feature)
  }
  for (const name of parsed.keys()) place(name)
  return ordered
}

/** Names that an expression needs, itself included. */
export function reachable(expressions: ReadonlyMap<string, PlannedFeature>, from: string): Set<string> {
  const seen = new Set([from])
  for (const name of seen) {
    for (const node of walk(expressions.get(name)!.root)) {
      if (node.kind === 'name' && expressions.has(node.name)) seen.add(node.name)
    }
  }
  return seen
}
