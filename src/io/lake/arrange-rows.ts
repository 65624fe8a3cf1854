import type {Rows} from '../../desk.ts'
import type {Stretch} from '../../kernel/merge-runs.ts'

/**
 * Rows with their stretches in this order; the very same rows when it is theirs already.
 *
 * The rows given are used up: each column of numbers goes into the memory of the one before it, because fresh memory costs
 * as much as the copy. So no two columns may share theirs.
 */
export function arrangeRows(rows: Rows, stretches: readonly Stretch[]): Rows {
  if (stretches.length <= 1) return rows
  const {count, columns, lists} = rows
  let spare: Float64Array = new Float64Array(count)
  const numbers = (column: Float64Array): Float64Array => {
    const arranged = spare
    spare = column
    let at = 0
    for (const {from, to} of stretches) {
      arranged.set(column.subarray(from, to), at)
      at += to - from
    }
    return arranged
  }
  const others = <T>(column: readonly T[]): T[] => {
    const arranged = new Array<T>(count)
    let at = 0
    for (const {from, to} of stretches) for (let i = from; i < to; i++) arranged[at++] = column[i]!
    return arranged
  }
  const each = <A, B>(named: Readonly<Record<string, A>>, arrange: (column: A) => B): Record<string, B> =>
    Object.fromEntries(Object.entries(named).map(([name, column]) => [name, arrange(column)]))
  return {
    ...rows,
    columns: each(columns, (column) => (column instanceof Float64Array ? numbers(column) : others(column))),
    ...(lists && {lists: each(lists, others)}),
  }
}
