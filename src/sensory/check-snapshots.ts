import type {RawRows, Reject} from './check-rows.ts'
import {readSides, SIDE} from './read-sides.ts'

/** Levels a row may name; a venue sends 20, a full depth file a few thousand. */
const MOST_LEVELS = 4096

/**
 * First row of each snapshot, and the number of rows at the end. Rows of one snapshot stand together: one coin, one
 * time, each level of each side once. A level that comes again begins the next snapshot: two may carry one time.
 *
 * Rows that hold a whole quote are one snapshot each.
 */
export function snapshotStarts(rows: RawRows): Uint32Array {
  const {count, ts, coin} = rows
  const sides = readSides(rows)
  if (sides === null) return Uint32Array.from({length: count + 1}, (_, i) => i)
  const levels = rows.numbers['level']
  const seenIn = new Int32Array(2 * MOST_LEVELS).fill(-1)
  const starts: number[] = []
  for (let i = 0; i < count; i++) {
    const level = levels ? levels[i]! : 0
    const slot = sides[i]! * MOST_LEVELS + level
    const isSlot = sides[i] !== SIDE.none && level >= 0 && level < MOST_LEVELS
    const goesOn = i > 0 && ts[i] === ts[i - 1] && coin[i] === coin[i - 1]
    if (!goesOn || (isSlot && seenIn[slot] === starts.length)) starts.push(i)
    if (isSlot) seenIn[slot] = starts.length
  }
  return Uint32Array.from([...starts, count])
}

/**
 * Rows of snapshots that cannot be believed as a whole: one of their rows is bad, a level is missing, or the levels of a
 * side are not in the order of their prices. A book without one of its levels is another book.
 *
 * @param refused  rows that are known to be bad
 */
export function snapshotRejects(rows: RawRows, refused: ReadonlySet<number>): Reject[] {
  const starts = snapshotStarts(rows)
  const sides = readSides(rows)
  if (sides === null) return []
  const {level: levels, px} = rows.numbers
  let base = Infinity
  if (levels) for (let i = 0; i < rows.count; i++) if (!refused.has(i)) base = Math.min(base, levels[i]!)
  const rejects: Reject[] = []
  for (let k = 0; k + 1 < starts.length; k++) {
    const [from, to] = [starts[k]!, starts[k + 1]!]
    const reason = refusedWithin(refused, from, to) ?? (levels ? orderOf(from, to) : null)
    if (reason !== null) for (let i = from; i < to; i++) rejects.push({row: i, reason})
  }
  return rejects

  function orderOf(from: number, to: number): string | null {
    const depth = [0, 0]
    const prices = [new Float64Array(to - from).fill(Number.NaN), new Float64Array(to - from).fill(Number.NaN)]
    for (let i = from; i < to; i++) {
      const level = levels![i]! - base
      if (level >= to - from) return 'its snapshot lacks a level'
      prices[sides![i]!]![level] = px![i]!
      depth[sides![i]!]!++
    }
    for (const side of [SIDE.bid, SIDE.ask]) {
      for (let j = 0; j < depth[side]!; j++) {
        if (Number.isNaN(prices[side]![j]!)) return 'its snapshot lacks a level'
        if (j === 0) continue
        const step = prices[side]![j]! - prices[side]![j - 1]!
        if (!(side === SIDE.bid ? step < 0 : step > 0)) return 'the levels of its snapshot are not in price order'
      }
    }
    return null
  }
}

function refusedWithin(refused: ReadonlySet<number>, from: number, to: number): string | null {
  if (refused.size === 0) return null
  for (let i = from; i < to; i++) if (refused.has(i)) return 'a row of its snapshot is bad'
  return null
}
