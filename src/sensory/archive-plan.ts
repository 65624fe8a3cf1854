import {DAY_MS, dayOf, type Interval} from '../kernel/instant.ts'
import type {ArchiveData} from './archive-name.ts'

export const ARCHIVE_MARKETS = ['um', 'cm', 'spot'] as const
export type ArchiveMarket = (typeof ARCHIVE_MARKETS)[number]

/** A file the archive should have. */
export interface PlannedFile {
  readonly name: string
  /** below the base URL */
  readonly path: string
  readonly symbol: string
  /** epoch ms; what happened in [from, to) */
  readonly from: number
  readonly to: number
  /** files to take instead when this one is not there: the days of a month that is not published yet */
  readonly instead: readonly PlannedFile[]
}

export interface ArchiveRange {
  readonly market: ArchiveMarket
  readonly data: ArchiveData
  readonly symbols: readonly string[]
  /** of klines, else null */
  readonly interval: Interval | null
  readonly from: number
  readonly to: number
  /** our clock: a day that is not over has no file */
  readonly now: number
}

/**
 * Files of the public Binance archive for a range, by symbol and time. A month that is over is one file, or its days where
 * the month is not published; the running month comes by days. Funding has months only.
 *
 * A month is taken whole: rows before `from` in it are as true as those behind.
 */
export function planBinance(range: ArchiveRange): PlannedFile[] {
  const {symbols, data, from, now} = range
  const to = Math.min(range.to, Math.floor(now / DAY_MS) * DAY_MS)
  return symbols.flatMap((symbol) => {
    const files: PlannedFile[] = []
    for (let month = monthOf(from); month < to; month = monthOf(month + 32 * DAY_MS)) {
      const next = monthOf(month + 32 * DAY_MS)
      const days: PlannedFile[] = []
      for (let day = Math.max(month, from); day < Math.min(next, to) && data !== 'fundingRate'; day += DAY_MS) {
        days.push(fileOf(range, symbol, day, day + DAY_MS))
      }
      if (next <= now) files.push({...fileOf(range, symbol, month, next), instead: days})
      else files.push(...days)
    }
    return files
  })
}

const monthOf = (instant: number): number => {
  const date = new Date(instant)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

function fileOf({market, data, interval}: ArchiveRange, symbol: string, from: number, to: number): PlannedFile {
  const isDay = to - from === DAY_MS
  const what = data === 'klines' ? interval! : data
  const name = `${symbol}-${what}-${dayOf(from).slice(0, isDay ? 10 : 7)}.zip`
  const place = market === 'spot' ? 'data/spot' : `data/futures/${market}`
  const folder = [place, isDay ? 'daily' : 'monthly', data, symbol, ...(data === 'klines' ? [interval!] : [])].join('/')
  return {name, path: `${folder}/${name}`, symbol, from, to, instead: []}
}

export const HYPERLIQUID_DATA = ['asset_ctxs', 'l2Book'] as const
export type HyperliquidData = (typeof HYPERLIQUID_DATA)[number]

/** Files of the official Hyperliquid archive: one of contexts a day, one of books an hour and coin. */
export function planHyperliquid({
  data,
  coins,
  from,
  to,
}: {
  readonly data: HyperliquidData
  readonly coins: readonly string[]
  readonly from: number
  readonly to: number
}): PlannedFile[] {
  const files: PlannedFile[] = []
  for (let day = Math.floor(from / DAY_MS) * DAY_MS; day < to; day += DAY_MS) {
    const stamp = dayOf(day).replaceAll('-', '')
    if (data === 'asset_ctxs') {
      const name = `${stamp}.csv.lz4`
      files.push({name, path: `asset_ctxs/${name}`, symbol: '', from: day, to: day + DAY_MS, instead: []})
      continue
    }
    for (let hour = 0; hour < 24; hour++) {
      const start = day + hour * 3_600_000
      if (start < Math.floor(from / 3_600_000) * 3_600_000 || start >= to) continue
      for (const coin of coins) {
        const path = `market_data/${stamp}/${hour}/l2Book/${encodeURIComponent(coin)}.lz4`
        const name = `${stamp}-${hour}-${coin}.lz4`
        files.push({name, path, symbol: coin, from: start, to: start + 3_600_000, instead: []})
      }
    }
  }
  return files
}
