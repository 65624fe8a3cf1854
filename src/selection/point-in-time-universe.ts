import {DAY_MS} from '../kernel/instant.ts'
import type {AssetDays} from './asset-days.ts'

export type Standing = 'unborn' | 'prelisting' | 'dead' | 'trading'

/**
 * What each incarnation was, judged on each day with what was known at that day's close.
 *
 * Dead as of T: (a) its bars of the last three days, at least three of them, all have volume 0; or (b) none of its bars
 * became available in (T − D, T] while at least half of the venue's incarnations that had one in (T − 2D, T − D] had
 * one, D = max(3 days, 24 bars). Without the second half of (b) an outage of the recorder would kill the whole venue.
 * A dead asset that trades again is trading again: the mark is a fact of its day, not a sentence.
 *
 * @returns shape [N][D]
 * @see selection rules: incarnations and death, docs/GLOSSARY.md
 */
export function standings(table: AssetDays): Standing[][] {
  const {assets, days, storedBarMs, bars, traded, prelisting} = table
  const windowDays = Math.ceil(Math.max(3 * DAY_MS, 24 * storedBarMs) / DAY_MS)
  const present = assets.map((_, a) => runningTotal(bars[a]!))
  const trades = assets.map((_, a) => runningTotal(traded[a]!))
  const before = assets.map((_, a) => runningTotal(prelisting[a]!))
  const within = (total: Uint32Array, from: number, to: number): number => total[to + 1]! - total[Math.max(0, from)]!

  const venueAlive = Array.from({length: days}, (_, d) => {
    let [had, has] = [0, 0]
    for (let a = 0; a < assets.length; a++) {
      if (d - windowDays < 0 || within(present[a]!, d - 2 * windowDays + 1, d - windowDays) === 0) continue
      had++
      if (within(present[a]!, d - windowDays + 1, d) > 0) has++
    }
    return had > 0 && has * 2 >= had
  })

  return assets.map((_, a) =>
    Array.from({length: days}, (_, d): Standing => {
      const seen = within(present[a]!, 0, d)
      if (seen === 0) return within(before[a]!, 0, d) > 0 ? 'prelisting' : 'unborn'
      const recent = within(present[a]!, d - 2, d)
      if (recent >= 3 && within(trades[a]!, d - 2, d) === 0) return 'dead'
      if (venueAlive[d] && within(present[a]!, d - windowDays + 1, d) === 0) return 'dead'
      return 'trading'
    }),
  )
}

/** totals[i] = sum of the first i counts. */
function runningTotal(counts: Uint16Array): Uint32Array {
  const totals = new Uint32Array(counts.length + 1)
  for (let i = 0; i < counts.length; i++) totals[i + 1] = totals[i]! + counts[i]!
  return totals
}
