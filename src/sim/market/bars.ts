/** A bar in the venue's integers: prices in 10^-6 USD, volume in lots, `t` its open time. */
export interface Bar {
  readonly t: number
  readonly o: number
  readonly h: number
  readonly l: number
  readonly c: number
  readonly v: number
  /** trades */
  readonly n: number
}

/**
 * Merge consecutive bars into UTC-aligned bars of `ms`. Bars must be in time order; a bucket without bars is absent.
 *
 * @param anchor  epoch ms that starts a bucket; weeks start on a Monday, so their anchor is 1970-01-05
 */
export function aggregate(bars: readonly Bar[], ms: number, anchor = 0): Bar[] {
  const merged: Bar[] = []
  for (const bar of bars) {
    const t = Math.floor((bar.t - anchor) / ms) * ms + anchor
    const last = merged.at(-1)
    if (last?.t === t) merged[merged.length - 1] = joined(last, bar)
    else merged.push({...bar, t})
  }
  return merged
}

/** Bars of `ms` made of trades in time order. */
export const barsOf = (
  trades: readonly {readonly time: number; readonly px: number; readonly lots: number}[],
  ms: number,
): Bar[] =>
  aggregate(
    trades.map(({time: t, px, lots}) => ({t, o: px, h: px, l: px, c: px, v: lots, n: 1})),
    ms,
  )

/** One bar over all of `bars`, opening at `t`; null when there is none. */
export function oneBar(bars: readonly Bar[], t: number): Bar | null {
  const [first, ...rest] = bars
  return first === undefined ? null : rest.reduce(joined, {...first, t})
}

const joined = (a: Bar, b: Bar): Bar => ({
  t: a.t,
  o: a.o,
  h: Math.max(a.h, b.h),
  l: Math.min(a.l, b.l),
  c: b.c,
  v: a.v + b.v,
  n: a.n + b.n,
})
