/** Rows of trades, bbo or book in lake order: by coin, then time; shape [rows] each. */
export interface Ticks {
  readonly count: number
  readonly coin: readonly string[]
  /** venue time, epoch ms */
  readonly ts: Float64Array
  /** the table's other columns; NaN for a missing number */
  readonly columns: Readonly<Record<string, Float64Array | readonly string[]>>
  /** DOUBLE[] columns: one array per row */
  readonly lists: Readonly<Record<string, readonly Float64Array[]>>
}

/** Ticks of one file, and what was seen on the way. */
export interface TakenTicks {
  readonly ticks: Ticks
  /** exact repeats that were dropped, per coin */
  readonly duplicates: ReadonlyMap<string, number>
  /** ticks that came behind a later one of their coin, per coin */
  readonly outOfOrder: ReadonlyMap<string, number>
}

/** Best bid and ask of each tick; null for trades. */
export function bestOf({columns, lists}: Ticks): {bid: Float64Array; ask: Float64Array} | null {
  if (columns['bid_px']) return {bid: columns['bid_px'] as Float64Array, ask: columns['ask_px'] as Float64Array}
  if (!lists['bid_px']) return null
  const top = (levels: readonly Float64Array[]): Float64Array =>
    Float64Array.from(levels, (prices) => prices[0] ?? Number.NaN)
  return {bid: top(lists['bid_px']), ask: top(lists['ask_px']!)}
}

/** Ticks behind a later one of their coin, in the order of the file. */
export function countOutOfOrder(coin: readonly string[], ts: Float64Array): Map<string, number> {
  const latest = new Map<string, number>()
  const late = new Map<string, number>()
  for (let i = 0; i < ts.length; i++) {
    const before = latest.get(coin[i]!) ?? -Infinity
    if (ts[i]! < before) late.set(coin[i]!, (late.get(coin[i]!) ?? 0) + 1)
    else if (ts[i]! > before) latest.set(coin[i]!, ts[i]!)
  }
  return late
}
