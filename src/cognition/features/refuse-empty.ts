import type {FeatureManifest} from '../../contracts/features.ts'
import type {Panel} from '../../contracts/panel.ts'
import {Fault} from '../../kernel/fault.ts'

/**
 * Stop at the features of a hypothesis that have no value on any bar: its signal would never say anything.
 *
 * @throws Fault `feature.no_value` (data)
 */
export function refuseEmpty(
  where: string,
  {ts}: Pick<Panel, 'ts'>,
  empty: readonly Pick<FeatureManifest['features'][number], 'name' | 'expression' | 'warmup_bars'>[],
): void {
  const [first] = empty
  if (first === undefined) return
  const isShort = first.warmup_bars >= ts.length
  throw new Fault('feature.no_value', {
    family: 'data',
    what: `${where}.${first.name} has no value on any of ${ts.length} bars: ${first.expression.slice(0, 120)}`,
    why: isShort
      ? `Its first value needs ${first.warmup_bars + 1} bars, and there are ${ts.length}.`
      : 'Every value is missing or not a number: a division by zero, a logarithm of nothing, or a universe that is always empty.',
    next: [
      isShort ? 'shorten its windows, or bring in more history: qo ingest' : 'correct the expression',
      'qo lake status',
    ],
  })
}
