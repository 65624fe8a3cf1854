import {Candles} from '../../../src/contracts/market.ts'
import type {LakeAppend} from '../../../src/desk.ts'

export const ROWS = 50
const HOUR = 3_600_000
export const START = Date.UTC(2024, 11, 30)

/** Bars [k·ROWS, (k+1)·ROWS) of one coin; batch 0 lies across a new year, so it has two files. */
export function batchOf(k: number, {coin = 'BTC', close = 100}: {coin?: string; close?: number} = {}): LakeAppend {
  const ts = Float64Array.from({length: ROWS}, (_, i) => START + (k * ROWS + i) * HOUR)
  const flat = new Float64Array(ROWS).fill(close + k)
  return {
    table: Candles,
    venue: 'sim',
    interval: '1h',
    source: 'test',
    receivedAt: START + 10_000 * HOUR,
    rows: {
      count: ROWS,
      columns: {
        coin: new Array<string>(ROWS).fill(coin),
        ts,
        ...{open: flat, high: flat, low: flat, close: flat},
        volume: new Float64Array(ROWS).fill(1),
        trades: new Float64Array(ROWS).fill(Number.NaN),
        available_at: ts.map((open) => open + HOUR),
      },
    },
  }
}
