import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema} from 'hyparquet'
import {compressors} from 'hyparquet-compressors'
import {Fault} from '../../kernel/fault.ts'
import type {Level} from './market-source.ts'
import {PX_DECIMALS} from './price-grid.ts'

/** Books of one contract in time order: book i has the levels offsets[i] … offsets[i + 1], bids first, best first. */
export interface RecordedBooks {
  /** epoch ms of the venue */
  readonly times: readonly number[]
  readonly offsets: readonly number[]
  /** number of bids of book i */
  readonly bids: readonly number[]
  /** price units */
  readonly px: readonly number[]
  readonly lots: readonly number[]
}

export interface RecordedTrade {
  readonly time: number
  readonly px: number
  readonly lots: number
  readonly takerIsBuy: boolean
  /** the venue's own id; null where the recording has none */
  readonly tid: number | null
}

export interface CoinRecording {
  readonly name: string
  readonly szDecimals: number
  readonly maxLeverage: number
  readonly books: RecordedBooks
  /** every trade once, oldest first */
  readonly trades: readonly RecordedTrade[]
  /** rows that said a trade a second time: the replay after the recorder subscribed again */
  readonly repeatedTrades: number
}

/** What the venue lists a contract with; a name that is not here gets its lot size from the data. */
const LISTED: Readonly<Record<string, readonly [szDecimals: number, maxLeverage: number]>> = {
  BTC: [5, 40],
  ETH: [4, 25],
  SOL: [2, 20],
  HYPE: [2, 10],
  XRP: [0, 20],
  DOGE: [0, 10],
}
const UNKNOWN_LEVERAGE = 3

type Columns = Readonly<Record<string, readonly unknown[]>>

/**
 * Read a folder with l2.parquet or bbo.parquet, and trades.parquet: `ts` in epoch ms of the venue, one row per level
 * of a book (`level` counts from 0), two per best bid and offer, one per trade.
 *
 * Nothing is filled in: a hole in the recording stays one.
 *
 * @throws Fault `sim.recording_missing` (usage), `sim.recording_invalid` (data)
 */
export async function readRecording(folder: string): Promise<CoinRecording[]> {
  const bookFile = ['l2.parquet', 'bbo.parquet'].find((file) => existsSync(join(folder, file)))
  if (bookFile === undefined || !existsSync(join(folder, 'trades.parquet'))) {
    throw new Fault('sim.recording_missing', {
      family: 'usage',
      what: `${folder} is not a recording that can be replayed.`,
      why: 'It needs trades.parquet, and l2.parquet or bbo.parquet.',
      next: ['name the folder that holds these files: qo sim serve --replay FOLDER'],
    })
  }
  const rows = await columnsOf(join(folder, bookFile))
  const trades = await columnsOf(join(folder, 'trades.parquet'))
  return [...new Set(rows['symbol'] as string[])].sort().map((name) => {
    const mine = (columns: Columns): number[] => indexesOf(columns['symbol']!, name)
    const [szDecimals, maxLeverage] = LISTED[name] ?? [decimalsIn(rows['sz'] as number[], mine(rows)), UNKNOWN_LEVERAGE]
    const found = tradesOf(trades, mine(trades), szDecimals, folder)
    return {name, szDecimals, maxLeverage, books: booksOf(rows, mine(rows), szDecimals, folder), ...found}
  })
}

const COLUMNS = ['ts', 'symbol', 'side', 'px', 'sz']

async function columnsOf(path: string): Promise<Columns> {
  const columns: Record<string, unknown[]> = {}
  try {
    const file = await asyncBufferFromFile(path)
    const present = parquetSchema(await parquetMetadataAsync(file)).children.map(({element}) => element.name)
    await parquetRead({
      file,
      compressors,
      columns: [...COLUMNS, 'level', 'trade_id'].filter((name) => present.includes(name)),
      onChunk: ({columnName, columnData, rowStart}) => {
        columns[columnName] ??= []
        const column = columns[columnName]!
        for (let i = 0; i < columnData.length; i++) column[rowStart + i] = columnData[i]
      },
    })
  } catch (cause) {
    throw invalid(path, (cause as Error).message, cause)
  }
  const missing = COLUMNS.filter((name) => columns[name] === undefined)
  if (missing.length > 0) throw invalid(path, `It has no column ${missing.join(', ')}.`)
  return columns
}

/** Consecutive rows of one instant are one book; a second best bid (or offer) begins another at the same instant. */
function booksOf(columns: Columns, rows: readonly number[], szDecimals: number, path: string): RecordedBooks {
  const books = {times: [] as number[], offsets: [0], bids: [] as number[], px: [] as number[], lots: [] as number[]}
  const sides = {bids: [] as Level[], asks: [] as Level[]}
  const close = (): void => {
    books.bids.push(sides.bids.length)
    for (const {px, lots} of [...sides.bids.splice(0), ...sides.asks.splice(0)]) {
      books.px.push(px)
      books.lots.push(lots)
    }
    books.offsets.push(books.px.length)
  }
  for (const row of rows) {
    const {time, px, lots, isBid} = rowAt(columns, row, szDecimals, path)
    const last = books.times.at(-1)
    const side = isBid ? sides.bids : sides.asks
    if (last !== undefined && time < last) throw invalid(path, `Row ${row} is a book from before the one above it.`)
    if (time !== last || ((columns['level']?.[row] ?? 0) === 0 && side.length > 0)) {
      if (last !== undefined) close()
      books.times.push(time)
    }
    side.push({px, lots})
  }
  close()
  return books
}

function tradesOf(columns: Columns, rows: readonly number[], szDecimals: number, path: string) {
  const seen = new Set<string>()
  const trades: RecordedTrade[] = []
  for (const row of rows) {
    const {time, px, lots, isBid: takerIsBuy} = rowAt(columns, row, szDecimals, path)
    const id = columns['trade_id']?.[row]
    const tid = id === undefined ? null : Number(id)
    const key = `${time}|${tid}|${px}|${lots}|${takerIsBuy}`
    if (tid !== null && seen.has(key)) continue
    seen.add(key)
    trades.push({time, px, lots, takerIsBuy, tid})
  }
  trades.sort((a, b) => a.time - b.time)
  return {trades, repeatedTrades: rows.length - trades.length}
}

const BID_SIDES: readonly unknown[] = ['bid', 'buy']
const ASK_SIDES: readonly unknown[] = ['ask', 'sell']

function rowAt(columns: Columns, row: number, szDecimals: number, path: string) {
  const [time, usd, size] = [Number(columns['ts']![row]), columns['px']![row], columns['sz']![row]]
  const side = columns['side']![row]
  const isBid = BID_SIDES.includes(side)
  const [px, lots] = [Math.round(Number(usd) * 10 ** PX_DECIMALS), Math.round(Number(size) * 10 ** szDecimals)]
  const isWhole = [time, px, lots].every(Number.isSafeInteger)
  if (isWhole && px > 0 && lots >= 0 && (isBid || ASK_SIDES.includes(side))) return {time, px, lots, isBid}
  throw invalid(path, `Row ${row} is not a level or a trade: ts ${time}, px ${usd}, sz ${size}, side ${side}.`)
}

function decimalsIn(sizes: readonly number[], rows: readonly number[]): number {
  let decimals = 0
  for (const row of rows) {
    while (decimals < PX_DECIMALS && Math.abs(sizes[row]! - Number(sizes[row]!.toFixed(decimals))) > 1e-9) decimals++
  }
  return decimals
}

function indexesOf(symbols: readonly unknown[], name: string): number[] {
  const rows: number[] = []
  for (let i = 0; i < symbols.length; i++) if (symbols[i] === name) rows.push(i)
  return rows
}

const invalid = (path: string, why: string, cause?: unknown): Fault =>
  new Fault('sim.recording_invalid', {
    family: 'data',
    what: `${path} cannot be replayed.`,
    why,
    next: ['record it again, or take the damaged file out of the folder'],
    ...(cause === undefined ? {} : {cause}),
  })
