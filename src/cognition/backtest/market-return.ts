import type {Panel} from '../../contracts/panel.ts'

/**
 * Equal-weighted mean return from close to close, shape [T]; 0 where nothing has two prices.
 *
 * @param held  shape [N][T]; 1: counts for the bar behind this one. Left out: everything with a price counts
 */
export function marketReturn(panel: Panel, held?: readonly Uint8Array[]): Float64Array {
  const close = panel.series.get('close') ?? []
  return Float64Array.from(panel.ts, (_, t) => {
    let [total, count] = [0, 0]
    for (let a = 0; t > 0 && a < close.length; a++) {
      const move = close[a]![t]! / close[a]![t - 1]! - 1
      if ((held && held[a]![t - 1] !== 1) || !Number.isFinite(move)) continue
      total += move
      count++
    }
    return count === 0 ? 0 : total / count
  })
}
