import type {Panel} from '../../contracts/panel.ts'
import {DAY_MS} from '../../kernel/instant.ts'
import type {Bars} from './gather-evidence.ts'

/**
 * Largest position, at the declared capital, over the median daily notional of its coin while it was selected.
 *
 * @returns  the largest share over coins, and the coin; a coin held without volume counts as infinite
 */
export function largestNotionalShare(
  panel: Panel,
  mask: readonly Uint8Array[],
  weights: readonly Float64Array[],
  capital: number,
  {from, to}: Bars,
): {share: number; asset: string} {
  const [close, volume] = [panel.series.get('close') ?? [], panel.series.get('volume') ?? []]
  const perDay = DAY_MS / panel.barMs
  let found = {share: 0, asset: ''}
  for (let a = 0; a < weights.length; a++) {
    let most = 0
    const notional: number[] = []
    for (let t = from; t < to; t++) {
      most = Math.max(most, Math.abs(weights[a]![t]!))
      if (mask[a]![t] === 1) notional.push((close[a]?.[t] ?? 0) * (volume[a]?.[t] ?? 0) * perDay)
    }
    if (most === 0) continue
    const median = Float64Array.from(notional).sort()[Math.floor(notional.length / 2)] ?? 0
    const share = median > 0 ? (most * capital) / median : Number.POSITIVE_INFINITY
    if (share > found.share) found = {share, asset: panel.assets[a]!}
  }
  return found
}
