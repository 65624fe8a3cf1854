import {DAY_MS} from '../kernel/instant.ts'

/** Rebalance instants: midnights UTC, every `everyDays`, on a calendar fixed by `anchor`, in both directions of time. */
export interface Calendar {
  readonly anchor: number
  readonly everyDays: number
}

/** Last calendar instant <= `instant`. */
export function lastRebalance({anchor, everyDays}: Calendar, instant: number): number {
  const step = everyDays * DAY_MS
  return anchor + Math.floor((instant - anchor) / step) * step
}

/** First calendar instant > `instant`. */
export const nextRebalance = (calendar: Calendar, instant: number): number =>
  lastRebalance(calendar, instant) + calendar.everyDays * DAY_MS

/** Every calendar instant in [from, to], oldest first. */
export function rebalancesBetween(calendar: Calendar, from: number, to: number): number[] {
  const step = calendar.everyDays * DAY_MS
  const dates: number[] = []
  for (let date = nextRebalance(calendar, from - 1); date <= to; date += step) dates.push(date)
  return dates
}
