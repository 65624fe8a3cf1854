import type {Shape} from '../contracts/ingest.ts'

/** A row that does not enter the lake, and why. Row numbers count from 0, the header aside. */
export interface Reject {
  readonly row: number
  readonly reason: string
}

/** Columns of one file under our names; shape [rows] each. `trades` and `premium` may be missing. */
export interface RawRows {
  readonly count: number
  readonly ts: Float64Array
  readonly coin: readonly string[]
  readonly numbers: Readonly<Record<string, Float64Array>>
}

const POSITIVE: Record<Shape, readonly string[]> = {ohlcv: ['open', 'high', 'low', 'close'], funding: []}
const NOT_NEGATIVE: Record<Shape, readonly string[]> = {ohlcv: ['volume'], funding: []}
const RATES: Record<Shape, readonly string[]> = {ohlcv: [], funding: ['rate']}

type Range = readonly [low: number, high: number]

/** Funding per payment above this is a wrong unit (percent), not a rate. */
const HIGHEST_RATE = 0.25

/**
 * Rows that are not market data: unreadable time, no name, a price that is missing, not finite or not above zero, a
 * missing or negative volume, a funding rate beyond any venue's cap.
 *
 * An OHLC order violation is not here: venues send them, and they are counted as quality.
 *
 * @param latestTs  a row that starts later is not finished yet, epoch ms
 */
export function checkRows(
  shape: Shape,
  rows: RawRows,
  troubles: ReadonlyMap<number, string>,
  latestTs = Infinity,
): Reject[] {
  const rejects: Reject[] = [...troubles].map(([row, reason]) => ({row, reason}))
  const refused = new Set(troubles.keys())
  const refuse = (row: number, reason: string): void => {
    if (refused.has(row)) return
    refused.add(row)
    rejects.push({row, reason})
  }
  // One inclusive range per field keeps the loop free of calls: this runs over every number of every file.
  const check = (name: string, [low, high]: Range, wrong: string): void => {
    const values = rows.numbers[name]!
    for (let i = 0; i < rows.count; i++) {
      const value = values[i]!
      if (value >= low && value <= high) continue
      refuse(i, Number.isNaN(value) ? `${name} is missing or not a number` : `${name} ${wrong}`)
    }
  }
  for (const name of POSITIVE[shape]) check(name, [Number.MIN_VALUE, Number.MAX_VALUE], 'is not a price above zero')
  for (const name of NOT_NEGATIVE[shape]) check(name, [0, Number.MAX_VALUE], 'is negative or not finite')
  for (const name of RATES[shape]) check(name, [-HIGHEST_RATE, HIGHEST_RATE], 'is beyond any funding cap')
  for (let i = 0; i < rows.count; i++) if (rows.ts[i]! > latestTs) refuse(i, 'not over yet at the decision time')
  for (let i = 0; i < rows.count; i++) if (rows.coin[i] === '') refuse(i, 'coin is missing')
  return rejects.sort((a, b) => a.row - b.row)
}
