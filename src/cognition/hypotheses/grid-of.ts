import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import {Fault} from '../../kernel/fault.ts'

const MOST_POINTS = 10_000

/**
 * Every point of the parameter grid: names in alphabetical order, values ascending, the last name fastest.
 *
 * The order depends on the meaning of the file only, never on how it is written. Without parameters there is one point.
 *
 * @throws Fault `hypothesis.grid_too_large` `hypothesis.repeated_value` (contract)
 */
export function gridOf(hypothesis: Pick<Hypothesis, 'params'>): Params[] {
  const axes = axesOf(hypothesis)
  const size = axes.reduce((product, {values}) => product * values.length, 1)
  if (size > MOST_POINTS) {
    throw new Fault('hypothesis.grid_too_large', {
      family: 'contract',
      what: `The grid has ${size} points.`,
      why: `At most ${MOST_POINTS} are evaluated; each one is a trial that the edge has to pay for.`,
      next: ['remove values under params'],
    })
  }
  for (const {name, values} of axes) {
    const twice = values.find((value, i) => value === values[i - 1])
    if (twice !== undefined) {
      throw new Fault('hypothesis.repeated_value', {
        family: 'contract',
        what: `params.${name} lists ${twice} more than once.`,
        why: 'Every value makes grid points, and every grid point is counted as a trial once.',
        next: [`remove the repeated ${twice}`],
      })
    }
  }
  return axes.reduce<Params[]>(
    (points, {name, values}) => points.flatMap((point) => values.map((value) => ({...point, [name]: value}))),
    [{}],
  )
}

/** The axes of the grid, in its order: names in alphabetical order, values ascending. */
export const axesOf = ({params}: Pick<Hypothesis, 'params'>): {name: string; values: number[]}[] =>
  Object.entries(params)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => ({name, values: [...values].sort((a, b) => a - b)}))
