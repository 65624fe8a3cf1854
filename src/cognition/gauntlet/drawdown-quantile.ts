import type {Random} from '../../kernel/random.ts'
import type {Series} from '../statistics/series.ts'

/** Deepest fall of compounded equity from its peak, as a fraction: 0 for a series that never falls. */
export function maxDrawdown(r: Series): number {
  let [equity, peak, worst] = [1, 1, 0]
  for (let t = 0; t < r.length; t++) {
    equity *= 1 + r[t]!
    peak = Math.max(peak, equity)
    worst = Math.max(worst, 1 - equity / peak)
  }
  return worst
}

/**
 * The drawdown that a stretch of `length` bars from the same process exceeds with probability 1 − q.
 *
 * Stationary bootstrap of the research returns: blocks of mean length `b`, uniform starts, wrapped.
 *
 * @param r       shape [T] research returns per bar
 * @param q       e.g. .99
 * @see Politis & Romano (1994), JASA 89
 */
export function drawdownQuantile(
  r: Series,
  length: number,
  b: number,
  q: number,
  draws: number,
  random: Random,
): number {
  const T = r.length
  const worst = new Float64Array(draws)
  const path = new Float64Array(length)
  for (let draw = 0; draw < draws; draw++) {
    let index = random.below(T)
    for (let t = 0; t < length; t++) {
      path[t] = r[index]!
      index = random.unit() < 1 / b ? random.below(T) : (index + 1) % T
    }
    worst[draw] = maxDrawdown(path)
  }
  return worst.sort()[Math.min(draws - 1, Math.ceil(q * draws) - 1)]!
}
