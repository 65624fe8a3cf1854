import type {Panel} from '../../contracts/panel.ts'
import type {Bars} from './gather-evidence.ts'

/** Worst one-bar move of an underlying against the side held, times the largest weight ever held, maximum over assets. */
export function worstAdverseMove(panel: Panel, weights: readonly Float64Array[], {from, to}: Bars): number {
  const close = panel.series.get('close') ?? []
  let worst = 0
  for (let a = 0; a < close.length; a++) {
    let [long, short, fall, rise] = [0, 0, 0, 0]
    for (let t = Math.max(1, from); t < to; t++) {
      const move = close[a]![t]! / close[a]![t - 1]! - 1
      if (Number.isFinite(move)) {
        fall = Math.max(fall, -move)
        rise = Math.max(rise, move)
      }
      const held = weights[a]?.[t] ?? 0
      long = Math.max(long, held)
      short = Math.max(short, -held)
    }
    worst = Math.max(worst, long * fall, short * rise)
  }
  return worst
}
