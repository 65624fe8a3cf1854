/**
 * The known name within edit distance 2 (3 for long names), or null: what somebody who mistyped probably meant.
 *
 * Ties go to the first of `known`, so the hint never depends on anything but the lists.
 */
export function nearestName(name: string, known: Iterable<string>): string | null {
  let best: string | null = null
  let least = name.length > 8 ? 3.5 : 2.5
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/**
 * The asset somebody meant by a name of another venue: `BTC` for BTCUSDT, `PEPE` for 1000PEPEUSDT, `BTCUSDT` for BTC; else
 * the nearest name. The shortest that begins with the name comes first, or `ETH` would mean ETHFIUSDT.
 */
export function nearestAsset(name: string, known: readonly string[]): string | null {
  const wanted = name.toLowerCase()
  const byLength = [...known].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const find = (is: (candidate: string) => boolean): string | undefined =>
    wanted.length < 2 ? undefined : byLength.find((candidate) => is(candidate.toLowerCase()))
  return (
    find((candidate) => candidate.startsWith(wanted)) ??
    find((candidate) => candidate.includes(wanted)) ??
    nearestName(name, known) ??
    byLength.findLast((candidate) => candidate.length > 1 && wanted.startsWith(candidate.toLowerCase())) ??
    null
  )
}

/** Levenshtein distance with one row of memory. */
function editDistance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]!
}
