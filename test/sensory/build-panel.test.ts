import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {BAR, type Panel} from '../../src/contracts/panel.ts'
import {buildPanel} from '../../src/sensory/build-panel.ts'
import {judgeLives} from '../../src/sensory/judge-lives.ts'
import {barsOf, day, HOUR, type Row} from './bars.ts'

const FACTS = {sizeDecimals: new Map(), universe: 'derived', completeFrom: null, survivorSource: false} as const

/** Hourly bars of coins, by the hours they have; the close says which hour it was. */
function panelOf(coins: Readonly<Record<string, readonly number[]>>): ReturnType<typeof buildPanel> {
  const rows = Object.entries(coins).flatMap(([coin, hours]) =>
    hours.map((hour): Row => ({coin, ts: day(0) + hour * HOUR, close: 100 + hour})),
  )
  const bars = barsOf(rows, HOUR)
  const judged = judgeLives(bars, {barMs: HOUR, asOf: Number.POSITIVE_INFINITY})
  const request = {venue: 'test', interval: '1h', storedInterval: '1h', inputs: ['close']} as const
  return buildPanel(bars, null, request, FACTS, judged)
}

/** Hour -> close of an asset, as far as the panel has a bar. */
const seenOf = ({ts, series, state}: Omit<Panel, 'dataSha'>, a: number): number[][] =>
  Array.from(ts, (open, t) => [(open - day(0)) / HOUR, series.get('close')![a]![t]!]).filter(
    (_, t) => state[a]![t] !== BAR.absent,
  )

describe('a panel', () => {
  it('has every bar in its hour and nothing between, with holes or without', () => {
    const hours = fc
      .uniqueArray(fc.nat(60), {minLength: 1})
      .map((found) => found.sort((a, b) => a - b))
      .chain((found) =>
        fc.constantFrom(
          found,
          Array.from({length: found.length}, (_, i) => found[0]! + i),
        ),
      )
    fc.assert(
      fc.property(fc.array(hours, {minLength: 1, maxLength: 4}), (coins) => {
        const {panel} = panelOf(Object.fromEntries(coins.map((found, k) => [`C${k}`, found])))
        for (const [a, found] of coins.entries()) {
          expect(seenOf(panel, a)).toEqual(found.map((hour) => [hour, 100 + hour]))
          const unseen = panel.series.get('close')![a]!.filter((_, t) => panel.state[a]![t] === BAR.absent)
          expect(unseen.every(Number.isNaN)).toBe(true)
        }
      }),
    )
  })

  it.each([
    ['from its first bar on', [0.5, 1.5, 2.5]],
    ['behind a hole', [0, 1, 3.5]],
    ['at a short step', [0, 1, 1.5]],
  ])('refuses a coin that leaves the grid of the others %s', (_, hours) => {
    const off = expect.objectContaining({code: 'lake.off_grid', exitCode: 4})
    expect(() => panelOf({A: [0, 1, 2, 3], B: hours})).toThrowError(off)
    expect(() => panelOf({A: [0, 1, 2, 3], B: [0, 1, 2]})).not.toThrow()
  })

  it('is hashed as its columns one behind the other, with one NaN', () => {
    const {panel, pieces} = panelOf({A: [0, 1, 2], B: [0, 2]})
    const columns = (list: readonly ArrayLike<number>[]): number[] => list.flatMap((column) => [...Array.from(column)])
    const told = (name: string): number[] => {
      const from = pieces.indexOf(name) + 1
      const rest = pieces.slice(from)
      const end = rest.findIndex((piece) => typeof piece === 'string')
      return columns(rest.slice(0, end < 0 ? rest.length : end) as Float64Array[])
    }
    expect(pieces.slice(0, 3)).toEqual(['rows:2', 'A:1', 'B:1'])
    expect(pieces.filter((piece) => typeof piece === 'string').slice(3)).toEqual([
      ...['available_at', 'close', 'state', 'ts'],
    ])
    expect(told('close')).toEqual(columns(panel.series.get('close')!))
    expect(told('state')).toEqual(columns(panel.state))
    expect(told('available_at')).toEqual(columns(panel.availableAt))
    expect(told('ts')).toEqual([...panel.ts])
  })
})
