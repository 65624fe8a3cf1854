import {randomUUID} from 'node:crypto'
import {readFile, stat} from 'node:fs/promises'
import {basename} from 'node:path'
import {gunzipSync} from 'node:zlib'
import type {DuckDBConnection} from '@duckdb/node-api'
import type {Rows, SourceColumn, SourceFile, SourceOptions} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {ident, numbersOf, openConnection, quote} from '../lake/duckdb.ts'
import {hashFile} from '../lake/parquet-file.ts'
import {readColumns, SMALL_ROWS} from '../lake/read-columns.ts'
import {type BareCsv, openBareCsv} from './bare-csv.ts'
import {recordLines} from './record-lines.ts'

type Format = 'csv' | 'parquet' | 'json'

/** A text column with more distinct values than this is decoded row by row. */
const MOST_LABELS = 10_000

/**
 * Open a market-data file: CSV, Parquet, JSON or JSON lines, plain or gzipped.
 *
 * It is parsed once, into memory, so that checks and import see the same rows; a file that changes meanwhile is refused.
 * CSV cells stay text, and a CSV in a zip is read where its columns are known; numbers are read from them by the reader that asks.
 *
 * @throws Fault `ingest.no_file`, `ingest.unsupported_format`, `ingest.unreadable_file`, `ingest.file_changed` (data)
 */
export async function openSource(path: string, {columns: known}: SourceOptions = {}): Promise<SourceFile> {
  const format = known ? 'csv' : formatOf(path)
  const before = await stampOf(path)
  const bare = known ? await openBareCsv(path, known) : null
  const connection = await openConnection()
  const relation = `source_${randomUUID().replaceAll('-', '')}`
  const close = async (): Promise<void> => {
    await connection.run(`DROP TABLE IF EXISTS ${relation}`)
    connection.closeSync()
    await bare?.dispose()
  }
  try {
    const select = bare ? bareSelect(bare) : await selectOf(connection, path, format)
    // The engine parses on its own threads while this one hashes.
    const [sha256] = await Promise.all([hashFile(path), connection.run(`CREATE TABLE ${relation} AS SELECT ${select}`)])
    if ((await stampOf(path)) !== before) throw changed(path)
    const columns = await describeColumns(connection, relation)
    const [rows] = await numbersOf(connection, `SELECT count(*) FROM ${relation}`)
    return sourceFile({path, bare, format, sha256, connection, relation, columns, rows: rows!, close})
  } catch (cause) {
    await close()
    // Only what the engine says about the file is about the file.
    if (cause instanceof Fault || cause instanceof TypeError || cause instanceof ReferenceError) throw cause
    throw unreadable(path, cause as Error)
  }
}

interface Run {
  readonly value: string
  readonly count: number
  /** rows from its first to its last occurrence */
  readonly span: number
}

interface Opened {
  readonly path: string
  readonly bare: BareCsv | null
  readonly format: Format
  readonly sha256: string
  readonly connection: DuckDBConnection
  readonly relation: string
  readonly columns: readonly SourceColumn[]
  readonly rows: number
  readonly close: () => Promise<void>
}

function sourceFile(opened: Opened): SourceFile {
  const {path, bare, format, sha256, connection, relation, columns, rows, close} = opened
  const kindOf = new Map(columns.map(({name, kind}) => [name, kind]))

  async function read(wanted: Readonly<Record<string, 'number' | 'text'>>): Promise<Rows> {
    const names = Object.keys(wanted)
    const texts = names.filter((name) => wanted[name] === 'text')
    const runs: Record<string, readonly Run[]> = {}
    const labels = new Map<string, readonly string[]>()
    for (const name of texts) {
      const found = await runsOf(name)
      if (found.length > MOST_LABELS) continue
      if (found.every(({count, span}) => count === span)) runs[name] = found
      else labels.set(name, await labelsOf(name, found))
    }
    const cellOf = (name: string): string => {
      const cell = ident(name)
      if (labels.has(name)) return `coalesce(enum_code(${cell}::VARCHAR::${enumOf(name)})::DOUBLE, -1) AS ${cell}`
      return texts.includes(name)
        ? `${cell}::VARCHAR AS ${cell}`
        : `coalesce(${numberCell(name)}, 'NaN'::DOUBLE) AS ${cell}`
    }
    const cells = names.filter((name) => runs[name] === undefined).map(cellOf)
    const shape = {names, rows, runs, isSmall: rows <= SMALL_ROWS}
    const plain = await readColumns(connection, `SELECT ${cells.join(', ')} FROM ${relation}`, shape)
    const columnsRead: Record<string, Float64Array | readonly string[]> = {...plain.columns}
    for (const [name, values] of labels) {
      columnsRead[name] = decode(plain.columns[name] as Float64Array, values)
      await connection.run(`DROP TYPE ${enumOf(name)}`)
    }
    return {count: rows, columns: columnsRead}
  }

  /** Distinct texts of a column in file order; in a file sorted by it each one is a single run of rows. */
  async function runsOf(name: string): Promise<Run[]> {
    const reader = await connection.runAndReadAll(
      `SELECT ${ident(name)}::VARCHAR, count(*), max(rowid) - min(rowid) + 1 FROM ${relation}
       GROUP BY ALL ORDER BY min(rowid) LIMIT ${MOST_LABELS + 1}`,
    )
    return reader
      .getRows()
      .map(([value, count, span]) => ({value: String(value ?? ''), count: Number(count), span: Number(span)}))
  }

  /** An ENUM of a column's texts: one code per row is read instead of one string. */
  async function labelsOf(name: string, found: readonly Run[]): Promise<readonly string[]> {
    const values = [...new Set(found.map(({value}) => value))]
    await connection.run(`CREATE TYPE ${enumOf(name)} AS ENUM (${values.map(quote).join(', ')})`)
    return values
  }
  const enumOf = (name: string): string => `${relation}_${columns.findIndex((column) => column.name === name)}`

  function numberCell(name: string): string {
    const kind = kindOf.get(name)
    if (kind === 'instant') return `epoch_ms(${ident(name)})::DOUBLE`
    return kind === 'number' ? `${ident(name)}::DOUBLE` : `try_cast(trim(${ident(name)}::VARCHAR) AS DOUBLE)`
  }

  return {
    name: basename(path),
    relation,
    sha256,
    rows,
    columns,
    read,
    close,
    async cells(wanted) {
      if (wanted.length === 0) return []
      const reader = await connection.runAndReadAll(
        `SELECT * FROM ${relation} WHERE rowid IN (${wanted.join(', ')}) ORDER BY rowid`,
      )
      const names = reader.columnNames()
      return reader
        .getRowsJson()
        .map((row) => Object.fromEntries(names.map((name, i) => [name, row[i] === null ? '' : String(row[i])])))
    },
    async lineNumbers(wanted) {
      if (format === 'parquet' || wanted.length === 0) return wanted.map((row) => row + 1)
      const content = bare?.content ?? path
      const bytes = await readFile(content)
      const text = new TextDecoder().decode(content.endsWith('.gz') ? gunzipSync(bytes) : bytes)
      const lines = recordLines(text, format, bare?.hasHeader ?? true)
      return wanted.map((row) => lines[row] ?? row + 1)
    },
  }
}

/** Codes -> their texts; every row shares the one string of its label. */
function decode(codes: Float64Array, labels: readonly string[]): string[] {
  const texts = new Array<string>(codes.length)
  for (let i = 0; i < codes.length; i++) texts[i] = labels[codes[i]!] ?? ''
  return texts
}

function bareSelect({content, names, hasHeader}: BareCsv): string {
  const types = names.map((name) => `${quote(name)}: 'VARCHAR'`).join(', ')
  return `* FROM read_csv(${quote(content)}, header = false, skip = ${hasHeader ? 1 : 0}, columns = {${types}}, auto_detect = false, delim = ',', quote = '"', null_padding = true, strict_mode = false, parallel = false)`
}

async function selectOf(connection: DuckDBConnection, path: string, format: Format): Promise<string> {
  const file = quote(path)
  if (format === 'parquet') return `* FROM read_parquet(${file}, hive_partitioning = false)`
  if (format === 'csv') {
    return `* FROM read_csv(${file}, header = true, all_varchar = true, null_padding = true, strict_mode = false, quote = '"', parallel = false)`
  }
  const records = `read_json_objects(${file}, format = 'auto', maximum_object_size = 1048576)`
  const reader = await connection.runAndReadAll(
    `SELECT json_type(json), json_array_length(json) FROM ${records} LIMIT 1`,
  )
  const [type, width] = reader.getRows()[0] ?? []
  if (type === 'ARRAY') {
    const cells = Array.from({length: Number(width)}, (_, i) => `json->>${i} AS ${ident(String(i))}`)
    return `${cells.join(', ')} FROM ${records}`
  }
  return `* FROM read_json_auto(${file}, maximum_object_size = 1048576)`
}

async function describeColumns(connection: DuckDBConnection, relation: string): Promise<SourceColumn[]> {
  const rows = (await connection.runAndReadAll(`DESCRIBE ${relation}`)).getRows()
  return Promise.all(
    rows.map(async ([name, type]): Promise<SourceColumn> => {
      const kind = kindOf(String(type))
      if (kind !== 'text') return {name: String(name), kind, numericShare: kind === 'number' ? 1 : 0}
      return {name: String(name), kind, numericShare: await numericShareOf(connection, relation, ident(String(name)))}
    }),
  )
}

/** Rows looked at, and distinct texts among them up to which a column seems to name things. */
const [SEEN, FEW] = [10_000, 100]

/** Share of a column's texts that are numbers. Where the same few texts come again and again, each is read once. */
async function numericShareOf(connection: DuckDBConnection, relation: string, column: string): Promise<number> {
  const [distinct] = await numbersOf(
    connection,
    `SELECT count(DISTINCT ${column}) FROM (SELECT ${column} FROM ${relation} LIMIT ${SEEN})`,
  )
  const cells =
    distinct! <= FEW
      ? `SELECT trim(${column}) AS cell, count(*) AS times FROM ${relation} GROUP BY ${column}`
      : `SELECT trim(${column}) AS cell, 1 AS times FROM ${relation}`
  const [filled, numeric] = await numbersOf(
    connection,
    `SELECT coalesce(sum(times), 0), coalesce(sum(times) FILTER (try_cast(cell AS DOUBLE) IS NOT NULL), 0)
     FROM (${cells}) WHERE cell <> ''`,
  )
  return filled === 0 ? 0 : numeric! / filled!
}

function kindOf(type: string): SourceColumn['kind'] {
  if (/^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w*INT\w*|FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) return 'number'
  if (type === 'VARCHAR') return 'text'
  if (type === 'TIMESTAMP WITH TIME ZONE') return 'instant'
  return /^(TIMESTAMP|DATE)/.test(type) ? 'local' : 'other'
}

function formatOf(path: string): Format {
  const name = path.toLowerCase().replace(/\.gz$/, '')
  if (name.endsWith('.parquet') && !path.toLowerCase().endsWith('.gz')) return 'parquet'
  if (name.endsWith('.csv')) return 'csv'
  if (/\.(json|jsonl|ndjson)$/.test(name)) return 'json'
  throw new Fault('ingest.unsupported_format', {
    family: 'data',
    what: `${basename(path)} is of a kind that qo does not read.`,
    why: 'It reads .csv, .csv.gz, .parquet, .json, .jsonl and their .gz.',
    next: ['convert the file to Parquet or CSV'],
  })
}

/** What changes when somebody writes to a file. */
async function stampOf(path: string): Promise<string> {
  const {ino, size, mtimeMs} = await stat(path).catch((cause: Error) => {
    throw noFile(path, cause)
  })
  return `${ino} ${size} ${mtimeMs}`
}

const changed = (path: string): Fault =>
  new Fault('ingest.file_changed', {
    family: 'data',
    what: `${basename(path)} changed while it was read; the lake is unchanged.`,
    why: 'The rows and the hash that names them must be of the same bytes.',
    next: ['wait until the file is complete, then run the command again'],
  })

const noFile = (path: string, cause: Error): Fault =>
  new Fault('ingest.no_file', {
    family: 'data',
    what: `${basename(path)} cannot be opened.`,
    why: cause.message,
    next: ['check the path'],
    cause,
  })

const unreadable = (path: string, cause: Error): Fault =>
  new Fault('ingest.unreadable_file', {
    family: 'data',
    what: `${basename(path)} cannot be read as what its name says.`,
    why: cause.message.split('\n').slice(0, 2).join(' '),
    next: ['check that the file is complete: download it again', 'convert it to Parquet or CSV'],
    cause,
  })
