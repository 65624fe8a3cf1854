import type {Table} from '../contracts/artifact.ts'
import type {Desk} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import type {Bars, Payments} from '../sensory/bars.ts'
import type {Reject} from '../sensory/check-rows.ts'
import {coverageChart} from '../sensory/coverage-chart.ts'
import {dataShaPieces, type HashedRows} from '../sensory/data-sha.ts'
import {markOf} from '../sensory/grade.ts'
import {type Summary, summarizeBars, summarizePayments} from '../sensory/import-summary.ts'
import {ingestReport} from '../sensory/ingest-report.ts'
import type {Delay} from '../sensory/recorder-delay.ts'
import {figureLimits, readBars, readIngestConfig, readPayments} from './read-lake.ts'

/** Leave the Markdown page of an import; returns its path. */
export async function leaveReport(
  desk: Desk,
  path: string,
  facts: {
    table: Table
    venue: string
    interval: string | null
    title: string
    inputs: Readonly<Record<string, string>>
    sourceRows: number
    duplicates: ReadonlyMap<string, number>
    rejects: readonly Reject[]
    rows: HashedRows
    summary: Summary
    picture?: string | undefined
    delay?: Delay | null
  },
): Promise<string> {
  const {rows, summary, table} = facts
  const sha = await desk.lake.digest(dataShaPieces(rows.coin, rows.columns))
  const {quality} = await readIngestConfig(desk)
  const dropped = [...facts.duplicates.values()].reduce((a, b) => a + b, 0)
  const duplicateMark = markOf(dropped / Math.max(1, facts.sourceRows), quality.duplicate_share)
  const page = ingestReport({...facts, duplicateMark, table: table.id, dataSha: sha, qoVersion: desk.version}, summary)
  await desk.files.writeText(path, page)
  return path
}

/** Bars or payments as they are hashed: when a row was available follows from its time. */
export function hashedMarket(rows: Bars | Payments): HashedRows {
  const {availableAt: _, coin, count: __, ...columns} = rows
  return {coin, columns: columns as Readonly<Record<string, Float64Array>>}
}

/** A page and its picture, and what it says in marks. */
export interface VenueReport {
  readonly paths: readonly string[]
  readonly quality: TableQuality
}

/** How many coins of a table have which mark, and which figures earned the worst ones. */
export interface TableQuality {
  readonly table: string
  readonly interval: string | null
  readonly ok: number
  readonly warn: number
  readonly bad: number
  readonly worst: readonly {readonly coin: string; readonly marks: Summary['coins'][number]['marks']}[]
}

const MOST_WORST = 20

/**
 * Leave the page of what the lake holds of a venue, as far as research may see it: without new rows the page stays.
 *
 * @returns null when research may see nothing
 */
export async function leaveVenueReport(
  desk: Desk,
  where: {table: Table; venue: string; interval: Interval | null},
): Promise<VenueReport | null> {
  const {venue, interval, table} = where
  const scope = {venue, asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'research'} as const}
  const config = await readIngestConfig(desk)
  const rows = interval === null ? await readPayments(desk, scope) : await readBars(desk, {...scope, interval})
  if (rows === null || rows.count === 0) return null
  const summary =
    'open' in rows
      ? summarizeBars(rows, interval!, figureLimits(config, venue))
      : summarizePayments(rows, config.quality)
  const name = `${venue}-${interval ?? 'funding'}`
  const picture = interval === null ? null : await leavePicture(desk, name, rows, INTERVAL_MS[interval])
  const page = await leaveReport(desk, `reports/ingest/${name}.md`, {
    ...where,
    title: name.replace('-', ' '),
    inputs: {},
    sourceRows: rows.count,
    duplicates: new Map(),
    rejects: [],
    rows: hashedMarket(rows),
    summary,
    ...(picture === null ? {} : {picture}),
  })
  const having = (mark: string): Summary['coins'] => summary.coins.filter((coin) => coin.mark === mark)
  return {
    paths: [page, ...(picture === null ? [] : [`reports/ingest/${picture}`])],
    quality: {
      table: table.id.split('@')[0]!,
      interval,
      ok: having('ok').length,
      warn: having('warn').length,
      bad: having('bad').length,
      worst: [...having('bad'), ...having('warn')].slice(0, MOST_WORST).map(({coin, marks}) => ({coin, marks})),
    },
  }
}

/** @returns the file name, null when there is nothing to draw */
async function leavePicture(desk: Desk, name: string, rows: Bars | Payments, barMs: number): Promise<string | null> {
  const chart = coverageChart(`${name.replace('-', ' ')}: share of bars that are there`, rows, barMs)
  if (chart === null) return null
  await desk.files.writeText(`reports/ingest/${name}.svg`, await desk.charts.svg(chart))
  return `${name}.svg`
}
