import {pickRows} from '../../kernel/sort-rows.ts'
import type {TableRows} from './growing-columns.ts'

type Column = Float64Array | readonly string[]

/**
 * Rows in batches in which no key stands twice: a repeated row is dropped, and one that says something else under the
 * same key goes into the next batch, to become a revision. The first of two keeps its place: it was available first.
 *
 * @param key  columns that name a row; the venue and the revision are not among them
 */
export function distinctRows(rows: TableRows, key: readonly string[]): TableRows[] {
  if (rows.count === 0) return []
  const keys = key.map((name) => rows.columns[name]!)
  const values = Object.entries(rows.columns)
    .filter(([name]) => !key.includes(name) && name !== 'available_at')
    .map(([, column]) => column)
  const size = 2 ** Math.ceil(Math.log2(2 * rows.count + 1))
  const slots = new Int32Array(size).fill(-1)
  const [first, later]: [number[], number[]] = [[], []]
  let repeated = false
  for (let i = 0; i < rows.count; i++) {
    let slot = hashAt(keys, i) & (size - 1)
    while (slots[slot]! >= 0 && !isSame(keys, slots[slot]!, i)) slot = (slot + 1) & (size - 1)
    const twin = slots[slot]!
    if (twin < 0) {
      slots[slot] = i
      if (repeated) first.push(i)
      continue
    }
    if (!repeated) for (let k = 0; k < i; k++) first.push(k)
    repeated = true
    if (!isSame(values, twin, i) || !isSameLists(rows, twin, i)) later.push(i)
  }
  if (!repeated) return [rows]
  return [pickRows(rows, first), ...distinctRows(pickRows(rows, later), key)]
}

const number = new Float64Array(1)
const words = new Uint32Array(number.buffer)

/** Numbers by their bits, texts by their characters. */
function hashAt(columns: readonly Column[], i: number): number {
  let hash = 0x811c9dc5
  for (const column of columns) {
    if (column instanceof Float64Array) {
      number[0] = column[i]!
      hash = Math.imul(hash ^ words[0]!, 0x01000193)
      hash = Math.imul(hash ^ words[1]! ^ (hash >>> 15), 0x85ebca6b)
    } else {
      const text = column[i]!
      for (let k = 0; k < text.length; k++) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193)
    }
  }
  return hash ^ (hash >>> 13)
}

/** A missing number is equal to a missing number. */
function isSame(columns: readonly Column[], i: number, j: number): boolean {
  for (const column of columns) if (!Object.is(column[i], column[j])) return false
  return true
}

function isSameLists({lists = {}}: TableRows, i: number, j: number): boolean {
  return Object.values(lists).every((list) => {
    const [a, b] = [list[i]!, list[j]!]
    return a.length === b.length && a.every((value, k) => Object.is(value, b[k]))
  })
}
