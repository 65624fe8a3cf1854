import type {Score} from './score.ts'

export interface Ranked {
  readonly asset: number
  readonly rank: number
  readonly score: Score
  readonly selected: boolean
}

/**
 * Best score first; ties go to the name that sorts first, so that the order never depends on how data arrived.
 *
 * Hysteresis: a newcomer enters at rank <= top, a member stays until rank > top + buffer. Members are kept first (best
 * rank first), then the best newcomers fill what is left, so the list never exceeds `top`. `held` members (inside their
 * minimum holding time) stay whatever their rank.
 *
 * @param members asset indices selected at the previous rebalance
 * @returns       every scored asset, rank 1 first
 */
export function rankAssets(
  scores: readonly Score[],
  names: readonly string[],
  members: ReadonlySet<number>,
  held: ReadonlySet<number>,
  {top, buffer}: {top: number; buffer: number},
): Ranked[] {
  const ordered = scores
    .filter(({unknown}) => unknown === null)
    .sort((x, y) => y.score - x.score || (names[x.asset]! < names[y.asset]! ? -1 : 1))
  const stays = ordered
    .filter(({asset}, i) => members.has(asset) && (held.has(asset) || i < top + buffer))
    .slice(0, top)
  const chosen = new Set(stays.map(({asset}) => asset))
  for (const {asset} of ordered.slice(0, top)) {
    if (chosen.size >= top) break
    chosen.add(asset)
  }
  return ordered.map((score, i) => ({asset: score.asset, rank: i + 1, score, selected: chosen.has(score.asset)}))
}
