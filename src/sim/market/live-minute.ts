import type {Bar} from './bars.ts'
import {nearestPx, usdOf} from './price-grid.ts'

/** A minute after events have moved its price: `open` and `close` are their log shifts at its two ends. */
export function shifted(bar: Bar, open: number, close: number, szDecimals: number): Bar {
  if (open === 0 && close === 0) return bar
  const moved = (px: number, shift: number): number => nearestPx(usdOf(px) * Math.exp(shift), szDecimals)
  const [o, c] = [moved(bar.o, open), moved(bar.c, close)]
  const h = Math.max(o, c, moved(bar.h, Math.min(open, close)))
  const l = Math.min(o, c, moved(bar.l, Math.max(open, close)))
  return {...bar, o, h, l, c}
}

/** A bar that whole trades of whole lots can add up to. `last` is the close before it. */
export function tradable(bar: Bar, last: number): Bar {
  const n = Math.min(bar.n, bar.v)
  if (n === 0) return {t: bar.t, o: last, h: last, l: last, c: last, v: 0, n: 0}
  if (n === 1) return {...bar, o: bar.c, h: bar.c, l: bar.c, n}
  if (n < 4) return {...bar, h: Math.max(bar.o, bar.c), l: Math.min(bar.o, bar.c), n}
  return {...bar, n}
}
