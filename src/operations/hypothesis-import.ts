import {reportMarkdown} from '../cognition/gauntlet/report-markdown.ts'
import {judgeRecord} from '../cognition/imports/judge-record.ts'
import {parseReturns, type ReturnsFile, type ReturnsFileOptions} from '../cognition/imports/parse-returns.ts'
import {periodOf} from '../cognition/imports/period.ts'
import {importBlocks} from '../cognition/imports/report.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import {HypothesisImport} from '../contracts/hypothesis-import.ts'
import {Slug} from '../contracts/units.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'

export interface ImportRequest extends ReturnsFileOptions {
  /** path on this machine */
  readonly csv: string
  readonly trials: number
  readonly id?: string | undefined
  /** periods a position usually lives */
  readonly hold: number
  readonly all: boolean
}

export interface ImportRun {
  readonly artifact: 'hypothesis-import-run@1'
  /** never true: nothing made elsewhere is eligible */
  readonly ok: false
  readonly record: HypothesisImport
  readonly paths: readonly string[]
}

/** Fewer observations decide nothing and are not computed. */
const LEAST = 50

/**
 * Judge a record that was made elsewhere by the statistical stages. It is never ELIGIBLE and never PASS, has no place in
 * the ledger, and no vault is asked about it.
 *
 * @throws Fault `import.*`, `ingest.no_file`, `ingest.unreadable_file` (data), `import.bad_id` (usage)
 */
export async function hypothesisImport(desk: Desk, request: ImportRequest): Promise<ImportRun> {
  const config = await desk.files.read(GauntletConfig)
  const {id, file, parsed, net, from, period} = await readRecord(desk, request)
  const seed = `qo-import|v1|data:${file.sha256}`
  const {trials, hold, all} = request
  const verdict = judgeRecord(
    {net, from, periodMs: period.ms, perYear: period.perYear, trials, hold, seed, all},
    config,
  )
  const record: HypothesisImport = HypothesisImport.schema.parse({
    artifact: 'hypothesis-import@1',
    id,
    ...verdict,
    record: {
      kind: parsed.kind,
      column: parsed.column,
      from: isoOf(parsed.ts[0]!),
      to: isoOf(parsed.ts.at(-1)!),
      period: period.name,
      perYear: period.perYear,
      observations: net.length,
      missing: period.missing,
      years: net.length / period.perYear,
    },
    cannotKnow: CANNOT_KNOW,
    warnings: [
      ...(parsed.assumedUtc ? ['times without a zone were read as UTC'] : []),
      ...(period.missing > 0 ? [`${period.missing} periods have no row; they may be the bad ones`] : []),
      ...(parsed.kind === 'equity' ? ['deposits and withdrawals in an equity curve look like returns'] : []),
    ],
    provenance: {
      data_as_of: isoOf(parsed.ts.at(-1)!),
      seed,
      qo_version: desk.version,
      data_sha: file.sha256,
      inputs: {[GauntletConfig.path]: await desk.files.hash(GauntletConfig.path)},
    },
  })
  const folder = `reports/imports/${id}`
  const path = await desk.files.write(HypothesisImport, record, `${folder}/import.json`)
  await desk.files.writeText(`${folder}/equity.svg`, await desk.charts.svg(equityChart(record, parsed.ts, net)))
  const blocks = importBlocks(record, {title: 'Equity', file: 'equity.svg'})
  await desk.files.writeText(
    `${folder}/report.md`,
    reportMarkdown({hypothesis: id}, blocks, 'hypothesis-import-report@1'),
  )
  return {
    artifact: 'hypothesis-import-run@1',
    ok: false,
    record,
    paths: [path, `${folder}/report.md`, `${folder}/equity.svg`],
  }
}

/** The file as the import reads it, refused where it would be. @throws Fault as `hypothesisImport` */
export async function readRecord(desk: Desk, request: ImportRequest) {
  const file = await desk.lake.openLines(request.csv)
  const id = idOf(request.id ?? file.name.replace(/\.[^.]*$/, ''))
  const lines: string[] = []
  for await (const batch of file.lines()) lines.push(...batch)
  const parsed = parseReturns(lines, request)
  const {net, from} = returnsOf(parsed)
  requireEnough(net)
  const rows = rowLines(lines)
  const period = periodOf(parsed.ts, (row) => rows[row] ?? rows.at(-1)!)
  requireReturns(net, request.percent)
  return {id, file, parsed, net, from, period}
}

const CANNOT_KNOW = [
  'how many trials there really were: the number is yours, and everything at stage 6 depends on it',
  'whether the rule saw the future, the whole sample, or only assets that survived',
  'whether costs, funding and fills are in these returns, and whether anybody could have traded them',
  'whether the record was chosen by its end: a vault is sealed before anybody looks',
  'whether periods or accounts were left out',
]

/** An equity curve has one return fewer than values. */
function returnsOf({ts, values, kind}: ReturnsFile): {net: Float64Array; from: number} {
  if (kind === 'returns') return {net: values, from: ts[0]!}
  const net = Float64Array.from({length: values.length - 1}, (_, i) => values[i + 1]! / values[i]! - 1)
  return {net, from: ts[1] ?? ts[0]!}
}

/** 1-based line of each row below the header, blank ones passed over. */
function rowLines(lines: readonly string[]): number[] {
  const filled = lines.flatMap((line, n) => (line.trim() === '' ? [] : [n + 1]))
  return filled.slice(1)
}

function requireEnough(net: Float64Array): void {
  if (net.length < LEAST) {
    throw new Fault('import.too_short', {
      family: 'data',
      what: `The record has ${net.length} returns.`,
      why: `Below ${LEAST} no statistic here means anything.`,
      next: ['import a longer record, or one of shorter periods'],
    })
  }
  if (net.every((r) => r === net[0])) {
    throw new Fault('import.constant', {
      family: 'data',
      what: `Every return is ${net[0]}.`,
      why: 'A series without variance has no Sharpe: it is a filled column, not a record.',
      next: ['check --column'],
    })
  }
}

/** Returns of a strategy rarely have a standard deviation of 50 % a period; percents written as numbers do. */
function requireReturns(net: Float64Array, percent: boolean): void {
  const sd = Math.sqrt(net.reduce((total, r) => total + r * r, 0) / net.length)
  if (percent || sd < 0.5) return
  throw new Fault('import.looks_like_percent', {
    family: 'data',
    what: `A typical return of this file is ${sd.toFixed(2)}, which would be ${(100 * sd).toFixed(0)} % a period.`,
    why: 'These look like percents. Compounding, drawdown and crash sizes would all be wrong.',
    next: ['--percent', 'divide the column by 100'],
  })
}

function idOf(wanted: string): string {
  const id = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  if (Slug.safeParse(id).success) return id
  throw new Fault('import.bad_id', {
    family: 'usage',
    what: `'${wanted}' cannot name an import.`,
    why: 'The id becomes a folder: lower-case letters, digits and hyphens.',
    next: ['--id my-record'],
  })
}

const equityChart = ({id}: HypothesisImport, ts: Float64Array, net: Float64Array) => {
  let level = 1
  return {
    kind: 'line' as const,
    xKind: 'time' as const,
    logY: true,
    title: `${id}: one unit invested, as imported`,
    series: [{name: 'equity', x: ts.subarray(ts.length - net.length), y: net.map((r) => (level *= 1 + r))}],
  }
}
