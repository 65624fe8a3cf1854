import {BAR, type Panel} from '../contracts/panel.ts'
import type {SimHistory} from '../contracts/venue.ts'
import {isoOf} from '../kernel/instant.ts'

/** Recorded bars from which the practice venue measures volatility and volume, and then goes on. */
const BARS = 500

/**
 * The newest bars of a panel as a market for the practice venue: paper trading on prices of another venue.
 *
 * Only live assets are listed. Where no snapshot gives the size decimals, a lot is worth between a tenth of a dollar and a
 * dollar, as on the venue itself.
 */
export function practiceHistory(panel: Panel): SimHistory {
  const T = panel.ts.length
  const series = (name: 'open' | 'high' | 'low' | 'close' | 'volume', a: number): Float64Array =>
    panel.series.get(name)?.[a] ?? new Float64Array(T).fill(Number.NaN)
  const live = panel.assets.flatMap((asset, a) => (panel.state[a]![T - 1] === BAR.live ? [{asset, a}] : []))
  return {
    artifact: 'sim-history@1',
    end: isoOf((panel.ts[T - 1] ?? 0) + panel.barMs),
    assets: live.map(({asset, a}) => {
      const [open, high, low, close, volume] = (['open', 'high', 'low', 'close', 'volume'] as const).map((name) =>
        series(name, a),
      ) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]
      const bars = Array.from({length: Math.min(BARS, T)}, (_, i) => T - Math.min(BARS, T) + i)
        .filter((t) => [open, high, low, close].every((column) => column[t]! > 0) && volume[t]! >= 0)
        .map((t) => ({
          ts: panel.ts[t]!,
          open: open[t]!,
          high: high[t]!,
          low: low[t]!,
          close: close[t]!,
          volume: volume[t]!,
        }))
      const last = close[T - 1]!
      return {
        name: asset.replace(/#\d+$/, ''),
        sz_decimals: panel.sizeDecimals[a] ?? Math.min(5, Math.max(0, Math.ceil(Math.log10(last)))),
        max_leverage: 10,
        last_px: last,
        delisted: false,
        interval: panel.interval,
        bars,
        funding: [],
      }
    }),
  }
}
