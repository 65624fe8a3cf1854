/** Average ranks 1 … n of the first n values; ties share theirs. `sorted` and `out` have room for n. */
export function averageRanks(value: Float64Array, n: number, sorted: Float64Array, out: Float64Array): void {
  const order = sorted.subarray(0, n)
  order.set(value.subarray(0, n))
  order.sort()
  for (let k = 0; k < n; k++) {
    const v = value[k]!
    let [lo, hi] = [0, n]
    while (lo < hi) {
      const mid = (lo + hi) >>> 1
      if (order[mid]! < v) lo = mid + 1
      else hi = mid
    }
    let end = lo
    while (end < n && order[end] === v) end++
    out[k] = (lo + 1 + end) / 2
  }
}

/** Pearson correlation of the first n pairs; NaN when a side does not vary or a number is too large. */
export function correlationOf(x: Float64Array, y: Float64Array, n: number): number {
  let [mx, my] = [0, 0]
  for (let k = 0; k < n; k++) {
    mx += x[k]!
    my += y[k]!
  }
  mx /= n
  my /= n
  let [sxy, sxx, syy] = [0, 0, 0]
  let [flatX, flatY] = [true, true]
  for (let k = 0; k < n; k++) {
    const [dx, dy] = [x[k]! - mx, y[k]! - my]
    sxy += dx * dy
    sxx += dx * dx
    syy += dy * dy
    flatX &&= x[k] === x[0]
    flatY &&= y[k] === y[0]
  }
  if (flatX || flatY) return Number.NaN
  const r = sxy / Math.sqrt(sxx * syy)
  return Number.isFinite(r) ? Math.max(-1, Math.min(1, r)) : Number.NaN
}
