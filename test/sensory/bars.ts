import type {Bars} from '../../src/sensory/bars.ts'

export const DAY = 86_400_000
export const HOUR = 3_600_000

export interface Row {
  readonly coin?: string
  readonly ts: number
  readonly close?: number
  readonly volume?: number
}

/** Flat bars in lake order, one coin unless said; available at their close. */
export function barsOf(rows: readonly Row[], barMs = DAY): Bars {
  const close = Float64Array.from(rows, (row) => row.close ?? 100)
  return {
    count: rows.length,
    coin: rows.map(({coin = 'A'}) => coin),
    ts: Float64Array.from(rows, ({ts}) => ts),
    ...{open: close, high: close, low: close, close},
    volume: Float64Array.from(rows, ({volume = 1}) => volume),
    trades: new Float64Array(rows.length).fill(Number.NaN),
    availableAt: Float64Array.from(rows, ({ts}) => ts + barMs),
  }
}

/** Consecutive days [from, to) of one coin. */
export const days = (from: number, to: number, rest: Omit<Row, 'ts'> = {}): Row[] =>
  Array.from({length: to - from}, (_, i) => ({...rest, ts: (20_000 + from + i) * DAY}))

export const day = (i: number): number => (20_000 + i) * DAY
