/** Median; NaN for no values. The values are reordered in place. */
export const median = (values: Float64Array): number => medianOf(values, values.length)

let known = new Float64Array(64)

/** Median of the finite values in [from, to); NaN when there is none. They stay as they are. */
export function knownMedian(values: Float64Array, from = 0, to = values.length): number {
  if (known.length < to - from) known = new Float64Array(2 * (to - from))
  let n = 0
  for (let i = from; i < to; i++) if (Number.isFinite(values[i]!)) known[n++] = values[i]!
  return medianOf(known, n)
}

/** Median of the first `n` values. */
function medianOf(values: Float64Array, n: number): number {
  if (n === 0) return Number.NaN
  const middle = n >> 1
  const upper = select(values, n, middle)
  if (n % 2 === 1) return upper
  // Selection leaves the smaller half in front, so the other middle value is its largest.
  let lower = values[0]!
  for (let i = 1; i < middle; i++) lower = Math.max(lower, values[i]!)
  return (lower + upper) / 2
}

/**
 * The k-th smallest of the first n values, with everything before index k no larger and everything behind it no smaller.
 *
 * @see Hoare (1961), Algorithm 65: Find. Middle pivots keep sorted input, the usual case here, linear.
 */
function select(values: Float64Array, n: number, k: number): number {
  let [left, right] = [0, n - 1]
  while (left < right) {
    const pivot = values[(left + right) >> 1]!
    let [i, j] = [left, right]
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const held = values[i]!
      values[i++] = values[j]!
      values[j--] = held
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else break
  }
  return values[k]!
}
