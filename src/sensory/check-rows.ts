import type {RowShape} from '../contracts/ingest.ts'
import {snapshotRejects} from './check-snapshots.ts'
import {readSides, SIDE} from './read-sides.ts'

/** A row that does not enter the lake, and why. Row numbers count from 0, the header aside. */
export interface Reject {
  readonly row: number
  readonly reason: string
}

/** Columns of one file under our names; shape [rows] each. Optional ones may be missing. */
export interface RawRows {
  readonly count: number
  readonly ts: Float64Array
  readonly coin: readonly string[]
  readonly numbers: Readonly<Record<string, Float64Array>>
  readonly texts?: Readonly<Record<string, readonly string[]>>
}

type Range = readonly [low: number, high: number, wrong: string]

const PRICE: Range = [Number.MIN_VALUE, Number.MAX_VALUE, 'is not a price above zero']
const SIZE: Range = [Number.MIN_VALUE, Number.MAX_VALUE, 'is not a size above zero']
const NOT_NEGATIVE: Range = [0, Number.MAX_VALUE, 'is negative or not finite']
/** Funding per payment above this is a wrong unit (percent), not a rate. */
const RATE: Range = [-0.25, 0.25, 'is beyond any funding cap']
const LEVEL: Range = [0, 4095, 'is no level']

const RANGES: Record<RowShape, Readonly<Record<string, Range>>> = {
  ohlcv: {open: PRICE, high: PRICE, low: PRICE, close: PRICE, volume: NOT_NEGATIVE},
  funding: {rate: RATE},
  trades: {px: PRICE, sz: SIZE},
  bbo: {px: PRICE, sz: NOT_NEGATIVE},
  book: {level: LEVEL, px: PRICE, sz: SIZE},
}

/**
 * Rows that are not market data: unreadable time, no name, a price that is missing, not finite or not above zero, a
 * missing or negative volume, a funding rate beyond any venue's cap, a side that is none, a snapshot with a bad row.
 *
 * An OHLC order violation or a crossed book is not here: venues send them, and they are counted as quality.
 *
 * @param latestTs  a row that starts later is not finished yet, epoch ms
 */
export function checkRows(
  shape: RowShape,
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
  const check = (name: string, [low, high, wrong]: Range): void => {
    const values = rows.numbers[name]!
    for (let i = 0; i < rows.count; i++) {
      const value = values[i]!
      if (value >= low && value <= high) continue
      refuse(i, Number.isNaN(value) ? `${name} is missing or not a number` : `${name} ${wrong}`)
    }
  }
  for (const [name, range] of Object.entries(RANGES[shape])) if (rows.numbers[name]) check(name, range)
  checkSides(rows, refuse)
  checkWideQuotes(rows, refuse)
  for (let i = 0; i < rows.count; i++) if (rows.ts[i]! > latestTs) refuse(i, 'not over yet at the decision time')
  for (let i = 0; i < rows.count; i++) if (rows.coin[i] === '') refuse(i, 'coin is missing')
  if (shape === 'book' || shape === 'bbo')
    for (const {row, reason} of snapshotRejects(rows, refused)) refuse(row, reason)
  return rejects.sort((a, b) => a.row - b.row)
}

function checkSides(rows: RawRows, refuse: (row: number, reason: string) => void): void {
  const sides = readSides(rows)
  if (sides === null) return
  const what = rows.texts?.['maker'] ? 'is_buyer_maker is neither true nor false' : 'side is none'
  const cells = rows.texts?.['maker'] ?? rows.texts?.['side'] ?? []
  for (let i = 0; i < rows.count; i++) if (sides[i] === SIDE.none) refuse(i, `${what}: '${cells[i]}'`)
}

/** A quote in one row: a side without orders is empty, price and size alike; at least one side is there. */
function checkWideQuotes({count, numbers}: RawRows, refuse: (row: number, reason: string) => void): void {
  const [bidPx, bidSz, askPx, askSz] = ['bid_px', 'bid_sz', 'ask_px', 'ask_sz'].map((name) => numbers[name])
  if (!bidPx || !bidSz || !askPx || !askSz) return
  const isSide = (px: number, sz: number): boolean => px > 0 && px < Infinity && sz >= 0 && sz < Infinity
  const isEmpty = (px: number, sz: number): boolean => Number.isNaN(px) && Number.isNaN(sz)
  for (let i = 0; i < count; i++) {
    const [bid, ask] = [isSide(bidPx[i]!, bidSz[i]!), isSide(askPx[i]!, askSz[i]!)]
    if (!bid && !isEmpty(bidPx[i]!, bidSz[i]!)) refuse(i, 'the bid is no price and size')
    else if (!ask && !isEmpty(askPx[i]!, askSz[i]!)) refuse(i, 'the ask is no price and size')
    else if (!bid && !ask) refuse(i, 'neither side has a price')
  }
}
