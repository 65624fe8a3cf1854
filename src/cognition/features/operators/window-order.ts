import type {Kernel, Operator} from './operator.ts'

/**
 * The values of a window in order: binary search to the place, one block move to make room.
 *
 * A block move of a few hundred doubles costs less than the pointers of a tree, and keeps the order exact.
 */
class SortedWindow {
  readonly values: Float64Array
  size = 0

  constructor(capacity: number) {
    this.values = new Float64Array(capacity)
  }

  /** how many values are below v */
  below(v: number): number {
    let [lo, hi] = [0, this.size]
    while (lo < hi) {
      const mid = (lo + hi) >>> 1
      if (this.values[mid]! < v) lo = mid + 1
      else hi = mid
    }
    return lo
  }

  /** how many values are at or below v */
  upTo(v: number): number {
    let [lo, hi] = [0, this.size]
    while (lo < hi) {
      const mid = (lo + hi) >>> 1
      if (this.values[mid]! <= v) lo = mid + 1
      else hi = mid
    }
    return lo
  }

  insert(v: number): void {
    const place = this.upTo(v)
    this.values.copyWithin(place + 1, place, this.size++)
    this.values[place] = v
  }

  remove(v: number): void {
    const place = this.below(v)
    this.values.copyWithin(place, place + 1, this.size--)
  }
}

const ordered =
  (report: (window: SortedWindow, v: number, constants: readonly number[]) => number): Kernel =>
  ([a], constants, out, {assetCount, barCount}) => {
    const x = a!.values
    const n = constants[0]!
    const window = new SortedWindow(n + 1)
    for (let asset = 0; asset < assetCount; asset++) {
      window.size = 0
      for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
        const v = x[i]!
        out[i] = Number.NaN
        if (Number.isNaN(v)) {
          window.size = 0
          continue
        }
        // `size` is also the length of the run without a hole, up to n.
        if (window.size === n) window.remove(x[i - n]!)
        window.insert(v)
        if (window.size === n) out[i] = report(window, v, constants)
      }
    }
  }

/** Average rank over count: a tie shares its ranks. */
const rank = (window: SortedWindow, v: number): number => (window.below(v) + 1 + window.upTo(v)) / 2 / window.size

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan). */
function quantile({values, size}: SortedWindow, q: number): number {
  const place = q * (size - 1)
  const k = Math.floor(place)
  const low = values[k]!
  return k + 1 < size ? low + (place - k) * (values[k + 1]! - low) : low
}

const time = (summary: string, run: Kernel): Operator => ({
  family: 'time',
  summary,
  args: ['series', 'window'],
  memory: ([n]) => n! - 1,
  run,
})

export const WINDOW_ORDER = {
  ts_rank: time('rank of the newest of the last n bars, 1/n … 1, ties average', ordered(rank)),
  ts_median: time(
    'median of the last n bars',
    ordered((window) => quantile(window, 0.5)),
  ),
  ts_quantile: {
    ...time(
      'quantile q of the last n bars, linear interpolation',
      ordered((window, _, [, q]) => quantile(window, q!)),
    ),
    args: ['series', 'window', 'number'],
    refuse: ([, q]) => (q! >= 0 && q! <= 1 ? null : `a quantile lies between 0 and 1, not at ${q}`),
  },
} satisfies Record<string, Operator>
