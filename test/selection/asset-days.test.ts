import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {BAR, type Panel} from '../../src/contracts/panel.ts'
import {DAY_MS} from '../../src/kernel/instant.ts'
import {assetDays} from '../../src/selection/asset-days.ts'
import {panelOf} from './panels.ts'

/** A day of one asset straight from its definition, bar by bar. */
function dayOf(panel: Panel, a: number, day: number) {
  const at = Array.from(panel.ts.keys()).filter((t) => Math.floor(panel.ts[t]! / DAY_MS) * DAY_MS === day)
  const there = at.filter((t) => panel.state[a]![t] !== BAR.absent)
  const real = there.filter((t) => panel.state[a]![t] !== BAR.prelisting)
  const cell = (name: 'close' | 'volume' | 'funding', t: number): number => panel.series.get(name)![a]![t]!
  const rates = real.map((t) => cell('funding', t)).filter((rate) => !Number.isNaN(rate))
  const trades = real.filter((t) => cell('volume', t) > 0)
  return {
    close: real.length === 0 ? Number.NaN : cell('close', real.at(-1)!),
    notional: trades.reduce((sum, t) => sum + cell('close', t) * cell('volume', t), 0),
    funding: rates.length === 0 ? Number.NaN : rates.reduce((sum, rate) => sum + rate, 0),
    fundingHours: rates.length,
    bars: real.length,
    traded: trades.length,
    prelisting: there.length - real.length,
  }
}

describe('days of an asset', () => {
  it('are what their bars add up to; a day that has not closed is none', () => {
    const bar = fc.record({
      state: fc.constantFrom(BAR.absent, BAR.prelisting, BAR.live, BAR.live, BAR.dead),
      volume: fc.constantFrom(0, 1, 2.5, Number.NaN),
      rate: fc.constantFrom(Number.NaN, 0.25, -0.5),
    })
    const hours = 60
    const asset = fc.array(bar, {minLength: hours, maxLength: hours})
    fc.assert(
      fc.property(fc.array(asset, {minLength: 1, maxLength: 3}), fc.integer({min: 0, max: 23}), (assets, startsAt) => {
        const plain = panelOf(
          assets.map((_, a) => ({name: `C${a}`, close: (t) => 100 + t})),
          hours,
          '1h',
        )
        const pick = (of: (one: (typeof assets)[number][number]) => number): Float64Array[] =>
          assets.map((bars) => Float64Array.from(bars, of))
        const panel: Panel = {
          ...plain,
          ts: plain.ts.map((open) => open + startsAt * 3_600_000),
          state: assets.map((bars) => Uint8Array.from(bars, ({state}) => state)),
          series: new Map([
            ...plain.series,
            ['volume', pick(({volume}) => volume)],
            ['funding', pick(({rate}) => rate)],
          ]),
        }
        const table = assetDays(panel)
        expect(table.days).toBe(Math.floor((startsAt + hours) / 24))
        for (const a of assets.keys()) {
          for (let d = 0; d < table.days; d++) {
            const found = Object.fromEntries(
              (['close', 'notional', 'funding', 'fundingHours', 'bars', 'traded', 'prelisting'] as const).map(
                (name) => [name, table[name][a]![d]],
              ),
            )
            expect(found).toEqual(dayOf(panel, a, table.day0 + d * DAY_MS))
          }
        }
      }),
      {numRuns: 60},
    )
  })
})
