import {describe, expect, it} from 'vitest'
import {forEachSignal} from '../../../src/cognition/features/evaluate.ts'
import {forEachSignalAt} from '../../../src/cognition/features/evaluate-at.ts'
import type {Params} from '../../../src/contracts/hypothesis.ts'
import type {Panel} from '../../../src/contracts/panel.ts'
import {compiled, randomPanel} from './panels.ts'

const T = 1100
const N = 5
/** Once a third of the bars, so that they are several stretches. */
const bars = Int32Array.from({length: Math.floor(T / 3)}, (_, k) => 3 * k + 1)
const everywhere = Array.from({length: N}, () => new Uint8Array(T).fill(1))
const sometimes = everywhere.map((row, a) => row.map((_, t) => ((a + t) % 11 === 0 ? 0 : 1)))

/** @returns  by grid point: the signal at `bars`, element k · N + a, computed there and picked from all bars */
function both(
  rule: ReturnType<typeof compiled>,
  panel: Panel,
  universe: readonly Uint8Array[],
  grid: readonly Params[],
): {there: number[][]; picked: number[][]} {
  const there: number[][] = grid.map(() => [])
  const picked: number[][] = []
  forEachSignalAt(rule, panel, universe, grid, bars, (signal, g) => there[g]!.push(...signal))
  forEachSignal(rule, panel, universe, grid, (rows) =>
    picked.push(Array.from(bars).flatMap((t) => rows.map((row) => row[t]!))),
  )
  return {there, picked}
}

describe('a signal at so many bars that they are several stretches', () => {
  const holes = {none: 0, few: 0.0005, many: 0.02}
  it.each([2, 14, 300, 700])('has the bits of all bars for means of %i, with holes and without', (n) => {
    for (const [name, share] of Object.entries(holes)) {
      const panel = randomPanel(`stretches ${name}`, N, T, share)
      // Values so far apart that a sum taken afresh at another bar ends in another digit.
      const rule = compiled(`ts_mean(exp(close), ${n}) + ts_sum(volume, ${n})`)
      const {there, picked} = both(rule, panel, everywhere, [{}])
      expect(there).toEqual(picked)
      if (share === 0) expect(there[0]!.filter(Number.isFinite).length).toBeGreaterThan(N * 100)
    }
  })

  it('ranks like nobody had been ranked before', () => {
    const rule = compiled('cs_rank(sign(delta(close, 3)) + ts_mean(close, 5) / close)')
    for (const universe of [everywhere, sometimes]) {
      for (const share of [0, 0.02]) {
        const panel = randomPanel('ranks', N, T, share)
        const first = both(rule, panel, universe, [{}])
        expect(first.there).toEqual(first.picked)
        // The same bars of the same universe on another market: the orders left behind are of no use, and do no harm.
        const again = both(rule, randomPanel('other ranks', N, T, share), universe, [{}])
        expect(again.there).toEqual(again.picked)
        expect(again.there).not.toEqual(first.there)
      }
    }
  })
})
