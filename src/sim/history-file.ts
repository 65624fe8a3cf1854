import type {SimHistory} from '../contracts/venue.ts'
import {DAY_MS, HOUR_MS, INTERVAL_MS} from '../kernel/instant.ts'
import type {ListedAsset} from './listing.ts'
import {aggregate, type Bar} from './market/bars.ts'
import type {MarketSource} from './market/market-source.ts'
import {nearestPx} from './market/price-grid.ts'
import {tradesIn} from './market/split-bar.ts'
import type {TapeStart} from './market/tape.ts'

/** Volatility and volume of an asset whose file has too few bars to measure them. */
const FALLBACK = {sigma: 0.04, dailyUsd: 10e6}

/**
 * A market that goes on from recorded bars: paper trading on prices of another venue.
 *
 * The past is what the file says; from its end on, the price moves with the volatility and trades the volume that the
 * file's bars show.
 */
export function listingFromFile(
  history: SimHistory,
  seed: number,
  marketOf: (start: TapeStart) => MarketSource,
): ListedAsset[] {
  const end = Math.floor(Date.parse(history.end) / HOUR_MS) * HOUR_MS
  return history.assets.map((asset) => {
    const {name, sz_decimals: szDecimals, interval} = asset
    const barMs = INTERVAL_MS[interval]
    const bars = asset.bars
      .filter(({ts}) => ts + barMs <= end)
      .map(({ts, open, high, low, close, volume}): Bar => {
        const [o, h, l, c] = [open, high, low, close].map((px) => nearestPx(px, szDecimals)) as [
          number,
          number,
          number,
          number,
        ]
        const v = Math.round(volume * 10 ** szDecimals)
        return {t: ts, o, h: Math.max(o, h, l, c), l: Math.min(o, h, l, c), c, v, n: tradesIn(v, c, szDecimals)}
      })
    const fallbackLots = (FALLBACK.dailyUsd / asset.last_px) * 10 ** szDecimals
    const market = marketOf({
      name,
      szDecimals,
      seed: `file|${seed}`,
      end,
      days: aggregate(bars, DAY_MS),
      hours: barMs <= HOUR_MS ? aggregate(bars, HOUR_MS) : [],
      minutes: barMs === INTERVAL_MS['1m'] ? bars : [],
      funding: asset.funding.map(({ts, rate}) => ({time: ts, rate: Math.round(rate * 1e10), premium: 0})),
      hourlyFundingFrom: Number.NEGATIVE_INFINITY,
      lastPx: asset.delisted ? null : nearestPx(asset.last_px, szDecimals),
      sigma: volatilityPerDay(bars, barMs) ?? FALLBACK.sigma,
      dailyLots: Math.max(1, Math.round(typicalVolume(bars) * (DAY_MS / barMs) || fallbackLots)),
    })
    return {name, szDecimals, maxLeverage: asset.max_leverage, market}
  })
}

function volatilityPerDay(bars: readonly Bar[], barMs: number): number | null {
  const moves = bars.slice(1).map((bar, i) => Math.log(bar.c / bars[i]!.c))
  if (moves.length < 20) return null
  const variance = moves.reduce((sum, move) => sum + move * move, 0) / moves.length
  return variance > 0 ? Math.sqrt(variance * (DAY_MS / barMs)) : null
}

function typicalVolume(bars: readonly Bar[]): number {
  const volumes = bars.map(({v}) => v).sort((a, b) => a - b)
  return volumes[volumes.length >> 1] ?? 0
}
