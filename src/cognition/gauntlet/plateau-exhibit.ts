import type {Exhibit} from '../../contracts/exhibit.ts'
import {roundedOrNull} from './exhibits.ts'

export interface Axis {
  readonly name: string
  readonly values: readonly number[]
}

/** Square cells of a picture that people still read. */
const MOST_COLUMNS = 24

/**
 * The Sharpe of the grid as a map: the last two axes that have a choice, everything else at the declared point. The
 * declared value of each axis is marked, so that grey and colour show the same.
 *
 * @param sharpes    shape [K], per period, the last axis fastest
 * @param candidate  index of the declared point
 * @param annual     √ periods per year
 * @returns          null for a grid of one point
 */
export function plateauExhibit(
  axes: readonly Axis[],
  sharpes: readonly number[],
  candidate: number,
  annual: number,
): Exhibit | null {
  const strides = axes.map((_, i) => axes.slice(i + 1).reduce((product, {values}) => product * values.length, 1))
  const free = axes.map((_, i) => i).filter((i) => axes[i]!.values.length > 1)
  if (free.length === 0) return null
  const [across, down] = [free.at(-1)!, free.at(-2) ?? null]
  const placeOf = (i: number): number => Math.floor(candidate / strides[i]!) % axes[i]!.values.length
  const at = (row: number, column: number): number =>
    candidate +
    (column - placeOf(across)) * strides[across]! +
    (down === null ? 0 : (row - placeOf(down)) * strides[down]!)
  const columns = near(axes[across]!.values.length, placeOf(across))
  const rows = down === null ? [0] : near(axes[down]!.values.length, placeOf(down))
  const named = (i: number, place: number): string =>
    `${axes[i]!.values[place]}${place === placeOf(i) ? ' ◂ declared' : ''}`
  const fixed = free.slice(0, -2).map((i) => `${axes[i]!.name} = ${axes[i]!.values[placeOf(i)]}`)
  return {
    kind: 'heat',
    name: 'plateau',
    title: `Annual net Sharpe around the declared point${fixed.length === 0 ? '' : `, at ${fixed.join(', ')}`}`,
    xLabel: axes[across]!.name,
    yLabel: down === null ? '' : axes[down]!.name,
    columns: columns.map((place) => named(across, place)),
    rows: down === null ? [''] : rows.map((place) => named(down, place)),
    values: rows.map((row) => columns.map((column) => roundedOrNull(sharpes[at(row, column)]! * annual))),
  }
}

/** All places of an axis, or the nearest of a long one. */
function near(length: number, place: number): number[] {
  const from = Math.max(0, Math.min(length - MOST_COLUMNS, place - MOST_COLUMNS / 2))
  return Array.from({length: Math.min(length, MOST_COLUMNS)}, (_, i) => from + i)
}
