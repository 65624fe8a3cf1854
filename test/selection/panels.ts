import {BAR, type Panel} from '../../src/contracts/panel.ts'
import {DAY_MS, INTERVAL_MS, type Interval} from '../../src/kernel/instant.ts'

export interface AssetSpec {
  readonly name: string
  /** first and last bar index, inclusive; default the whole panel */
  readonly from?: number
  readonly to?: number
  /** volume at bar t */
  readonly volume?: (t: number) => number
  readonly close?: (t: number) => number
  /** bars up to this index are back-filled before the listing */
  readonly prelistingTo?: number
}

/** A small panel that starts on Monday 2020-01-06, one column per spec. */
export function panelOf(specs: readonly AssetSpec[], bars: number, interval: Interval = '1d'): Panel {
  const barMs = INTERVAL_MS[interval]
  const ts = Float64Array.from({length: bars}, (_, t) => Date.parse('2020-01-06T00:00:00Z') + t * barMs)
  const grid = (pick: (spec: AssetSpec, t: number) => number): Float64Array[] =>
    specs.map((spec) =>
      Float64Array.from({length: bars}, (_, t) =>
        t < (spec.from ?? 0) || t > (spec.to ?? bars) ? Number.NaN : pick(spec, t),
      ),
    )
  const close = grid(({close: px}, t) => px?.(t) ?? 100)
  const volume = grid(({volume: size}, t) => size?.(t) ?? 1_000_000)
  return {
    venue: 'test',
    interval,
    barMs,
    ts,
    assets: specs.map(({name}) => name),
    series: new Map([
      ['open', close],
      ['high', close],
      ['low', close],
      ['close', close],
      ['volume', volume],
    ]),
    state: specs.map(({from = 0, to = bars, prelistingTo = -1}) =>
      Uint8Array.from({length: bars}, (_, t) =>
        t < from || t > to ? BAR.absent : t <= prelistingTo ? BAR.prelisting : BAR.live,
      ),
    ),
    availableAt: specs.map(() => ts.map((open) => open + barMs)),
    sizeDecimals: specs.map(() => null),
    universe: 'derived',
    completeFrom: null,
    survivorSource: false,
    aggregatedFrom: null,
    dataSha: '0'.repeat(64),
  }
}

export const dayAt = (index: number): number => Date.parse('2020-01-06T00:00:00Z') + index * DAY_MS
