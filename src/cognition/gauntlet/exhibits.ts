import type {Exhibit} from '../../contracts/exhibit.ts'

/** Points of a curve: a verdict is read by people and kept in git. */
const MOST_POINTS = 100
const BINS = 40
const DIGITS = 5

type Curves = Extract<Exhibit, {kind: 'curves'}>
type Histogram = Extract<Exhibit, {kind: 'histogram'}>

/** Five significant digits: a picture shows no more, and the same numbers are the same bytes. */
export const rounded = (value: number): number => Number(value.toPrecision(DIGITS))
export const roundedOrNull = (value: number): number | null => (Number.isFinite(value) ? rounded(value) : null)

/** Sum of simple returns over time, thinned to at most 101 points; the first and the last bar stay. */
export function curveOf(
  name: string,
  ts: ArrayLike<number>,
  returns: ArrayLike<number>,
  dashed = false,
): Curves['curves'][number] {
  const length = Math.min(ts.length, returns.length)
  const step = Math.max(1, Math.ceil(length / MOST_POINTS))
  const [x, y]: [number[], number[]] = [[], []]
  let total = 0
  for (let t = 0; t < length; t++) {
    total += returns[t]!
    if (t % step !== 0 && t !== length - 1) continue
    x.push(ts[t]!)
    y.push(total)
  }
  return {...numbersOf(name, x, y), dashed}
}

/** A solid curve; instants are kept whole, everything else is rounded. */
export const numbersOf = (name: string, x: readonly number[], y: readonly number[]): Curves['curves'][number] => ({
  name,
  dashed: false,
  x: x.map((value) => (Number.isInteger(value) ? value : rounded(value))).join(' '),
  y: y.map(rounded).join(' '),
})

/**
 * Counts in forty bins of equal width that hold all values, and the marks with them.
 *
 * @param values  finite, at least one
 */
export function histogramOf(
  values: ArrayLike<number>,
  marks: Histogram['marks'],
  texts: Pick<Histogram, 'name' | 'title' | 'xLabel' | 'yLabel'>,
): Histogram {
  const all = Array.from(values)
  const low = all.reduce((least, value) => Math.min(least, value), all[0]!)
  const high = all.reduce((most, value) => Math.max(most, value), all[0]!)
  const width = rounded(high > low ? (high - low) / BINS : Math.max(1e-9, Math.abs(high) / BINS))
  const from = rounded(low - width / 2)
  const counts = Array<number>(BINS + 2).fill(0)
  for (const value of all) counts[Math.min(BINS + 1, Math.max(0, Math.floor((value - from) / width)))]! += 1
  return {
    kind: 'histogram',
    ...texts,
    ...{from, width, counts},
    marks: marks.map(({at, label}) => ({at: rounded(at), label})),
  }
}
