import {median} from '../kernel/median.ts'
import type {CoinSpan} from './check-interval.ts'

export interface Gap {
  readonly coin: string
  /** first missing open, and the open of the row behind the hole, epoch ms */
  readonly from: number
  readonly to: number
  readonly missing: number
}

/** Holes in bars of a fixed step. Holes are data: they are recorded, never filled. */
export function barGaps(ts: Float64Array, spans: readonly CoinSpan[], barMs: number): Gap[] {
  const gaps: Gap[] = []
  for (const {coin, from, to} of spans) {
    for (let i = from + 1; i < to; i++) {
      const step = ts[i]! - ts[i - 1]!
      if (step <= barMs) continue
      gaps.push({coin, from: ts[i - 1]! + barMs, to: ts[i]!, missing: Math.ceil(step / barMs) - 1})
    }
  }
  return gaps
}

/** Payments on each side of a step that say what the schedule was there. */
const NEIGHBOURS = 8

/**
 * Holes in funding, whose schedule changes (Hyperliquid: 8 h until 2023-06-08, then 1 h).
 *
 * A step is a hole when it is longer than the schedule on both sides of it; one side alone may be another regime.
 */
export function fundingGaps(settles: Float64Array, spans: readonly CoinSpan[]): Gap[] {
  const gaps: Gap[] = []
  for (const {coin, from, to} of spans) {
    const steps = new Float64Array(Math.max(0, to - from - 1))
    for (let i = 0; i < steps.length; i++) steps[i] = settles[from + i + 1]! - settles[from + i]!
    const usual = (a: number, b: number): number => median(steps.slice(Math.max(0, a), Math.min(steps.length, b)))
    let shortest = Infinity
    for (const step of steps) shortest = Math.min(shortest, step)
    for (let i = 0; i < steps.length; i++) {
      if (steps[i]! <= shortest) continue
      const [before, after] = [usual(i - NEIGHBOURS, i), usual(i + 1, i + 1 + NEIGHBOURS)]
      const schedule = Math.max(Number.isNaN(before) ? 0 : before, Number.isNaN(after) ? 0 : after)
      if (schedule === 0 || steps[i]! <= schedule) continue
      const start = settles[from + i]!
      gaps.push({coin, from: start + schedule, to: start + steps[i]!, missing: Math.round(steps[i]! / schedule) - 1})
    }
  }
  return gaps
}
