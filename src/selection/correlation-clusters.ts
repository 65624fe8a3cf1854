/**
 * Groups of assets that move together: average linkage on the distance 1 − ρ, cut where the mean correlation between two
 * groups falls below `minCorrelation`.
 *
 * Nearest-neighbour chains find the merges of average linkage in O(n²): the linkage is reducible, so merging mutual
 * nearest neighbours in any order gives the same tree.
 *
 * @param rho  shape [n][n], symmetric
 * @returns    shape [n], cluster of each asset; a cluster is named by the smallest index in it
 * @see Sokal & Michener (1958); Murtagh (1983), nearest-neighbour chains
 */
export function correlationClusters(rho: readonly Float64Array[], minCorrelation: number): number[] {
  const n = rho.length
  const distance = rho.map((row) => row.map((value) => 1 - value))
  const size = new Uint32Array(n).fill(1)
  const isLive = new Uint8Array(n).fill(1)
  const cluster = Array.from({length: n}, (_, i) => i)
  const cut = 1 - minCorrelation
  const chain: number[] = []
  for (let merges = 0; merges < n - 1; ) {
    if (chain.length === 0) chain.push(isLive.indexOf(1))
    const top = chain.at(-1)!
    const before = chain.at(-2)
    const nearest = nearestTo(distance[top]!, isLive, top, before)
    if (nearest !== before) {
      chain.push(nearest)
      continue
    }
    chain.length -= 2
    const [keep, gone] = [Math.min(top, nearest), Math.max(top, nearest)]
    const height = distance[keep]![gone]!
    join(distance, size, isLive, keep, gone)
    if (height <= cut) unite(cluster, keep, gone)
    merges++
  }
  return cluster.map((_, i) => root(cluster, i))
}

/** Ties go to the chain's previous element, or the chain would never close; then to the smallest index. */
function nearestTo(row: Float64Array, isLive: Uint8Array, self: number, before: number | undefined): number {
  let best = before ?? -1
  let least = before === undefined ? Number.POSITIVE_INFINITY : row[before]!
  for (let k = 0; k < row.length; k++) {
    if (isLive[k] === 1 && k !== self && row[k]! < least) {
      least = row[k]!
      best = k
    }
  }
  return best
}

/** Lance–Williams for the average: the merged row is the mean of the two, weighted by size. */
function join(distance: readonly Float64Array[], size: Uint32Array, isLive: Uint8Array, keep: number, gone: number) {
  const total = size[keep]! + size[gone]!
  for (let k = 0; k < distance.length; k++) {
    if (isLive[k] !== 1 || k === keep || k === gone) continue
    const merged = (size[keep]! * distance[keep]![k]! + size[gone]! * distance[gone]![k]!) / total
    distance[keep]![k] = distance[k]![keep] = merged
  }
  size[keep] = total
  isLive[gone] = 0
}

function root(parent: readonly number[], i: number): number {
  let at = i
  while (parent[at] !== at) at = parent[at]!
  return at
}

function unite(parent: number[], x: number, y: number): void {
  const [a, b] = [root(parent, x), root(parent, y)]
  parent[Math.max(a, b)] = Math.min(a, b)
}
