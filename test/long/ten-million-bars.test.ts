import {describe, expect, it} from 'vitest'
import {Random} from '../../src/kernel/random.ts'
import {computed, onCloses, panelOf} from '../cognition/features/panels.ts'

describe('windows over ten million bars', () => {
  // Level 1e4, noise 1, a jump of 1e6 in the middle and a spike of 1e9 before it.
  const T = 10_000_000
  const random = new Random('ten million')
  const noise = Float64Array.from({length: 4_096}, () => random.normal())
  const close = new Float64Array(T)
  for (let t = 0; t < T; t++) close[t] = 1e4 + noise[(t * 7 + (t >> 11)) & 4095]! + (t > T / 2 ? 1e6 : 0)
  close[1_000_000] = 1e9
  const panel = panelOf({close: [close]})
  const n = 50

  it.each([
    'ts_sum(close, 50)',
    'ts_mean(close, 50)',
    'ts_std(close, 50)',
    'ts_zscore(close, 50)',
    'ts_slope(close, 50)',
    'decay_linear(close, 50)',
    'ts_corr(close, delay(close, 1), 50)',
  ])('%s is within 1e-9 of the window summed afresh, everywhere', (text) => {
    const values = computed(text, panel)[0]!
    const spots = [1_000, 999_999, 1_000_000 + n, 1_000_001 + n, T / 2 + 10, T / 2 + 49, T / 2 + 60, 7_654_321, T - 1]
    for (const t of spots) {
      const fresh = onCloses(text, [...close.subarray(t - n, t + 1)]).at(-1)!
      expect(Math.abs(values[t]! - fresh), `bar ${t}`).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(fresh)))
    }
  })
})
