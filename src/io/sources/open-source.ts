import {randomUUID} from 'node:crypto'
import {constants} from 'node:fs'
import {copyFile, mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import type {DuckDBConnection} from '@duckdb/node-api'
import type {Rows, SourceColumn, SourceFile} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {ident, numbersOf, openConnection, quote, readColumns} from '../lake/duckdb.ts'
import {hashFile} from '../lake/parquet-file.ts'
import {recordLines} from './record-lines.ts'

type Format = 'csv' | 'parquet' | 'json'

/** A text column with more distinct values than this is decoded row by row. */
const MOST_LABELS = 10_000

/**
 * Open a market-data file: CSV, Parquet, JSON or JSON lines, plain or gzipped.
 *
 * It is copied aside first, so that hash, checks and import see the same bytes whatever happens to the original. CSV
 * cells stay text; numbers are read from them by the reader that asks.
 *
 * @throws Fault `ingest.no_file`, `ingest.unsupported_format`, `ingest.unreadable_file` (data)
 */
export async function openSource(path: string): Promise<SourceFile> {
  const format = formatOf(path)
  const folder = await mkdtemp(join(tmpdir(), 'qo-source-'))
  const copy = join(folder, basename(path))
  const connection = await openConnection()
  const relation = `source_${randomUUID().replaceAll('-', '')}`
  const close = async (): Promise<void> => {
    await connection.run(`DROP TABLE IF EXISTS ${relation}`)
    connection.closeSync()
    await rm(folder, {recursive: true, force: true})
  }
  try {
    await copyFile(path, copy, constants.COPYFILE_FICLONE).catch((cause: Error) => {
      throw noFile(path, cause)
    })
    const sha256 = await hashFile(copy)
    await connection.run(`CREATE TABLE ${relation} AS SELECT ${await selectOf(connection, copy, format)}`)
    const columns = await describeColumns(connection, relation)
    const [rows] = await numbersOf(connection, `SELECT count(*) FROM ${relation}`)
    return sourceFile({copy, format, sha256, connection, relation, columns, rows: rows!, close})
  } catch (cause) {
    await close()
    if (cause instanceof Fault) throw cause
    throw unreadable(path, cause as Error)
  }
}

interface Opened {
  /** the private copy */
  readonly copy: string
  readonly format: Format
  readonly sha256: string
  readonly connection: DuckDBConnection
  readonly relation: string
  readonly columns: readonly SourceColumn[]
  readonly rows: number
  readonly close: () => Promise<void>
}

function sourceFile(opened: Opened): SourceFile {
  const {copy, format, sha256, connection, relation, columns, rows, close} = opened
  const kindOf = new Map(columns.map(({name, kind}) => [name, kind]))

  async function read(wanted: Readonly<Record<string, 'number' | 'text'>>): Promise<Rows> {
    const names = Object.keys(wanted)
    const texts = names.filter((name) => wanted[name] === 'text')
    const dictionaries = new Map<string, readonly string[]>()
    for (const name of texts) {
      const values = await dictionaryOf(name)
      if (values !== null) dictionaries.set(name, values)
    }
    const cells = names.map((name) => {
      const cell = ident(name)
      if (dictionaries.has(name)) return `coalesce(enum_code(${cell}::VARCHAR::${enumOf(name)})::DOUBLE, -1) AS ${cell}`
      return texts.includes(name)
        ? `${cell}::VARCHAR AS ${cell}`
        : `coalesce(${numberCell(name)}, 'NaN'::DOUBLE) AS ${cell}`
    })
    const plain = await readColumns(connection, `SELECT ${cells.join(', ')} FROM ${relation}`, {names, rows})
    const columnsRead: Record<string, Float64Array | readonly string[]> = {...plain.columns}
    for (const [name, values] of dictionaries) {
      columnsRead[name] = decode(plain.columns[name] as Float64Array, values)
      await connection.run(`DROP TYPE ${enumOf(name)}`)
    }
    return {count: rows, columns: columnsRead}
  }

  /** Distinct texts of a column as an ENUM: one code per row is read instead of one string. */
  async function dictionaryOf(name: string): Promise<readonly string[] | null> {
    const cell = ident(name)
    const distinct = `SELECT DISTINCT ${cell}::VARCHAR AS value FROM ${relation} WHERE ${cell} IS NOT NULL LIMIT ${MOST_LABELS + 1}`
    const values = (await connection.runAndReadAll(distinct)).getRows().map(([value]) => String(value))
    if (values.length > MOST_LABELS) return null
    const labels = values.length > 0 ? values : ['']
    await connection.run(`CREATE TYPE ${enumOf(name)} AS ENUM (${labels.map(quote).join(', ')})`)
    return values
  }
  const enumOf = (name: string): string => `${relation}_${columns.findIndex((column) => column.name === name)}`

  function numberCell(name: string): string {
    const kind = kindOf.get(name)
    if (kind === 'instant') return `epoch_ms(${ident(name)})::DOUBLE`
    return kind === 'number' ? `${ident(name)}::DOUBLE` : `try_cast(trim(${ident(name)}::VARCHAR) AS DOUBLE)`
  }

  return {
    name: basename(copy),
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
      const bytes = await readFile(copy)
      const text = new TextDecoder().decode(copy.endsWith('.gz') ? gunzipSync(bytes) : bytes)
      const lines = recordLines(text, format)
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
      const cell = `trim(${ident(String(name))})`
      const [filled, numeric] = await numbersOf(
        connection,
        `SELECT count(*) FILTER (${cell} <> ''), count(try_cast(${cell} AS DOUBLE)) FILTER (${cell} <> '') FROM ${relation}`,
      )
      return {name: String(name), kind, numericShare: filled === 0 ? 0 : numeric! / filled!}
    }),
  )
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
