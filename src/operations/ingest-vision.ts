import type {TimeUnit} from '../contracts/ingest.ts'
import type {Desk, SourceFile} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {dayOf} from '../kernel/instant.ts'
import {ARCHIVE_COLUMNS, type ArchiveName, archiveName, archiveReading} from '../sensory/archive-name.ts'
import type {IngestFileRequest} from './commit-file-rows.ts'
import {type IngestFileResult, ingestRows} from './ingest-rows.ts'
import {emptyFile} from './quarantine.ts'
import {numbers} from './read-lake.ts'

/**
 * Import a file of the public Binance archive, zip or plain: its name says symbol, kind and period, and its columns have
 * one order, with a header or without.
 *
 * The unit of its times is not guessed: the period in the name allows milliseconds or microseconds (spot since 2025),
 * never both.
 *
 * @throws Fault `ingest.archive_name` (usage); `ingest.bad_zip`, `ingest.wrong_period`, `ingest.contract_sizes` and those
 *   of any file (data)
 */
export async function ingestVision(desk: Desk, request: IngestFileRequest): Promise<IngestFileResult> {
  const base = request.path.replace(/^.*[\\/]/, '')
  const name = archiveName(base)
  if (name === null) throw badName(base)
  const reading = archiveReading(name)
  if (reading === null) throw contractSizes(base)
  const file = await desk.lake.openSource(request.path, {columns: ARCHIVE_COLUMNS[name.data]})
  try {
    const unit = await unitOf(file, reading.columns.ts, name)
    const {symbol: coin, interval} = name
    return await ingestRows(desk, {...request, coin, interval, unit, mostSilenceMs: null}, {file, ...reading})
  } finally {
    await file.close()
  }
}

const UNITS: readonly [TimeUnit, number][] = [
  ['ms', 1],
  ['us', 1000],
]

async function unitOf(file: SourceFile, column: string, {from, to}: ArchiveName): Promise<TimeUnit> {
  const times = numbers(await file.read({[column]: 'number'}), column)
  const first = times.find((time) => !Number.isNaN(time))
  if (times.length === 0) throw emptyFile(file.name)
  // A payment of the period's first hour may be stamped a moment before it, one of the last a moment behind.
  const slack = 60_000
  const fits = UNITS.find(([, per]) => first! / per >= from - slack && first! / per < to + slack)
  if (fits) return fits[0]
  throw new Fault('ingest.wrong_period', {
    family: 'data',
    what: `${file.name} does not hold what its name says: its first time is ${first ?? 'no number'}.`,
    why: `Read in ms or in us, that is not between ${dayOf(from)} and ${dayOf(to)}.`,
    next: ['download it again', 'give the file the name under which the archive has it'],
  })
}

const badName = (name: string): Fault =>
  new Fault('ingest.archive_name', {
    family: 'usage',
    what: `'${name}' is no name of the Binance archive.`,
    why: 'Symbol, kind and period of its files stand in their names and nowhere else.',
    next: [
      'name it like BTCUSDT-1h-2024-01.zip or BTCUSDT-trades-2024-01-05.csv',
      '--as ohlcv or --as trades with --map',
    ],
  })

const contractSizes = (name: string): Fault =>
  new Fault('ingest.contract_sizes', {
    family: 'data',
    what: `${name} counts contracts and not coins; it was not imported.`,
    why: 'COIN-M quantities are contracts of 10 or 100 USD, and this kind of file has no column in coins.',
    next: ['take --data trades or --data klines: those have one'],
  })
