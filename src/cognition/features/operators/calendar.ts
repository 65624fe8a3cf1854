import {DAY_MS, HOUR_MS} from '../../../kernel/instant.ts'
import type {Kernel, Operator} from './operator.ts'

/** A kernel from the close of the bar, which is when the decision is made; the same for every asset. */
const atClose =
  (f: (ms: number) => number): Kernel =>
  (_, __, out, {assetCount, barCount, ts, barMs}) => {
    for (let t = 0; t < barCount; t++) {
      const value = f(ts[t]! + barMs)
      for (let a = 0; a < assetCount; a++) out[a * barCount + t] = value
    }
  }

const calendar = (summary: string, f: (ms: number) => number): Operator => ({
  family: 'calendar',
  summary,
  args: [],
  run: atClose(f),
})

export const CALENDAR = {
  hour_of_day: calendar('UTC hour of the close, 0 … 23', (ms) => Math.floor((ms % DAY_MS) / HOUR_MS)),
  // 1970-01-01 was a Thursday.
  day_of_week: calendar('UTC weekday of the close, 0 = Monday … 6 = Sunday', (ms) => (Math.floor(ms / DAY_MS) + 3) % 7),
} satisfies Record<string, Operator>
