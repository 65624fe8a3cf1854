import type {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import type {Batch} from './do-batch.ts'
import {type Cell, repsOf, SETS, type SeedSet, seedOf} from './plan.ts'
import type {Done} from './record.ts'
import {addUp, type Tally} from './tally.ts'

/** One row of what was measured, with everything needed to read it. */
export interface Measured extends Pick<Cell, 'id' | 'group' | 'work'> {
  readonly set: SeedSet
  readonly planned: number
  /** repetitions that are done */
  readonly reps: number
  readonly tally: Tally
}

/** `calibration.json`: what docs/CALIBRATION.md is made from. */
export interface Result {
  readonly artifact: 'calibration@1'
  /** SHA-256 of gates, stages and plants */
  readonly code: string
  readonly gates: GauntletConfig
  readonly seeds: Readonly<Record<SeedSet, string>>
  readonly cells: readonly Measured[]
}

/** Which part of the plan is asked for. */
export interface Scope {
  readonly sets: readonly SeedSet[]
  readonly cells: readonly Cell[]
  /** most repetitions of any cell */
  readonly most: number
}

/**
 * The batches of a scope, so ordered that all cells of a set advance together: a run that is ended early has measured
 * every row, each with fewer repetitions.
 */
export function batchesOf({sets, cells, most}: Scope): Batch[] {
  return sets.flatMap((set) =>
    cells
      .flatMap((cell) => {
        const reps = repsOf(cell, set, most)
        return Array.from({length: Math.ceil(reps / cell.batch)}, (_, i) => {
          const [from, to] = [i * cell.batch, Math.min(reps, (i + 1) * cell.batch)]
          return {share: to / reps, batch: {set, cell: cell.id, from, to}}
        })
      })
      .sort((a, b) => a.share - b.share)
      .map(({batch}) => batch),
  )
}

export const keyOf = ({set, cell, from, to}: Batch): string => `${set}|${cell}|${from}|${to}`

/** Add up what is done of a scope. The same batches give the same bytes, in whatever order they came. */
export function resultOf(done: readonly Done[], scope: Scope, code: string, gates: GauntletConfig): Result {
  const known = new Map(done.map((one) => [keyOf(one.batch), one]))
  const found = batchesOf(scope).flatMap((batch) => known.get(keyOf(batch)) ?? [])
  const cells = scope.sets.flatMap((set) =>
    scope.cells.map((cell): Measured => {
      const own = found.filter(({batch}) => batch.set === set && batch.cell === cell.id)
      const {id, group, work} = cell
      const reps = own.reduce((total, {batch}) => total + batch.to - batch.from, 0)
      return {set, id, group, work, planned: repsOf(cell, set, scope.most), reps, tally: addUp(own.map(tallyOf))}
    }),
  )
  const seeds = Object.fromEntries(SETS.map((set) => [set, seedOf(set, '…', 0).replace(/\d+$/, '…')]))
  return {artifact: 'calibration@1', code, gates, seeds: seeds as Result['seeds'], cells}
}

const tallyOf = ({tally}: Done): Tally => tally
