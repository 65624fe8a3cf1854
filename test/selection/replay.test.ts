import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {SelectionConfig} from '../../src/contracts/selection.ts'
import {parseArtifact} from '../../src/io/files.ts'
import {DAY_MS} from '../../src/kernel/instant.ts'
import {assetDays} from '../../src/selection/asset-days.ts'
import {standings} from '../../src/selection/point-in-time-universe.ts'
import {lastRebalance, nextRebalance, rebalancesBetween} from '../../src/selection/rebalance.ts'
import {replaySelection} from '../../src/selection/replay.ts'
import {universeMask} from '../../src/selection/universe-mask.ts'
import {dayAt, panelOf} from './panels.ts'
import {costs, ruleOf} from './rules.ts'

const namesAt = (replay: ReturnType<typeof replaySelection>, names: readonly string[], at: number): string[] =>
  [
    ...(replay.rebalances
      .filter((rebalance) => rebalance.at <= at)
      .at(-1)
      ?.since.keys() ?? []),
  ]
    .map((a) => names[a]!)
    .sort()

describe('standings', () => {
  it('calls an asset dead after three bars without volume, and not one day sooner', () => {
    const panel = panelOf([{name: 'A', volume: (t) => (t >= 20 ? 0 : 1)}, {name: 'B'}], 30)
    const [zombie] = standings(assetDays(panel))
    expect([20, 21, 22, 23].map((d) => zombie![d])).toEqual(['trading', 'trading', 'dead', 'dead'])
  })

  it('calls an asset dead when its bars stop while the venue goes on', () => {
    const panel = panelOf([{name: 'A', to: 39}, {name: 'B'}, {name: 'C'}], 90)
    const [gone] = standings(assetDays(panel))
    expect(gone!.indexOf('dead')).toBe(39 + 24)
  })

  it('kills nobody when the whole venue falls silent: that is a gap of the recorder', () => {
    const panel = panelOf(
      [
        {name: 'A', to: 39},
        {name: 'B', to: 39},
        {name: 'C', from: 80},
      ],
      90,
    )
    const found = standings(assetDays(panel))
    expect(found[0]!.includes('dead')).toBe(false)
  })

  it('counts the death window of hourly bars in days, not in months', () => {
    const panel = panelOf([{name: 'A', to: 24 * 40 - 1}, {name: 'B'}, {name: 'C'}], 24 * 60, '1h')
    const [gone] = standings(assetDays(panel))
    expect(gone!.indexOf('dead')).toBe(40 + 2)
  })

  it('calls bars before the first trade prelisting', () => {
    const panel = panelOf([{name: 'A', prelistingTo: 4, volume: (t) => (t <= 4 ? 0 : 1)}], 10)
    expect(standings(assetDays(panel))[0]!.slice(3, 7)).toEqual(['prelisting', 'prelisting', 'trading', 'trading'])
  })
})

describe('replaySelection', () => {
  it('ranks the dead among the candidates until the day they die', () => {
    const panel = panelOf(
      [
        {name: 'A', volume: (t) => (t >= 30 ? 0 : 9e6)},
        {name: 'B', volume: () => 5e6},
        {name: 'C', volume: () => 1e6},
      ],
      60,
    )
    const replay = replaySelection(assetDays(panel), ruleOf(), costs, dayAt(60))
    expect(namesAt(replay, panel.assets, dayAt(28))).toEqual(['A', 'B'])
    expect(namesAt(replay, panel.assets, dayAt(42))).toEqual(['B', 'C'])
    const after = replay.rebalances.find(({at}) => at === dayAt(42))
    expect(after?.excluded.get(0)?.reason).toBe('dead')
  })

  it('keeps a member inside the buffer and drops it beyond', () => {
    const panel = panelOf(
      [
        {name: 'A', volume: () => 5e6},
        {name: 'B', volume: (t) => (t < 30 ? 4e6 : 2e6)},
        {name: 'C', volume: (t) => (t < 30 ? 1e6 : 3e6)},
      ],
      60,
    )
    const strict = replaySelection(assetDays(panel), ruleOf(), costs, dayAt(60))
    const patient = replaySelection(assetDays(panel), ruleOf({rebalance: {buffer: 1}}), costs, dayAt(60))
    expect(namesAt(strict, panel.assets, dayAt(56))).toEqual(['A', 'C'])
    expect(namesAt(patient, panel.assets, dayAt(56))).toEqual(['A', 'B'])
  })

  it('gives no score to an asset whose component is unknown, and says which', () => {
    const carry = {weight: 1, direction: 'lower', lookback_days: 10, transform: 'rank'} as const
    const replay = replaySelection(assetDays(panelOf([{name: 'A'}], 30)), ruleOf({score: {carry}}), costs, dayAt(30))
    expect(replay.rebalances.at(-1)?.excluded.get(0)?.reason).toBe('no_data:carry')
  })

  it('decides the same on a date whether or not later data exist', () => {
    const volumes = fc.array(fc.double({min: 0, max: 2e7, noNaN: true}), {minLength: 60, maxLength: 60})
    fc.assert(
      fc.property(fc.array(volumes, {minLength: 3, maxLength: 5}), fc.integer({min: 20, max: 59}), (columns, cut) => {
        const specs = columns.map((column, a) => ({name: `A${a}`, volume: (t: number) => column[t]!}))
        const whole = replaySelection(assetDays(panelOf(specs, 60)), ruleOf(), costs, dayAt(cut))
        const prefix = replaySelection(assetDays(panelOf(specs, cut)), ruleOf(), costs, dayAt(cut))
        expect(prefix.rebalances).toEqual(whole.rebalances)
      }),
      {numRuns: 40},
    )
  })

  it('never selects more than top, and nobody who is not trading', () => {
    const volumes = fc.array(fc.constantFrom(0, 1e6, 5e6, 9e6), {minLength: 70, maxLength: 70})
    fc.assert(
      fc.property(fc.array(volumes, {minLength: 2, maxLength: 6}), fc.integer({min: 0, max: 3}), (columns, buffer) => {
        const specs = columns.map((column, a) => ({name: `A${a}`, volume: (t: number) => column[t]!}))
        const panel = panelOf(specs, 70)
        const table = assetDays(panel)
        const replay = replaySelection(table, ruleOf({rebalance: {buffer, min_hold_days: 14}}), costs, dayAt(70))
        const mask = universeMask(panel, table, replay)
        for (let t = 0; t < 70; t++) {
          const members = mask.filter((column) => column[t] === 1).length
          expect(members).toBeLessThanOrEqual(2)
          mask.forEach((column, a) => {
            if (column[t] === 1) expect(replay.standing[a]![t]).toBe('trading')
          })
        }
      }),
      {numRuns: 40},
    )
  })
})

describe('the rebalance calendar', () => {
  it('is fixed by its anchor, before and after it', () => {
    const calendar = {anchor: dayAt(0), everyDays: 7}
    expect(lastRebalance(calendar, dayAt(0) - 1)).toBe(dayAt(-7))
    expect(nextRebalance(calendar, dayAt(0))).toBe(dayAt(7))
    expect(rebalancesBetween(calendar, dayAt(1), dayAt(21))).toEqual([dayAt(7), dayAt(14), dayAt(21)])
  })

  it('gives the same dates however often it is asked', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 60}), fc.integer({min: -1e6, max: 1e6}), (everyDays, hours) => {
        const calendar = {anchor: dayAt(0), everyDays}
        const instant = dayAt(0) + hours * 3_600_000
        expect(lastRebalance(calendar, instant)).toBeLessThanOrEqual(instant)
        expect(nextRebalance(calendar, instant) - lastRebalance(calendar, instant)).toBe(everyDays * DAY_MS)
      }),
    )
  })
})

describe('configs/selection.yaml', () => {
  const shipped = 'artifact: selection@1\nscore: {}\n'
  it('refuses weights that sum to zero and names line and column of an unknown component', () => {
    expect(() => parseArtifact(SelectionConfig, 'configs/selection.yaml', shipped)).toThrowError(
      expect.objectContaining({code: 'artifact.invalid', exitCode: 3}),
    )
    const text = 'artifact: selection@1\nscore:\n  momentun: {weight: 1, direction: higher}\n'
    expect(() => parseArtifact(SelectionConfig, 'configs/selection.yaml', text)).toThrowError(
      expect.objectContaining({
        why: expect.stringMatching(/selection\.yaml:3:3 unknown key 'momentun' \(did you mean 'momentum'\?\)/),
      }),
    )
  })
})
