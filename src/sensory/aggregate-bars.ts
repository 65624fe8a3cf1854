import {BAR} from '../contracts/panel.ts'
import type {Bars} from './bars.ts'
import type {Incarnation} from './incarnations.ts'

export interface AggregatedBars {
  readonly bars: Bars
  readonly lives: readonly Incarnation[]
  readonly state: Uint8Array
}

/**
 * Fold bars into longer ones: UTC-aligned, complete ones only, within one incarnation.
 *
 * A longer bar with a missing piece is left out: half a day is not a day. It is available when its last piece is, which
 * is its own close unless a piece came late. It is live when any piece is.
 *
 * @param fromMs  length of the pieces; divides `toMs`
 */
export function aggregateBars(
  bars: Bars,
  lives: readonly Incarnation[],
  state: Uint8Array,
  {fromMs, toMs}: {fromMs: number; toMs: number},
): AggregatedBars {
  const pieces = toMs / fromMs
  const capacity = Math.floor(bars.count / pieces)
  const floats = (): Float64Array => new Float64Array(capacity)
  const made = {
    ts: floats(),
    open: floats(),
    high: floats(),
    low: floats(),
    close: floats(),
    volume: floats(),
    trades: floats(),
    availableAt: floats(),
  }
  const coin: string[] = []
  const madeState = new Uint8Array(capacity)
  const madeLives: Incarnation[] = []
  let n = 0
  for (const life of lives) {
    const start = n
    for (let i = life.from; i + pieces <= life.to; ) {
      const last = i + pieces - 1
      // Rows are ordered and unique, so the first and the last one in place mean that all are.
      const complete = bars.ts[i]! % toMs === 0 && bars.ts[last]! - bars.ts[i]! === toMs - fromMs
      if (!complete) {
        i++
        continue
      }
      made.ts[n] = bars.ts[i]!
      made.open[n] = bars.open[i]!
      made.close[n] = bars.close[last]!
      let [high, low, volume, trades, available] = [-Infinity, Infinity, 0, 0, 0]
      let kind: number = state[i]!
      for (let j = i; j <= last; j++) {
        high = Math.max(high, bars.high[j]!)
        low = Math.min(low, bars.low[j]!)
        volume += bars.volume[j]!
        trades += bars.trades[j]!
        available = Math.max(available, bars.availableAt[j]!)
        if (state[j] !== kind) kind = BAR.live
      }
      made.high[n] = high
      made.low[n] = low
      made.volume[n] = volume
      made.trades[n] = trades
      made.availableAt[n] = available
      madeState[n] = kind
      coin.push(life.coin)
      n++
      i += pieces
    }
    if (n > start) madeLives.push({...life, from: start, to: n})
  }
  const cut = (values: Float64Array): Float64Array => values.subarray(0, n)
  return {
    bars: {
      count: n,
      coin,
      ts: cut(made.ts),
      open: cut(made.open),
      high: cut(made.high),
      low: cut(made.low),
      close: cut(made.close),
      volume: cut(made.volume),
      trades: cut(made.trades),
      availableAt: cut(made.availableAt),
    },
    lives: madeLives,
    state: madeState.subarray(0, n),
  }
}
