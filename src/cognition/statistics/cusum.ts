import {requireThat, type Series} from './series.ts'

export interface Cusum {
  /** S after each observation, shape [T] */
  readonly path: Float64Array
  /** index of the first observation with S > h; null: no alarm */
  readonly alarm: number | null
}

/**
 * One-sided CUSUM of a fall: S = max(0, S − z − k), alarm S > h. It goes on after the alarm; there is no reset.
 *
 * @param z      standardised return minus what was claimed, shape [T]
 * @param k      reference value, half the shift to be found, standard deviations
 * @param h      threshold
 * @throws Fault `gauntlet.out_of_range`
 * @see Page (1954), Biometrika 41
 */
export function cusum(z: Series, k: number, h: number): Cusum {
  requireThat(k >= 0 && h > 0, `A CUSUM with k ${k} and h ${h} was asked for.`)
  const path = new Float64Array(z.length)
  let [S, alarm] = [0, null as number | null]
  for (let t = 0; t < z.length; t++) {
    S = Math.max(0, S - z[t]! - k)
    path[t] = S
    if (alarm === null && S > h) alarm = t
  }
  return {path, alarm}
}

/** Siegmund's correction of the threshold for the overshoot at the alarm. */
const OVERSHOOT = 1.166

/**
 * Average run length until the alarm when the mean has fallen by `delta`: (e^(−2Db) + 2Db − 1) / (2D²), D = delta − k,
 * b = h + 1.166; b² at D = 0.
 *
 * @see Siegmund (1985), Sequential Analysis
 */
export function cusumRunLength(delta: number, k: number, h: number): number {
  const [D, b] = [delta - k, h + OVERSHOOT]
  return D === 0 ? b * b : (Math.exp(-2 * D * b) + 2 * D * b - 1) / (2 * D * D)
}

/**
 * The smallest threshold whose false alarms are at least `runLength` observations apart on average.
 *
 * @throws Fault `gauntlet.out_of_range`
 */
export function cusumThreshold(k: number, runLength: number): number {
  requireThat(k > 0 && runLength > 1, `A threshold for a run length of ${runLength} with k ${k} was asked for.`)
  let [low, high] = [0, 1]
  while (cusumRunLength(0, k, high) < runLength) high *= 2
  // 200 halvings end at one double: the same threshold on every machine.
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2
    if (cusumRunLength(0, k, middle) < runLength) low = middle
    else high = middle
  }
  return high
}
