import type {Panel} from '../../contracts/panel.ts'

export interface ResearchWindow {
  /** bar of the first decision: after warm-up, with enough assets; null when there is none */
  readonly first: number | null
  /** bars from there on with fewer than min_assets */
  readonly thinBars: number
  /** shape [N][T]: the universe without the bars before `first` and without the thin ones */
  readonly mask: readonly Uint8Array[]
}

/**
 * Where research starts, and the universe it may hold: nothing is held on a bar with fewer than `minAssets` selected.
 *
 * @param warmupBars  bars a signal needs before its first value
 * @param decisions   bars at whose close a book is decided, ascending
 */
export function researchWindow(
  panel: Pick<Panel, 'ts'>,
  universe: readonly Uint8Array[],
  minAssets: number,
  warmupBars: number,
  decisions: Iterable<number>,
): ResearchWindow {
  const T = panel.ts.length
  const enough = new Uint8Array(T)
  const decided = new Set(decisions)
  let first: number | null = null
  let thinBars = 0
  for (let t = Math.max(0, warmupBars); t < T; t++) {
    let count = 0
    for (const column of universe) count += column[t]!
    enough[t] = count >= minAssets ? 1 : 0
    if (first === null && enough[t] === 1 && decided.has(t)) first = t
    if (first !== null && enough[t] === 0) thinBars += 1
  }
  return {first, thinBars, mask: universe.map((column) => column.map((member, t) => member & enough[t]!))}
}
