import {lowerBound} from '../kernel/bounds.ts'

export interface Stretch {
  /** first ms, and the first ms behind it */
  readonly from: number
  readonly to: number
}

/**
 * Stretches inside a hole in which ticks came without a silence longer than `mostSilenceMs`: what another recording holds
 * of it. The time before the first of them and behind the last stays missing: nobody says what happened there.
 *
 * @param ts  times of one coin's ticks, ms, ascending
 */
export function recordedRuns(ts: Float64Array, hole: Stretch, mostSilenceMs: number): Stretch[] {
  const runs: Stretch[] = []
  let i = lowerBound(ts, hole.from)
  while (i < ts.length && ts[i]! < hole.to) {
    const from = ts[i]!
    let last = from
    while (i < ts.length && ts[i]! < hole.to && ts[i]! - last <= mostSilenceMs) last = ts[i++]!
    // One tick says nothing of the time around it.
    if (last > from) runs.push({from, to: last + 1})
  }
  return runs
}

/** Runs in a silence that begins and ends with a tick: what is nearer to that tick than a silence is no hole. */
export function toTheEdges(runs: readonly Stretch[], hole: Stretch, mostSilenceMs: number): Stretch[] {
  return runs.map(({from, to}, i) => ({
    from: i === 0 && from - hole.from < mostSilenceMs ? hole.from : from,
    to: i === runs.length - 1 && hole.to - to < mostSilenceMs ? hole.to : to,
  }))
}

/** What is left of a hole without these runs, which lie inside it, in order. */
export function without(hole: Stretch, runs: readonly Stretch[]): Stretch[] {
  const left: Stretch[] = []
  let from = hole.from
  for (const run of runs) {
    if (run.from > from) left.push({from, to: run.from})
    from = run.to
  }
  if (from < hole.to) left.push({from, to: hole.to})
  return left
}
