import {describe, expect, it} from 'vitest'
import {forEachSignal} from '../../../src/cognition/features/evaluate.ts'
import {forEachSignalAt} from '../../../src/cognition/features/evaluate-at.ts'
import {EXAMPLES} from './examples.ts'
import {compiled, randomPanel} from './panels.ts'

const panel = randomPanel('some bars', 7, 130, 0.02)
const universe = panel.assets
  .map((_, a) => panel.ts.map((_, t) => ((a + t) % 11 === 0 ? 0 : 1)))
  .map((row) => Uint8Array.from(row))
const bars = Int32Array.from([0, 1, 5, 30, 31, 77, 100, 129])
const grid = [{}]

/** Nested, so that a column is read both at some bars and on all of them. */
const NESTED = {
  both: 'cs_rank(close) + ts_mean(cs_rank(close), 4)',
  lagged: 'delay(cs_rank(returns(close, 1)), 5) - delay(close, 2) / close',
  folded: 'at("4h", ts_mean(close, 3)) / close - hour_of_day()',
  chosen: 'close > delay(close, 3) ? cs_zscore(log(volume)) : -abs(delta(close, 2))',
}

describe('a signal at some bars', () => {
  it.each(Object.entries({...EXAMPLES, ...NESTED}))('%s is the one of all bars', (_, text) => {
    const rule = compiled(text)
    const [all, some]: [number[][], number[][]] = [[], []]
    forEachSignal(rule, panel, universe, grid, (rows) =>
      all.push(...rows.map((row) => Array.from(bars, (t) => row[t]!))),
    )
    const N = panel.assets.length
    forEachSignalAt(rule, panel, universe, grid, bars, (values) =>
      some.push(...panel.assets.map((_, a) => Array.from(bars, (_t, k) => values[k * N + a]!))),
    )
    expect(some).toEqual(all)
  })
})
