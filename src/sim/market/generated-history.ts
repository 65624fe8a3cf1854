import {DAY_MS, HOUR_MS} from '../../kernel/instant.ts'
import {once} from '../../kernel/once.ts'
import {Random} from '../../kernel/random.ts'
import {ASSETS, type AssetSpec, HISTORY_DAYS} from './asset-list.ts'
import {type Bar, oneBar} from './bars.ts'
import {type DailyPath, generateDaily} from './daily-path.ts'
import {extendFunding, type FundingRow, startFunding} from './funding-path.ts'
import {splitBar, tradesIn, withWicks} from './split-bar.ts'
import type {TapeStart} from './tape.ts'

/** The generated past ends here, whatever the date on the wall: results do not depend on when they are computed. */
export const HISTORY_END = Date.parse('2026-11-01T00:00:00Z')
export const HISTORY_START = HISTORY_END - HISTORY_DAYS * DAY_MS

/** Days that are made of hours (5,000 hours and a margin) and hours that are made of minutes (5,000 minutes). */
const HOURLY_DAYS = 210
const MINUTE_DAYS = 4
const HOURLY_FROM_DAY = HISTORY_DAYS - HOURLY_DAYS
const HOURLY_FUNDING_FROM = HISTORY_START + HOURLY_FROM_DAY * DAY_MS

/** Minutes without a trade: (asset, day of the history, hour, minutes). Candles for them do not exist. */
const SILENT_MINUTES: readonly (readonly [string, number, number, readonly number[]])[] = [
  ['KYANITE', HISTORY_DAYS - 2, 3, [17, 18, 41]],
  ['CORAL', HISTORY_DAYS - 1, 4, [5]],
  ['BORAX', HISTORY_DAYS - 1, 22, [52, 53]],
]

/** The past of every asset of the practice venue, from one seed. Finer bars are drawn when they are first asked for. */
export function generatedHistory(seed: number, assets: readonly AssetSpec[] = ASSETS): TapeStart[] {
  const daily = generateDaily(seed, assets)
  return assets.map((asset) => tapeStart(asset, daily.get(asset.name)!, seed))
}

function tapeStart(asset: AssetSpec, paths: readonly DailyPath[], seed: number): TapeStart {
  const last = paths.at(-1)!
  const alive = last.firstDay + last.close.length === HISTORY_DAYS
  const detail = once(() => detailOf(asset, last, seed))
  const days = once(() => paths.flatMap((path) => dayBars(asset, path, seed)).map(replacedBy(detail().days)))
  const funding = once(() => paths.flatMap((path, i) => fundingOf(asset, path, i, seed)))
  return {
    name: asset.name,
    szDecimals: asset.szDecimals,
    seed: String(seed),
    end: HISTORY_END,
    get days() {
      return days()
    },
    get hours() {
      return detail().hours
    },
    get minutes() {
      return detail().minutes
    },
    get funding() {
      return funding()
    },
    hourlyFundingFrom: HOURLY_FUNDING_FROM,
    lastPx: alive ? last.close.at(-1)! : null,
    sigma: last.sigma.at(-1)!,
    dailyLots: median(last.volume.slice(-30)),
  }
}

interface Detail {
  readonly days: ReadonlyMap<number, Bar>
  readonly hours: readonly Bar[]
  readonly minutes: readonly Bar[]
}

/** Hours and minutes of the recent past; each day's and hour's high and low are those of its parts. */
function detailOf(asset: AssetSpec, path: DailyPath, seed: number): Detail {
  const days = new Map<number, Bar>()
  const hours: Bar[] = []
  const minutes: Bar[] = []
  for (let day = Math.max(HOURLY_FROM_DAY, path.firstDay); day < path.firstDay + path.close.length; day++) {
    const i = day - path.firstDay
    const t = HISTORY_START + day * DAY_MS
    const random = new Random(`qo-sim|intraday|${asset.name}|${day}|${seed}`)
    const whole = {t, o: path.open[i]!, c: path.close[i]!, v: path.volume[i]!, sigma: path.sigma[i]!}
    let parts = splitBar(whole, DAY_MS, 24, asset.szDecimals, random)
    if (day >= HISTORY_DAYS - MINUTE_DAYS) {
      parts = parts.map((hour, k) => {
        const cut = {...hour, sigma: path.sigma[i]! / Math.sqrt(24)}
        const fine = splitBar(cut, HOUR_MS, 60, asset.szDecimals, random, silentMinutes(asset.name, day, k))
        minutes.push(...fine.filter((bar) => bar.v > 0))
        return oneBar(fine, hour.t)!
      })
    }
    hours.push(...parts)
    days.set(t, oneBar(parts, t)!)
  }
  return {days, hours, minutes}
}

function dayBars(asset: AssetSpec, path: DailyPath, seed: number): Bar[] {
  const random = new Random(`qo-sim|wicks|${asset.name}|${path.firstDay}|${seed}`)
  const bars = Array.from(path.close, (c, i): Bar => {
    const v = path.volume[i]!
    const t = HISTORY_START + (path.firstDay + i) * DAY_MS
    const shape = withWicks(path.open[i]!, c, path.sigma[i]!, asset.szDecimals, random)
    return {t, ...shape, v, n: tradesIn(v, c, asset.szDecimals)}
  })
  const [last, ended] = [bars.at(-1)!, path.firstDay + path.close.length < HISTORY_DAYS]
  const flat = ended && path.firstDay === asset.spans.at(-1)![0] ? (asset.flatDays ?? 0) : 0
  const px = last.c
  for (let k = 1; k <= flat; k++) bars.push({t: last.t + k * DAY_MS, o: px, h: px, l: px, c: px, v: 0, n: 0})
  return bars
}

function fundingOf(asset: AssetSpec, path: DailyPath, incarnation: number, seed: number): FundingRow[] {
  const funding = startFunding(`qo-sim|funding|${asset.name}#${incarnation + 1}|${seed}`)
  const from = HISTORY_START + path.firstDay * DAY_MS
  extendFunding(funding, from, from + path.close.length * DAY_MS, HOURLY_FUNDING_FROM)
  return funding.rows
}

const replacedBy =
  (detailed: ReadonlyMap<number, Bar>) =>
  (bar: Bar): Bar =>
    detailed.get(bar.t) ?? bar

const silentMinutes = (name: string, day: number, hour: number): Set<number> =>
  new Set(SILENT_MINUTES.find(([n, d, h]) => n === name && d === day && h === hour)?.[3] ?? [])

const median = (values: Float64Array): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
