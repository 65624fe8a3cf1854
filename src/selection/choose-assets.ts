import type {Score} from './score.ts'

export interface Ranked {
  readonly asset: number
  readonly rank: number
  readonly score: Score
  readonly selected: boolean
  /** true when the place was free and its cluster had no room */
  readonly clusterFull: boolean
}

export interface Places {
  readonly top: number
  /** a member stays until its rank exceeds top + buffer */
  readonly buffer: number
  /** most members that better ranks may replace at this date */
  readonly maxReplaced: number
  /** cluster of an asset, and how many of one cluster may be chosen; null without diversification */
  readonly clusters: {readonly of: (asset: number) => number; readonly max: number} | null
}

/**
 * Who holds a place after this date.
 *
 * Hysteresis: a newcomer enters at rank <= top, a member stays until rank > top + buffer. Members are kept first (best
 * rank first), then the best newcomers fill what is left, so the list never exceeds `top`. `held` members (inside their
 * minimum holding time) stay whatever their rank and their cluster. Where a cluster is full, the next one in rank moves
 * up. At most `maxReplaced` members leave for a better rank: the worst of them; whoever is not ranked at all any more
 * (dead, delisted, a screen) has left already and counts for nothing.
 *
 * @param ordered  every scored asset, best first
 * @param members  asset indices selected at the previous rebalance
 */
export function chooseAssets(
  ordered: readonly Score[],
  members: ReadonlySet<number>,
  held: ReadonlySet<number>,
  {top, buffer, maxReplaced, clusters}: Places,
): Ranked[] {
  const chosen = new Set<number>()
  const inCluster = new Map<number, number>()
  const take = (asset: number): void => {
    chosen.add(asset)
    if (clusters) inCluster.set(clusters.of(asset), (inCluster.get(clusters.of(asset)) ?? 0) + 1)
  }
  const isFull = (asset: number): boolean =>
    clusters !== null && (inCluster.get(clusters.of(asset)) ?? 0) >= clusters.max

  const ranked = ordered.filter(({asset}) => members.has(asset)).map(({asset}) => asset)
  const rank = new Map(ordered.map(({asset}, i) => [asset, i + 1]))
  for (const asset of ranked) if (held.has(asset) && chosen.size < top) take(asset)
  for (const asset of ranked) {
    if (!chosen.has(asset) && chosen.size < top && rank.get(asset)! <= top + buffer && !isFull(asset)) take(asset)
  }
  // Only as many leave as may: the best of the leavers stay, whatever their rank and cluster.
  const leaving = ranked.filter((asset) => !chosen.has(asset))
  for (const asset of leaving.slice(0, Math.max(0, leaving.length - maxReplaced))) if (chosen.size < top) take(asset)

  let place = 0
  for (const {asset} of ordered) {
    if (place >= top) break
    if (!chosen.has(asset) && isFull(asset)) continue
    place++
    if (!chosen.has(asset) && chosen.size < top) take(asset)
  }
  place = 0
  const full = new Set<number>()
  for (const {asset} of ordered) {
    if (chosen.has(asset) || !isFull(asset)) place++
    else if (place < top) full.add(asset)
  }
  return ordered.map((score, i) => ({
    asset: score.asset,
    rank: i + 1,
    score,
    selected: chosen.has(score.asset),
    clusterFull: full.has(score.asset),
  }))
}
