/** Median; NaN for no values. The values are reordered in place. */
export function median(values: Float64Array): number {
  const n = values.length
  if (n === 0) return Number.NaN
  const middle = n >> 1
  const upper = select(values, middle)
  if (n % 2 === 1) return upper
  // Selection leaves the smaller half in front, so the other middle value is its largest.
  let lower = values[0]!
  for (let i = 1; i < middle; i++) lower = Math.max(lower, values[i]!)
  return (lower + upper) / 2
}

/**
 * The k-th smallest value, with everything before index k no larger and everything behind it no smaller.
 *
 * @see Hoare (1961), Algorithm 65: Find. Middle pivots keep sorted input, the usual case here, linear.
 */
function select(values: Float64Array, k: number): number {
  let [left, right] = [0, values.length - 1]
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
