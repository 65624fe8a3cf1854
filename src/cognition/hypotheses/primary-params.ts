import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import {Fault} from '../../kernel/fault.ts'
import {gridOf} from './grid-of.ts'

/**
 * The grid point that is the hypothesis: chosen before any run, judged after all of them.
 *
 * @throws Fault `hypothesis.primary_not_in_grid` (contract)
 */
export function primaryParams(hypothesis: Pick<Hypothesis, 'params' | 'primary'>): Params {
  const {primary} = hypothesis
  const grid = gridOf(hypothesis)
  const names = Object.keys(primary)
  if (grid.length === 1 && names.length === 0) return grid[0]!
  const point = grid.find(
    (candidate) =>
      names.length === Object.keys(candidate).length && names.every((name) => candidate[name] === primary[name]),
  )
  if (point) return point
  const show = (values: Params): string =>
    `{${Object.entries(values)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ')}}`
  throw new Fault('hypothesis.primary_not_in_grid', {
    family: 'contract',
    what: `primary ${show(primary)} is not a point of the grid.`,
    why: 'The point that will be judged is named before the first run: one value for every name under params.',
    next: [`for example primary: ${show(grid[Math.floor(grid.length / 2)]!)}`],
  })
}
