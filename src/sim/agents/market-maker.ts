import type {Random} from '../../kernel/random.ts'
import {ceilPx, floorPx} from '../market/price-grid.ts'
import type {Entry, OrderBook} from './order-book.ts'

/** What every maker can see when he looks at the market again. */
export interface MakerView {
  readonly book: OrderBook
  readonly szDecimals: number
  /** log value `lag` steps ago: nobody who quotes is first to know */
  readonly valueBefore: (lag: number) => number
  /** half-spread as a share of the price, before the volatility of the hour */
  readonly half: number
  /** volatility of the last minute against the usual one */
  readonly heat: number
  /** lots at the first level */
  readonly touchLots: number
  /** inventory at which only the reducing side is quoted */
  readonly maxLots: number
}

const LEVELS = 6
/** Size grows with each level away from the touch. */
const GROWTH = 0.35
/** Inventory at its limit moves the whole ladder by so many half-spreads. */
const SKEW = 1.2
/** A ladder stays, and keeps its place in the queues, while the value has moved less than this share of the half-spread. */
const TOLERANCE = 0.35

/**
 * Quotes a ladder around what he believes the value is, shifted against his inventory, and looks again only now and
 * then: in between his quotes are stale, which is what informed takers live on.
 */
export class MarketMaker {
  readonly owner: number
  readonly #random: Random
  readonly #lag: number
  readonly #patience: number
  readonly #wide: number
  #entries: Entry[] = []
  #quotedAt = Number.NaN
  #quotedSkew = 0
  #quotedLots = 0
  dueAt = 0

  constructor(owner: number, random: Random) {
    this.owner = owner
    this.#random = random
    this.#lag = 3 + random.below(12)
    this.#patience = 3 + random.below(10)
    this.#wide = 0.8 + 0.7 * random.unit()
  }

  /** @param lots  inventory, signed */
  look(step: number, lots: number, view: MakerView): void {
    this.dueAt = step + this.#patience + this.#random.below(this.#patience)
    const half = view.half * this.#wide * (0.5 + 0.5 * view.heat)
    const skew = -SKEW * half * Math.max(-1.5, Math.min(1.5, lots / view.maxLots))
    const value = view.valueBefore(this.#lag) + skew
    const standing = this.#entries.reduce((sum, entry) => sum + entry.lots, 0)
    const isWhole = standing > 0.7 * this.#quotedLots
    if (isWhole && Math.abs(value - this.#quotedAt) < TOLERANCE * half && skew * this.#quotedSkew >= 0) return
    for (const entry of this.#entries) view.book.remove(entry)
    this.#entries = []
    this.#quotedAt = value
    this.#quotedSkew = skew
    if (lots < view.maxLots) this.#ladder(true, value, half, view)
    if (lots > -view.maxLots) this.#ladder(false, value, half, view)
    this.#quotedLots = this.#entries.reduce((sum, entry) => sum + entry.lots, 0)
  }

  #ladder(isBid: boolean, value: number, half: number, {book, szDecimals, touchLots, heat}: MakerView): void {
    const sign = isBid ? -1 : 1
    const middle = Math.exp(value) * 1e6
    const opposite = book.best(!isBid)
    let away = half
    let before = Number.NaN
    for (let k = 0; k < LEVELS; k++) {
      const raw = middle * (1 + sign * away)
      away += half * (0.4 + 0.8 * this.#random.unit())
      let px = isBid ? floorPx(raw, szDecimals) : ceilPx(raw, szDecimals)
      // Post only: behind whoever is quoted on the other side.
      if (opposite !== undefined && (isBid ? px >= opposite : px <= opposite)) {
        px = isBid ? floorPx(opposite - 1, szDecimals) : ceilPx(opposite + 1, szDecimals)
      }
      if (px === before) continue
      before = px
      const shown = touchLots * (1 + GROWTH * k) * (0.6 + 0.8 * this.#random.unit())
      this.#entries.push(book.add(isBid, px, Math.max(1, Math.round(shown / Math.max(0.5, heat))), this.owner))
    }
  }
}
