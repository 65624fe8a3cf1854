import {AssetCtx, Book, Funding, Universe} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {type HyperliquidData, type PlannedFile, planHyperliquid} from '../sensory/archive-plan.ts'
import {
  type FoundFile,
  fetchFiles,
  type IngestArchiveResult,
  nothingPlanned,
  nothingThere,
  probeFiles,
  sizeText,
} from './archive-files.ts'
import {importBooks} from './import-books.ts'
import {importContexts} from './import-contexts.ts'
import {leaveManifest} from './lake-manifest.ts'
import {readIngestConfig} from './read-lake.ts'
import {type TableLine, tableLine} from './table-line.ts'

export interface HyperliquidArchiveRequest {
  readonly data: HyperliquidData
  /** of l2Book */
  readonly coins: readonly string[]
  readonly from: number
  readonly to: number
  readonly venue: string
  readonly baseUrl: string | null
  readonly maxBad: number
  /** pay for more than the configuration allows without asking */
  readonly yes: boolean
}

/** The bucket makes the requester pay, and wants to hear that the requester knows. */
const HEADERS = {'x-amz-request-payer': 'requester'}

const TABLES = {asset_ctxs: [AssetCtx, Funding, Universe], l2Book: [Book]} as const

/**
 * Bring past data of Hyperliquid from its official archive: contexts by day, which rebuild open interest, funding and the
 * universe with its dead, or books by hour and coin. What it costs is said first.
 *
 * The archive has no checksums: a file is whole when its length is that of the reply and the checksums inside it hold. It
 * is written once, so a file the lake has is not asked for again.
 *
 * @throws Fault `archive.costs_money`, `archive.coins_needed`, `archive.empty_range` (usage), `archive.nothing_there` (data)
 */
export async function ingestArchiveHyperliquid(
  desk: Desk,
  request: HyperliquidArchiveRequest,
): Promise<IngestArchiveResult> {
  const {data, venue, coins} = request
  if ((data === 'l2Book') !== coins.length > 0) throw coinsNeeded(data)
  const {archives} = await readIngestConfig(desk)
  const {base_url, usd_per_gb, confirm_above_usd} = archives.hyperliquid
  const base = (request.baseUrl ?? base_url).replace(/\/+$/, '')
  const to = Math.min(request.to, Math.floor(desk.clock.now() / 86_400_000) * 86_400_000)
  const planned = planHyperliquid({...request, to})
  if (planned.length === 0) throw nothingPlanned()
  const known = knownFiles(await desk.lake.commits(), venue, TABLES[data].at(-1)!.id.split('@')[0]!)
  const fresh = planned.filter(({path}) => !known.has(path))
  desk.progress.say(`looking for ${fresh.length} files`)
  const probed = await probeFiles(fresh, (file) => look(desk, `${base}/${file.path}`, file))
  if (probed.found.length === 0 && probed.failed.length === 0 && known.size === 0) {
    throw nothingThere(planned.length, planned[0]!.path)
  }
  const bytes = probed.found.reduce((sum, file) => sum + file.bytes, 0)
  const usd = (bytes / 1e9) * usd_per_gb
  desk.progress.say(`${probed.found.length} files, ${sizeText(bytes)}, ${usd.toFixed(2)} USD`)
  if (!desk.dryRun && usd > confirm_above_usd && !request.yes) throw costsMoney(bytes, usd, confirm_above_usd)
  const counts = {added: 0, revised: 0, unchanged: 0, quarantined: 0}
  const cacheOf = (file: FoundFile): string => `hyperliquid/${file.path}`
  const wanted = desk.dryRun ? [] : probed.found
  const done = await fetchFiles(desk, wanted, {headers: HEADERS, cacheOf}, async (file, {path, sha256}) => {
    const source = `archive:${file.path}@${sha256.slice(0, 12)}`
    const one = {path, venue, source, day: file.from, maxBad: request.maxBad}
    const result = await (data === 'asset_ctxs' ? importContexts(desk, one) : importBooks(desk, one))
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += result[name]
  })
  const commits = await desk.lake.commits()
  const paths: string[] = []
  const tables: TableLine[] = []
  for (const table of TABLES[data]) {
    const manifest = await leaveManifest(desk, {table, venue, interval: null})
    if (manifest !== null) paths.push(manifest)
    tables.push(await tableLine(desk, commits, {table: table.id.split('@')[0]!, venue, interval: null}))
  }
  const failed = [...probed.failed, ...done.failed]
  return {
    ...{artifact: 'ingest-archive@1', ok: failed.length === 0, venue, planned: planned.length, missing: probed.missing},
    ...{known: planned.length - fresh.length, files: probed.found.length, bytes, usd, downloaded: done.downloaded},
    ...counts,
    ...{failed, tables, paths},
  }
}

/** Archive paths whose last table is in the lake. */
const knownFiles = (commits: readonly {venue: string; table: string; source: string}[], venue: string, table: string) =>
  new Set(
    commits
      .filter((commit) => commit.venue === venue && commit.table === table && commit.source.startsWith('archive:'))
      .map(({source}) => source.slice('archive:'.length).replace(/@[0-9a-f]+$/, '')),
  )

async function look(desk: Desk, url: string, file: PlannedFile): Promise<FoundFile | null> {
  const bytes = await desk.archive.size(url, {headers: HEADERS})
  return bytes === null ? null : {...file, url, bytes, sha256: null}
}

const usage = (code: `archive.${string}`, what: string, why: string, next: readonly string[]): Fault =>
  new Fault(code, {family: 'usage', what, why, next: [...next]})

const costsMoney = (bytes: number, usd: number, limit: number): Fault =>
  usage(
    'archive.costs_money',
    `${sizeText(bytes)} would cost ${usd.toFixed(2)} USD; nothing was fetched.`,
    `The requester pays, and more than ${limit} USD is asked about (archives.hyperliquid.confirm_above_usd).`,
    ['the same with --yes', 'a shorter range, or fewer --coins'],
  )

const coinsNeeded = (data: string): Fault =>
  usage(
    'archive.coins_needed',
    data === 'l2Book' ? 'The coins of the books are not said.' : `--coins does not belong to ${data}.`,
    'Books come by coin, a file of contexts has all of them.',
    [data === 'l2Book' ? '--coins BTC,ETH' : 'leave --coins away'],
  )
