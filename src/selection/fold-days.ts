import {DAY_MS} from '../kernel/instant.ts'
import {median} from '../kernel/median.ts'
import type {AssetDays} from './asset-days.ts'

/** One observation of a coin. It counts for the day in which it became available. */
export interface Observations {
  readonly coin: readonly string[]
  /** shape [n], epoch ms */
  readonly availableAt: Float64Array
  /** shape [n]; NaN is no observation */
  readonly value: Float64Array
}

type Place = Pick<AssetDays, 'assets' | 'bars' | 'day0' | 'days'>

/**
 * Collects observations of coins into the days of a table, a batch at a time: recorded books do not fit in memory.
 *
 * An observation of a reused name belongs to the incarnation that was the last to begin. What became available at the
 * very close of a day counts for that day.
 */
export class DayFold {
  readonly #place: Place
  readonly #lives: ReadonlyMap<string, readonly {asset: number; born: number}[]>
  readonly #values = new Map<number, number[]>()

  constructor(place: Place) {
    this.#place = place
    const lives = new Map<string, {asset: number; born: number}[]>()
    place.assets.forEach((name, asset) => {
      const coin = name.replace(/#\d+$/, '')
      const born = place.bars[asset]!.findIndex((count) => count > 0)
      lives.set(coin, [...(lives.get(coin) ?? []), {asset, born: Math.max(0, born)}])
    })
    this.#lives = lives
  }

  add({coin, availableAt, value}: Observations): void {
    const {day0, days} = this.#place
    for (let i = 0; i < coin.length; i++) {
      const day = Math.ceil((availableAt[i]! - day0) / DAY_MS) - 1
      if (day < 0 || day >= days || Number.isNaN(value[i]!)) continue
      const lives = this.#lives.get(coin[i]!)
      if (lives === undefined) continue
      const {asset} = lives.findLast(({born}) => born <= day) ?? lives[0]!
      const key = asset * days + day
      const found = this.#values.get(key)
      if (found) found.push(value[i]!)
      else this.#values.set(key, [value[i]!])
    }
  }

  /** Shape [N][D]: the last observation of each day in the order added, NaN where there is none. */
  last(): Float64Array[] {
    return this.#spread((values) => values.at(-1)!)
  }

  /** Shape [N][D]: the median of each day, NaN where there is no observation. */
  median(): Float64Array[] {
    return this.#spread((values) => median(Float64Array.from(values)))
  }

  /** Shape [N][D]: the last observation up to each day, NaN before the first. */
  lastKnown(): Float64Array[] {
    const columns = this.last()
    for (const column of columns) {
      for (let d = 1; d < column.length; d++) if (Number.isNaN(column[d]!)) column[d] = column[d - 1]!
    }
    return columns
  }

  #spread(pick: (values: readonly number[]) => number): Float64Array[] {
    const {assets, days} = this.#place
    return assets.map((_, asset) =>
      Float64Array.from({length: days}, (_, day) => {
        const values = this.#values.get(asset * days + day)
        return values ? pick(values) : Number.NaN
      }),
    )
  }
}

/** Size that rests within 10 bps of mid, quote currency: the thinner side. A book that ends nearer says what it shows. */
export function depthWithin(
  bidPx: Float64Array,
  bidSz: Float64Array,
  askPx: Float64Array,
  askSz: Float64Array,
  withinBps = 10,
): number {
  if (bidPx.length === 0 || askPx.length === 0) return Number.NaN
  const mid = (bidPx[0]! + askPx[0]!) / 2
  const reach = (mid * withinBps) / 10_000
  const side = (px: Float64Array, sz: Float64Array): number => {
    let sum = 0
    // Half a unit in the last place: a level exactly 10 bps away is within them whatever its decimals.
    for (let i = 0; i < px.length; i++) if (Math.abs(px[i]! - mid) <= reach * (1 + 1e-9)) sum += px[i]! * sz[i]!
    return sum
  }
  return Math.min(side(bidPx, bidSz), side(askPx, askSz))
}
