import {lowerBound} from './bounds.ts'
import {compareTexts} from './sort-rows.ts'

/** Rows [from, to). */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * The stretches of rows that, put side by side, are in order of name and time.
 *
 * Rows of several files, each in this order, are a few long runs: those are merged, and whole stretches move. Rows that
 * are in order already are one stretch. Of two rows with one name and time, the first stays the first.
 *
 * @param names  shape [rows]; they sort by code points, as UTF-8 does
 * @param ts     shape [rows]
 */
export function stretchesInOrder(names: readonly string[], ts: Float64Array): Stretch[] {
  const runs = runsByName(names, ts)
  const found: {from: number; to: number}[] = []
  for (const name of [...runs.keys()].sort(compareTexts)) {
    for (const {from, to} of merged(runs.get(name)!, ts)) {
      const last = found.at(-1)
      if (last?.to === from) last.to = to
      else found.push({from, to})
    }
  }
  return found
}

/** Stretches of one name in which time rises, by name. */
function runsByName(names: readonly string[], ts: Float64Array): Map<string, Stretch[]> {
  const runs = new Map<string, Stretch[]>()
  for (let from = 0; from < names.length; ) {
    const name = names[from]!
    let to = from + 1
    while (to < names.length && names[to] === name && ts[to]! > ts[to - 1]!) to++
    const mine = runs.get(name)
    if (mine) mine.push({from, to})
    else runs.set(name, [{from, to}])
    from = to
  }
  return runs
}

function merged(runs: readonly Stretch[], ts: Float64Array): Stretch[] {
  const byTime = (a: Stretch, b: Stretch): number => ts[a.from]! - ts[b.from]! || a.from - b.from
  const open = [...runs].sort(byTime)
  const found: Stretch[] = []
  for (let k = 0; k < open.length; k++) {
    const {from, to} = open[k]!
    const next = open[k + 1]
    // Up to where the next run begins; of two rows at that time, this one came first.
    const end = next ? Math.max(from + 1, lowerBound(ts, ts[next.from]!, from, to)) : to
    found.push({from, to: end})
    if (end === to) continue
    const rest = {from: end, to}
    let place = k + 1
    while (place < open.length && byTime(open[place]!, rest) < 0) place++
    open.splice(place, 0, rest)
  }
  return found
}
