import type {FeatureManifest} from '../../contracts/features.ts'
import type {Panel} from '../../contracts/panel.ts'
import {Fault} from '../../kernel/fault.ts'

/**
 * Stop at the features of a file that have no value on any bar: they would never say anything.
 *
 * @throws Fault `feature.no_value` (data)
 */
export function refuseEmpty(
  where: string,
  {ts, series}: Pick<Panel, 'ts' | 'series'>,
  empty: readonly Pick<FeatureManifest['features'][number], 'name' | 'expression' | 'warmup_bars'>[],
): void {
  const [first] = empty
  if (first === undefined) return
  const {name, expression, warmup_bars} = first
  const isShort = warmup_bars >= ts.length
  const blank = [...series.keys()].find((input) => hasName(expression, input) && isBlank(series.get(input)!))
  throw new Fault('feature.no_value', {
    family: 'data',
    what: `${where}.${name} has no value on any of ${ts.length} bars: ${expression.slice(0, 120)}`,
    why: isShort
      ? `Its first value needs ${warmup_bars + 1} bars, and there are ${ts.length}.`
      : blank !== undefined
        ? `It reads '${blank}', which has no value on any bar of the lake: what was brought in does not carry it.`
        : 'Every value is missing or not a number: a division by zero, a logarithm of nothing, or a universe that is always empty.',
    next: [
      isShort
        ? 'shorten its windows, or bring in more history: qo ingest'
        : blank !== undefined
          ? `bring in candles that have ${blank}: qo ingest`
          : 'correct the expression',
      'qo lake status',
    ],
  })
}

const hasName = (expression: string, input: string): boolean => new RegExp(`\\b${input}\\b`).test(expression)
const isBlank = (columns: readonly Float64Array[]): boolean =>
  columns.every((column) => column.every((value) => value - value !== 0))
