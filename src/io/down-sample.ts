/**
 * Thin a line to at most about `most` points without losing a spike: of every bucket the first, lowest, highest and
 * last point stay, in their order. A gap (not a number) stays a gap.
 */
export function downSample(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  most: number,
): (readonly [number, number | '-'])[] {
  const n = Math.min(x.length, y.length)
  const point = (i: number): readonly [number, number | '-'] => [x[i]!, Number.isFinite(y[i]!) ? y[i]! : '-']
  if (n <= most) return Array.from({length: n}, (_, i) => point(i))
  const buckets = Math.max(1, Math.floor(most / 4))
  const kept: (readonly [number, number | '-'])[] = []
  for (let b = 0; b < buckets; b++) {
    const from = Math.floor((b * n) / buckets)
    const to = Math.floor(((b + 1) * n) / buckets)
    let [low, high, gap] = [from, from, -1]
    for (let i = from; i < to; i++) {
      if (!Number.isFinite(y[i]!)) gap = i
      else if (y[i]! < y[low]! || !Number.isFinite(y[low]!)) low = i
      if (y[i]! > y[high]! || !Number.isFinite(y[high]!)) high = i
    }
    const picks = new Set([from, low, high, to - 1, ...(gap >= 0 ? [gap] : [])])
    for (const i of [...picks].sort((a, c) => a - c)) kept.push(point(i))
  }
  return kept
}
