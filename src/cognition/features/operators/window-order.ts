import {type Kernel, type Operator, windowOperator} from './operator.ts'

/** Up to here going through the window is faster than what saves the way. */
const SHORT = 64

/** Average rank over count of the newest: a tie shares its ranks. Counted bar by bar; O(T n). */
function rankByCounting(x: Float64Array, n: number, out: Float64Array, start: number, end: number): void {
  let run = 0
  for (let i = start; i < end; i++) {
    const v = x[i]!
    run = v - v === 0 ? run + 1 : 0
    if (run < n) {
      out[i] = Number.NaN
      continue
    }
    // Number(…) counts without a branch, which nobody could predict here: a third of the time.
    let [below, upTo] = [0, 0]
    for (let k = i - n + 1; k <= i; k++) {
      const w = x[k]!
      below += Number(w < v)
      upTo += Number(w <= v)
    }
    out[i] = (below + upTo + 1) / 2 / n
  }
}

/** First place of the sorted values that is not below v. Halves without a branch: which way is what nobody could predict. */
function below(sorted: Float64Array, size: number, v: number): number {
  let low = 0
  let left = size
  while (left > 1) {
    const half = left >>> 1
    low += Number(sorted[low + half - 1]! < v) * half
    left -= half
  }
  return low + Number(sorted[low]! < v)
}

/** First place of the sorted values that is above v. */
function upTo(sorted: Float64Array, size: number, v: number): number {
  let low = 0
  let left = size
  while (left > 1) {
    const half = left >>> 1
    low += Number(sorted[low + half - 1]! <= v) * half
    left -= half
  }
  return low + Number(sorted[low]! <= v)
}

/** Take `old` out and put `fresh` in: what lies between the two places moves by one. */
function replace(sorted: Float64Array, size: number, old: number, fresh: number): void {
  let place = below(sorted, size, old)
  if (size <= SHORT) {
    // The move finds the other place on its way.
    for (; place + 1 < size && sorted[place + 1]! < fresh; place++) sorted[place] = sorted[place + 1]!
    for (; place > 0 && sorted[place - 1]! > fresh; place--) sorted[place] = sorted[place - 1]!
  } else if (fresh > old) {
    const stop = below(sorted, size, fresh) - 1
    sorted.copyWithin(place, place + 1, stop + 1)
    place = stop
  } else if (fresh < old) {
    const stop = upTo(sorted, size, fresh)
    sorted.copyWithin(stop + 1, stop, place)
    place = stop
  }
  sorted[place] = fresh
}

/**
 * The values of a window in order: binary search to the place of the oldest, one move to that of the newest.
 *
 * Moving a few hundred doubles costs less than the pointers of a tree, and keeps the order exact.
 *
 * @param q  quantile that is asked for; null for the rank of the newest
 */
function slide(
  x: Float64Array,
  n: number,
  q: number | null,
  out: Float64Array,
  start: number,
  end: number,
  sorted: Float64Array,
): void {
  let run = 0
  for (let i = start; i < end; i++) {
    const v = x[i]!
    out[i] = Number.NaN
    if (v - v !== 0) {
      run = 0
      continue
    }
    if (++run < n) continue
    if (run === n) {
      sorted.set(x.subarray(i - n + 1, i + 1))
      sorted.sort()
    } else replace(sorted, n, x[i - n]!, v)
    out[i] = q === null ? (below(sorted, n, v) + 1 + upTo(sorted, n, v)) / 2 / n : quantile(sorted, n, q)
  }
}

const ordered =
  (share: (constants: readonly number[]) => number | null): Kernel =>
  ([a], constants, out, {assetCount, barCount}) => {
    const n = constants[0]!
    const sorted = new Float64Array(n)
    for (let asset = 0; asset < assetCount; asset++) {
      slide(a!.values, n, share(constants), out, asset * barCount, (asset + 1) * barCount, sorted)
    }
  }

const rankInOrder = ordered(() => null)

const rank: Kernel = (inputs, constants, out, frame, text) => {
  const n = constants[0]!
  if (n > SHORT) return rankInOrder(inputs, constants, out, frame, text)
  for (let asset = 0; asset < frame.assetCount; asset++) {
    rankByCounting(inputs[0]!.values, n, out, asset * frame.barCount, (asset + 1) * frame.barCount)
  }
}

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan). */
function quantile(sorted: Float64Array, n: number, q: number): number {
  const place = q * (n - 1)
  const k = Math.floor(place)
  const low = sorted[k]!
  return k + 1 < n ? low + (place - k) * (sorted[k + 1]! - low) : low
}

export const WINDOW_ORDER = {
  ts_rank: windowOperator('rank of the newest of the last n bars, 1/n … 1, ties average', rank),
  ts_median: windowOperator(
    'median of the last n bars',
    ordered(() => 0.5),
  ),
  ts_quantile: {
    ...windowOperator(
      'quantile q of the last n bars, linear interpolation',
      ordered(([, q]) => q!),
    ),
    args: ['series', 'window', 'number'],
    refuse: ([, q]) => (q! >= 0 && q! <= 1 ? null : `a quantile lies between 0 and 1, not at ${q}`),
  },
} satisfies Record<string, Operator>
