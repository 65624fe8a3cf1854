import type {Level} from '../market/market-source.ts'
import type {Order} from '../order.ts'

/** One resting order. An agent's has an owner; a client's has the order itself, whose size the venue keeps. */
export interface Entry {
  readonly owner: number
  readonly level: PriceLevel
  lots: number
  readonly order: Order | null
  /** of a client's order: filled here, not yet booked by the venue */
  pending: number
}

interface PriceLevel {
  readonly px: number
  readonly isBid: boolean
  readonly entries: Entry[]
  /** of agents only */
  lots: number
}

/** One price against which a taker traded. `owner` is the agent that stood there, null for a client. */
export type Hit = (px: number, lots: number, owner: number | null) => void

export const CLIENT = -1

/** Price levels with their queues, in integers; first come, first served. Never crossed: whoever adds looks first. */
export class OrderBook {
  readonly #bids: PriceLevel[] = []
  readonly #asks: PriceLevel[] = []

  /** Best price of a side, clients' orders included; undefined when it is empty. */
  best(isBid: boolean): number | undefined {
    return (isBid ? this.#bids : this.#asks)[0]?.px
  }

  add(isBid: boolean, px: number, lots: number, owner: number, order: Order | null = null): Entry {
    const level = this.#levelAt(isBid, px)
    const entry: Entry = {owner, level, lots, order, pending: 0}
    level.entries.push(entry)
    if (order === null) level.lots += lots
    return entry
  }

  remove(entry: Entry): void {
    const {level} = entry
    const at = level.entries.indexOf(entry)
    if (at < 0) return
    level.entries.splice(at, 1)
    if (entry.order === null) level.lots -= entry.lots
    entry.lots = 0
    if (level.entries.length === 0) this.#drop(level)
  }

  /**
   * Trade up to `lots` against the other side at `limitPx` or better.
   *
   * @param clients  false: pass clients' orders by, the venue matches them itself
   * @returns        lots traded
   */
  take(isBuy: boolean, limitPx: number, lots: number, hit: Hit, clients = true): number {
    const side = isBuy ? this.#asks : this.#bids
    let left = lots
    for (const level of [...side]) {
      if (left === 0 || (isBuy ? level.px > limitPx : level.px < limitPx)) break
      for (const entry of [...level.entries]) {
        if (left === 0) break
        if (entry.order !== null && !clients) continue
        const size = Math.min(left, available(entry))
        if (size === 0) continue
        left -= size
        this.#fill(entry, size)
        hit(level.px, size, entry.order === null ? entry.owner : null)
      }
    }
    return lots - left
  }

  /** What agents offer, best first. */
  levels(isBid: boolean, count: number): Level[] {
    const found: Level[] = []
    for (const {px, lots} of isBid ? this.#bids : this.#asks) {
      if (lots > 0) found.push({px, lots})
      if (found.length === count) break
    }
    return found
  }

  #fill(entry: Entry, lots: number): void {
    if (entry.order !== null) {
      entry.pending += lots
      return
    }
    entry.lots -= lots
    entry.level.lots -= lots
    if (entry.lots === 0) this.remove(entry)
  }

  #levelAt(isBid: boolean, px: number): PriceLevel {
    const side = isBid ? this.#bids : this.#asks
    let at = 0
    while (at < side.length && (isBid ? side[at]!.px > px : side[at]!.px < px)) at++
    const found = side[at]
    if (found?.px === px) return found
    const level: PriceLevel = {px, isBid, entries: [], lots: 0}
    side.splice(at, 0, level)
    return level
  }

  #drop(level: PriceLevel): void {
    const side = level.isBid ? this.#bids : this.#asks
    const at = side.indexOf(level)
    if (at >= 0) side.splice(at, 1)
  }
}

const available = ({order, lots, pending}: Entry): number => (order === null ? lots : Math.max(0, order.lots - pending))
