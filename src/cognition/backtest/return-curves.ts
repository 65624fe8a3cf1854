/** Running sum of a series: the arithmetic equity curve that costs can be peeled off. */
export function cumulative(series: Float64Array): Float64Array {
  let total = 0
  return series.map((r) => (total += r))
}

/** Distance from the running peak of compounded returns: 0 or negative, shape [T]. */
export function drawdownCurve(net: Float64Array): Float64Array {
  let [value, peak] = [1, 1]
  return net.map((r) => {
    value *= 1 + r
    peak = Math.max(peak, value)
    return value / peak - 1
  })
}

/** Bars between two peaks, at most; a fall that has not ended counts to the end. */
export function longestDrawdownBars(drawdown: Float64Array): number {
  let [longest, since] = [0, 0]
  for (const depth of drawdown) {
    since = depth < 0 ? since + 1 : 0
    longest = Math.max(longest, since)
  }
  return longest
}

/**
 * Annual Sharpe ratio of the `window` bars up to each bar.
 *
 * @returns shape [T]; NaN before the window is full and where its returns do not vary
 */
export function rollingSharpe(net: Float64Array, window: number, periodsPerYear: number): Float64Array {
  const sum = new Float64Array(net.length + 1)
  const square = new Float64Array(net.length + 1)
  for (let t = 0; t < net.length; t++) {
    sum[t + 1] = sum[t]! + net[t]!
    square[t + 1] = square[t]! + net[t]! ** 2
  }
  return Float64Array.from(net, (_, t) => {
    if (t + 1 < window) return Number.NaN
    const total = sum[t + 1]! - sum[t + 1 - window]!
    const variance = (square[t + 1]! - square[t + 1 - window]! - total ** 2 / window) / (window - 1)
    return variance > 1e-18 ? (total / window / Math.sqrt(variance)) * Math.sqrt(periodsPerYear) : Number.NaN
  })
}

/** Compounded return per calendar month, UTC, by the open of the bar; oldest first. */
export function monthlyReturns(ts: Float64Array, net: Float64Array): {month: string; net: number}[] {
  const months: {month: string; net: number}[] = []
  for (let t = 0; t < ts.length; t++) {
    const month = new Date(ts[t]!).toISOString().slice(0, 7)
    const last = months.at(-1)
    if (last?.month === month) last.net = (1 + last.net) * (1 + net[t]!) - 1
    else months.push({month, net: net[t]!})
  }
  return months
}
