import type {InputName} from '../../contracts/panel.ts'
import type {CompiledHypothesis} from '../features/compile-hypothesis.ts'
import type {Expression} from '../features/expression.ts'
import type {View} from './audit-panel.ts'

/** What target weights read beside the signal. */
const BOOK_INPUTS: readonly InputName[] = ['close', 'volume']

/** View, with the place each of its assets had. */
export interface NarrowView extends View {
  readonly kept: readonly number[]
}

/**
 * The view without what the rule cannot look at: assets that were never selected and that no expression names, and
 * inputs nobody reads. The decisions on the assets that stay are the same, and an audit repeats them hundreds of times.
 *
 * @param also  inputs that are read beside those of the expressions
 */
export function narrowView(
  {panel, mask}: View,
  compiled: CompiledHypothesis,
  also: readonly InputName[] = BOOK_INPUTS,
): NarrowView {
  const named = new Set([...compiled.expressions.values()].flatMap(({root}) => textsIn(root)))
  const kept = panel.assets.flatMap((asset, a) => {
    const isNamed = [...named].some((text) => asset === text || asset.startsWith(text) || text.endsWith(`:${asset}`))
    return isNamed || mask[a]!.includes(1) ? [a] : []
  })
  const pick = <T>(columns: readonly T[]): T[] => kept.map((a) => columns[a]!)
  const read = new Set<InputName>([...compiled.inputs, ...also])
  return {
    panel: {
      ...panel,
      assets: pick(panel.assets),
      series: new Map(
        [...panel.series].filter(([name]) => read.has(name)).map(([name, columns]) => [name, pick(columns)]),
      ),
      state: pick(panel.state),
      availableAt: pick(panel.availableAt),
      sizeDecimals: pick(panel.sizeDecimals),
    },
    mask: pick(mask),
    kept,
  }
}

/** Quoted texts of an expression: asset names and intervals. */
function textsIn(node: Expression): string[] {
  if (node.kind === 'text') return [node.value]
  return node.kind === 'call' ? node.args.flatMap(textsIn) : []
}
