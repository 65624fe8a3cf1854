/**
 * Which subscription kills the socket. The venue drops the connection without a word when it does not know a coin, some
 * 100 ms after it was asked: guilty is one of those that were not answered yet.
 *
 * After one such death the unanswered are asked for last; after a second they are asked for one at a time; one that
 * killed the socket twice while it was alone is guilty.
 */
export class Suspects<Item> {
  readonly #windowMs: number
  readonly #unanswered = new Set<Item>()
  readonly #strikes = new Map<Item, number>()
  #suspects = new Set<Item>()
  #deaths = 0
  #sentAt = Number.NEGATIVE_INFINITY

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  sent(item: Item, at: number): void {
    this.#unanswered.add(item)
    this.#sentAt = at
  }

  cleared(item: Item): void {
    if (this.#unanswered.size > 0) this.#unanswered.delete(item)
    if (this.#suspects.size > 0 && this.#suspects.delete(item) && this.#suspects.size === 0) this.#deaths = 0
  }

  /** The socket died. Says whether a subscription may be why, and which one is proven guilty. */
  died(at: number): {readonly suspicious: boolean; readonly guilty: Item | null} {
    const unanswered = [...this.#unanswered]
    this.#unanswered.clear()
    const suspicious = unanswered.length > 0 && at - this.#sentAt <= this.#windowMs
    if (!suspicious) return {suspicious, guilty: null}
    const still = unanswered.filter((item) => this.#suspects.has(item))
    this.#suspects = new Set(still.length > 0 ? still : unanswered)
    this.#deaths = still.length > 0 ? this.#deaths + 1 : 1
    const alone = this.#deaths > 1 && unanswered.length === 1 ? unanswered[0]! : null
    if (alone === null) return {suspicious, guilty: null}
    const strikes = (this.#strikes.get(alone) ?? 0) + 1
    this.#strikes.set(alone, strikes)
    if (strikes < 2) return {suspicious, guilty: null}
    this.#suspects.delete(alone)
    return {suspicious, guilty: alone}
  }

  /** true when this one must be asked for alone, and another answer is still awaited */
  mustWait(item: Item): boolean {
    if (this.#deaths < 2 || !this.#suspects.has(item)) return false
    return this.#unanswered.size > (this.#unanswered.has(item) ? 1 : 0)
  }

  /** The trusted first. */
  order(items: readonly Item[]): Item[] {
    if (this.#suspects.size === 0) return [...items]
    const isSuspect = (item: Item): boolean => this.#suspects.has(item)
    return [...items.filter((item) => !isSuspect(item)), ...items.filter(isSuspect)]
  }
}
