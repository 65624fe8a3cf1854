import type {Panel} from '../../contracts/panel.ts'
import {type CompiledHypothesis, futureBehind} from '../features/compile-hypothesis.ts'

/**
 * What makes a figure worth nothing, or doubtful, before anyone looks at it: as flags of a report, worst first.
 *
 * `look_ahead:NAME:OPERATOR`, `universe:survivor` void every figure; `universe:derived` and `bars:aggregated:INTERVAL`
 * leave it open. The gauntlet answers INVALID to the first two.
 */
export function caveatsOf(compiled: CompiledHypothesis, shown: readonly string[], panel: Panel): string[] {
  const {survivorSource, universe, completeFrom, aggregatedFrom} = panel
  const looks = shown.flatMap((name) =>
    futureBehind(compiled, name).map(({operator}) => `look_ahead:${name}:${operator}`),
  )
  return [
    ...new Set(looks),
    ...(survivorSource ? ['universe:survivor'] : []),
    ...(universe === 'derived' || completeFrom === null ? ['universe:derived'] : []),
    ...(aggregatedFrom === null ? [] : [`bars:aggregated:${aggregatedFrom}`]),
  ]
}

/** A flag in words; null: it is none of these. */
export function caveatText(flag: string): string | null {
  const [kind, subject, by] = flag.split(':')
  switch (`${kind}:${kind === 'universe' ? subject : ''}`) {
    case 'look_ahead:':
      return `${subject} reads later bars (${by}), so it knows the answer.`
    case 'universe:survivor':
      return 'The list of assets was drawn up knowing who would survive: what died is missing.'
    case 'universe:derived':
      return 'The universe is derived from the rows themselves: whether assets that died are missing is unknown, and if they are, that flatters any long rule.'
    case 'bars:':
      return `Bars were aggregated from ${by}.`
    default:
      return null
  }
}

/** Features or signal that read later bars, by the flags of their report. */
export const seersIn = (flags: readonly string[]): ReadonlySet<string> =>
  new Set(flags.filter((flag) => flag.startsWith('look_ahead:')).map((flag) => flag.split(':')[1]!))

/** The sentence that comes before every figure of a void report; null: no flag voids it. */
export function worthNothing(flags: readonly string[], figures: string): string | null {
  const fatal = flags.filter((flag) => flag.startsWith('look_ahead:') || flag === 'universe:survivor')
  if (fatal.length === 0) return null
  return `${figures} worth nothing: ${fatal.map((flag) => caveatText(flag)!).join(' ')} The gauntlet answers INVALID.`
}
