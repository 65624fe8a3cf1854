import type {Interval} from '../kernel/instant.ts'

/** What an asset is at a bar. Only `live` is tradable history. */
export const BAR = {absent: 0, prelisting: 1, live: 2, dead: 3} as const

/** Inputs a panel can carry; a name the lake has no rows for is missing from `series`. */
export type InputName = 'open' | 'high' | 'low' | 'close' | 'volume' | 'trades' | 'funding'

export type UniverseKind = 'derived' | 'snapshot'

/**
 * Market data of one venue on one uniform time grid: the only form in which research sees the lake.
 *
 * T bars × N assets. An asset is one incarnation, named `NAME` or `NAME#2`; each incarnation has its own columns, so no
 * window ever spans a reused name. Where an asset has no bar, every series is NaN and `state` is absent.
 */
export interface Panel {
  readonly venue: string
  readonly interval: Interval
  readonly barMs: number
  /** shape [T], open time of each bar, epoch ms, step `barMs` exactly */
  readonly ts: Float64Array
  /** shape [N] */
  readonly assets: readonly string[]
  /** input name -> shape [N][T]; `funding` is the sum of rates available in (previous close, this close], per bar */
  readonly series: ReadonlyMap<InputName, readonly Float64Array[]>
  /**
   * shape [N][T], the part of `funding` whose scheduled settlement is at or before the bar's open: it falls on the
   * position held before the bar's fills. Without it the settlements of a bar count as equal.
   */
  readonly fundingAtOpen?: readonly Float64Array[]
  /** shape [N][T], a BAR code per bar */
  readonly state: readonly Uint8Array[]
  /** shape [N][T], when each bar's values could first be used; NaN where absent */
  readonly availableAt: readonly Float64Array[]
  /** shape [N], max leverage and size decimals where a universe snapshot says so */
  readonly sizeDecimals: readonly (number | null)[]
  readonly universe: UniverseKind
  /** epoch ms from which the candidate list is known to be complete; null: unknown */
  readonly completeFrom: number | null
  /** true when any row came from a survivor list: taints every artifact computed from it */
  readonly survivorSource: boolean
  /** interval the bars were aggregated from, when not their own */
  readonly aggregatedFrom: Interval | null
  /** holes of the coverage ledger that the caller allowed in what was read; none when missing */
  readonly holes?: number
  /** SHA-256 over canonical keys and values of the rows read */
  readonly dataSha: string
}
