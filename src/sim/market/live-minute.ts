import type {Bar} from './bars.ts'
import {nearestPx, usdOf} from './price-grid.ts'

const SECONDS = 60

/** A minute after events have moved its price. @param shift  log shift at an instant */
export function shifted(bar: Bar, shift: (time: number) => number, szDecimals: number): Bar {
  const [open, close] = [shift(bar.t), shift(bar.t + SECONDS * 1000)]
  if (open === 0 && close === 0) return bar
  const moved = (px: number, by: number): number => nearestPx(usdOf(px) * Math.exp(by), szDecimals)
  const [o, c] = [moved(bar.o, open), moved(bar.c, close)]
  // The turning point of a crash may lie inside the minute.
  const inside = bends(shift, bar.t).map((bend, k) => moved(o * (c / o) ** ((k + 1) / SECONDS), bend))
  const h = Math.max(o, c, moved(bar.h, Math.min(open, close)), ...inside)
  const l = Math.min(o, c, moved(bar.l, Math.max(open, close)), ...inside)
  return {...bar, o, h, l, c}
}

/** How far the log shift at the end of each second is from a straight line through the minute; empty when it is straight. */
export function bends(shift: (time: number) => number, t: number): number[] {
  const [open, close] = [shift(t), shift(t + SECONDS * 1000)]
  const all = Array.from({length: SECONDS}, (_, k) => {
    const passed = (k + 1) / SECONDS
    return shift(t + (k + 1) * 1000) - (open + (close - open) * passed)
  })
  return all.some((bend) => Math.abs(bend) > 1e-6) ? all : []
}

/** A bar that whole trades of whole lots can add up to. `last` is the close before it. */
export function tradable(bar: Bar, last: number): Bar {
  const n = Math.min(bar.n, bar.v)
  if (n === 0) return {t: bar.t, o: last, h: last, l: last, c: last, v: 0, n: 0}
  if (n === 1) return {...bar, o: bar.c, h: bar.c, l: bar.c, n}
  if (n < 4) return {...bar, h: Math.max(bar.o, bar.c), l: Math.min(bar.o, bar.c), n}
  return {...bar, n}
}
