import {Bbo, Candles, Funding, Trades} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {Interval} from '../kernel/instant.ts'
import type {ArchiveData} from '../sensory/archive-name.ts'
import {type ArchiveMarket, type PlannedFile, planBinance} from '../sensory/archive-plan.ts'
import {
  type FoundFile,
  fetchFiles,
  type IngestArchiveResult,
  nothingPlanned,
  nothingThere,
  probeFiles,
  sizeText,
} from './archive-files.ts'
import {ingestVision} from './ingest-vision.ts'
import {leaveManifest} from './lake-manifest.ts'
import {readIngestConfig} from './read-lake.ts'
import {tableLine} from './table-line.ts'

export interface ArchiveRequest {
  readonly market: ArchiveMarket
  readonly data: ArchiveData
  readonly symbols: readonly string[]
  readonly interval: Interval | null
  readonly from: number
  readonly to: number
  readonly venue: string | null
  readonly baseUrl: string | null
  readonly maxBad: number
}

/** One symbol is another market on each of these: three venues. */
const VENUES: Readonly<Record<ArchiveMarket, string>> = {um: 'binance', cm: 'binance_cm', spot: 'binance_spot'}

const TABLE = {klines: Candles, trades: Trades, aggTrades: Trades, fundingRate: Funding, bookTicker: Bbo} as const

/**
 * Bring past data of Binance from its public archive: look which files are there, say how much that is, fetch what the
 * lake has not, check it against the SHA-256 beside it, import it.
 *
 * A commit names the file and its hash, so a second run fetches nothing, and a file that was published again under
 * another hash is imported again: what differs in it becomes revisions.
 *
 * @throws Fault `archive.nothing_there` (data), `archive.empty_range`, `ingest.interval_needed`,
 *   `archive.venue_of_another_market` (usage)
 */
export async function ingestArchiveBinance(desk: Desk, request: ArchiveRequest): Promise<IngestArchiveResult> {
  const {market, data, interval} = request
  if ((data === 'klines') !== (interval !== null)) throw intervalNeeded(data)
  const venue = request.venue ?? VENUES[market]
  requireOwnVenue(venue, market)
  const config = await readIngestConfig(desk)
  const base = (request.baseUrl ?? config.archives.binance.base_url).replace(/\/+$/, '')
  const planned = planBinance({...request, now: desk.clock.now()})
  if (planned.length === 0) throw nothingPlanned()
  desk.progress.say(`looking for ${planned.length} files`)
  const probed = await probeFiles(planned, (file) => look(desk, `${base}/${file.path}`, file))
  if (probed.found.length === 0 && probed.failed.length === 0) throw nothingThere(planned.length, planned[0]!.path)
  const sources = new Set((await desk.lake.commits()).map((commit) => `${commit.venue} ${commit.source}`))
  const fresh = probed.found.filter((file) => !sources.has(`${venue} ${sourceOf(file)}`))
  const bytes = fresh.reduce((sum, file) => sum + file.bytes, 0)
  desk.progress.say(`${fresh.length} files, ${sizeText(bytes)}`)
  const counts = {added: 0, revised: 0, unchanged: 0, quarantined: 0}
  const paths: string[] = []
  const cacheOf = (file: FoundFile): string => `binance/${file.path}`
  const done = await fetchFiles(desk, desk.dryRun ? [] : fresh, {cacheOf}, async (file, {path}) => {
    const result = await ingestVision(desk, {
      ...{path, shape: 'binance-vision', venue, interval: null, coin: null, map: {}, zone: null, unit: 'ms'},
      ...{maxBad: request.maxBad, completeFrom: null, survivor: false, page: false, source: sourceOf(file)},
    })
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += result[name]
    paths.push(...result.paths)
  })
  const where = {table: TABLE[data], venue, interval}
  const manifest = await leaveManifest(desk, where)
  const failed = [...probed.failed, ...done.failed]
  return {
    artifact: 'ingest-archive@1',
    ok: failed.length === 0,
    venue,
    planned: planned.length,
    missing: probed.missing,
    known: probed.found.length - fresh.length,
    files: fresh.length,
    bytes,
    usd: null,
    downloaded: done.downloaded,
    ...counts,
    failed,
    tables: [await tableLine(desk, await desk.lake.commits(), {table: where.table.id.split('@')[0]!, venue, interval})],
    paths: [...(manifest === null ? [] : [manifest]), ...paths],
  }
}

/** Spot rows under the name of the perpetuals would pay their funding and be shorted like them. */
function requireOwnVenue(venue: string, market: ArchiveMarket): void {
  const other = Object.entries(VENUES).find(([name, of]) => of === venue && name !== market)
  if (other === undefined) return
  throw new Fault('archive.venue_of_another_market', {
    family: 'usage',
    what: `--venue ${venue} is the market ${other[0]}, and --market is ${market}.`,
    why: 'One symbol is another market on each: fees, funding and what can be held short are those of the venue.',
    next: [`leave --venue away: it is ${VENUES[market]}`, `--market ${other[0]}`],
  })
}

const sourceOf = ({path, sha256}: FoundFile): string => `archive:${path}@${sha256!.slice(0, 12)}`

/** A file is there when its checksum is: both are published together. */
async function look(desk: Desk, url: string, file: PlannedFile): Promise<FoundFile | null> {
  const text = await desk.archive.text(`${url}.CHECKSUM`)
  if (text === null) return null
  const [, sha256, name] = /^([0-9a-f]{64})\s+\*?(\S+)/.exec(text) ?? []
  if (sha256 === undefined || name !== file.name) throw badChecksumFile(file.path)
  const bytes = await desk.archive.size(url)
  return bytes === null ? null : {...file, url, bytes, sha256}
}

const badChecksumFile = (path: string): Fault =>
  new Fault('archive.bad_checksum', {
    family: 'data',
    what: `${path}.CHECKSUM is no checksum of that file.`,
    why: 'Without it nothing tells a whole file from a broken one, so it is not fetched.',
    next: ['check --base-url', 'run the command again later'],
  })

const intervalNeeded = (data: string): Fault =>
  new Fault('ingest.interval_needed', {
    family: 'usage',
    what: data === 'klines' ? 'The length of the bars is not said.' : `--interval does not belong to ${data}.`,
    why: 'Klines come by their length, and nothing else has one.',
    next: [data === 'klines' ? '--interval 1h' : 'leave --interval away'],
  })
