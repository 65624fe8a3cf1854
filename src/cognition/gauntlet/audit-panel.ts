import type {InputName, Panel} from '../../contracts/panel.ts'
import type {Random} from '../../kernel/random.ts'

/** A panel and the universe that goes with it. */
export interface View {
  readonly panel: Panel
  readonly mask: readonly Uint8Array[]
}

/** A view of some of its bars: every column cut the same way. */
export function cutView({panel, mask}: View, cut: <T extends Float64Array | Uint8Array>(column: T) => T): View {
  return {
    panel: {
      ...panel,
      ts: cut(panel.ts),
      series: new Map([...panel.series].map(([name, columns]) => [name, columns.map(cut)])),
      ...(panel.fundingAtOpen ? {fundingAtOpen: panel.fundingAtOpen.map(cut)} : {}),
      state: panel.state.map(cut),
      availableAt: panel.availableAt.map(cut),
    },
    mask: mask.map(cut),
  }
}

/**
 * What was knowable at the close of bar `cut`: bars up to it, without those whose values came later.
 *
 * Columns are views of the same memory except where a late value has to be blanked.
 */
export function truncateView(view: View, cut: number): View {
  const length = cut + 1
  const {panel, mask} = cutView(view, (column) => column.subarray(0, length) as typeof column)
  const close = panel.ts[cut]! + panel.barMs
  const late = panel.availableAt.map((column) => lateBars(column, length, close))
  const series = new Map<InputName, readonly Float64Array[]>()
  for (const [name, columns] of panel.series) {
    series.set(
      name,
      columns.map((column, a) => blanked(column, late[a]!)),
    )
  }
  return {panel: {...panel, series}, mask}
}

export const SCRAMBLES = ['noise', 'times ten', 'missing'] as const
export type Scramble = (typeof SCRAMBLES)[number]

/**
 * The same length, the same past, another future: every value that came after the close of bar `cut` is replaced.
 *
 * Catches what truncation cannot see: leaks through the length of the data or through something computed over all of it.
 */
export function scrambleView({panel, mask}: View, cut: number, kind: Scramble, random: Random): View {
  const close = panel.ts[cut]! + panel.barMs
  const series = new Map<InputName, readonly Float64Array[]>()
  for (const [name, columns] of panel.series) {
    series.set(
      name,
      columns.map((column, a) => {
        const copy = Float64Array.from(column)
        const available = panel.availableAt[a]!
        for (let t = 0; t < copy.length; t++) {
          if (t <= cut && !(available[t]! > close)) continue
          if (kind === 'noise') copy[t] = copy[t]! * Math.exp(random.normal())
          else copy[t] = kind === 'missing' ? Number.NaN : copy[t]! * 10
        }
        return copy
      }),
    )
  }
  // Membership after the cut is future too.
  const shuffled = mask.map((column) => column.map((member, t) => (t <= cut ? member : random.below(2))))
  return {panel: {...panel, series}, mask: shuffled}
}

/**
 * Cuts for the truncation audit: `phases` × 2 bars in a row, so that every phase of a coarser bar is hit, and the rest
 * at random.
 *
 * @param first    bar before which nothing is decided
 * @returns        ascending, distinct, each < T − 1: the last bar has no future to leak
 */
export function auditCuts(T: number, first: number, wanted: number, phases: number, random: Random): number[] {
  const [low, high] = [Math.min(first, Math.max(0, T - 2)), T - 2]
  const room = high - low + 1
  if (room <= wanted) return Array.from({length: Math.max(0, room)}, (_, i) => low + i)
  const cuts = new Set<number>()
  const inARow = Math.min(wanted / 2, 2 * phases)
  const start = low + random.below(room - Math.floor(inARow))
  for (let i = 0; i < inARow; i++) cuts.add(start + i)
  while (cuts.size < wanted) cuts.add(low + random.below(room))
  return [...cuts].sort((a, b) => a - b)
}

function lateBars(available: Float64Array, length: number, close: number): number[] {
  const late: number[] = []
  for (let t = 0; t < length; t++) if (available[t]! > close) late.push(t)
  return late
}

function blanked(column: Float64Array, late: readonly number[]): Float64Array {
  if (late.length === 0) return column
  const copy = Float64Array.from(column)
  for (const t of late) copy[t] = Number.NaN
  return copy
}
