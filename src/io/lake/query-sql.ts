import type {DuckDBConnection} from '@duckdb/node-api'
import type {Table} from '../../contracts/artifact.ts'
import {TABLES} from '../../contracts/index.ts'
import type {SqlAnswer} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {ENGINE_OPTIONS, engine, ident, quote} from './duckdb.ts'
import {tableName} from './layout.ts'

/** Table functions that read nothing from outside. */
const HARMLESS = ['range', 'generate_series', 'unnest']

const FORMATS = {
  csv: 'FORMAT csv, HEADER true',
  json: 'FORMAT json, ARRAY true',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
} as const

/** Where an answer goes that is not wanted in memory. */
interface SqlFile {
  readonly path: string
  readonly format: keyof typeof FORMATS
}

/** What a query may read: made before the door is locked. */
export interface SqlGround {
  /** files that hold no sealed row, absolute: the only ones the database may open */
  readonly open: readonly string[]
  /** run in order: rows of files with sealed ones are copied without them, then one view per table */
  readonly prepare: readonly string[]
}

/**
 * One read-only query over views that are named like the lake's tables.
 *
 * Two locks, each enough by itself. The statement is parsed first: one SELECT, from declared tables by their plain
 * names. And the database may open no file but those without a sealed row; files across a seal were copied into memory
 * without their sealed rows before the door was shut, and those behind it are unknown to it. So the rest is streamed
 * from the Parquet files, and no trick with names, functions or scopes finds a sealed row to show.
 *
 * @throws Fault `lake.sql_refused`, `lake.sql_failed` (usage)
 */
export async function querySql(
  query: string,
  groundOf: (tables: readonly Table[]) => Promise<SqlGround>,
  out: SqlFile | undefined,
): Promise<SqlAnswer> {
  const instance = await engine().DuckDBInstance.create(':memory:', ENGINE_OPTIONS)
  const connection = await instance.connect()
  try {
    const {open, prepare} = await groundOf(await tablesOf(connection, query))
    for (const statement of prepare) await connection.run(statement)
    const allowed = [...open, ...(out ? [out.path] : [])]
    await connection.run(`SET allowed_paths = [${allowed.map(quote).join(', ')}]`)
    await connection.run('SET enable_external_access = false')
    await connection.run('SET lock_configuration = true')
    return await (out ? leave(connection, query, out) : answer(connection, query)).catch((cause: Error) => {
      throw cause instanceof Fault ? cause : failed(cause)
    })
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function answer(connection: DuckDBConnection, query: string): Promise<SqlAnswer> {
  const reader = await connection.runAndReadAll(query)
  const whole = reader.columnTypes().map((type) => /INT$/.test(type.toString()))
  const rows = reader.getRowsJson().map((row) => row.map((cell, j) => (whole[j] ? plainNumber(cell) : cell)))
  return {columns: reader.columnNames(), rows, count: rows.length}
}

/** The answer as a file, row by row: it never has to fit into memory. */
async function leave(connection: DuckDBConnection, query: string, {path, format}: SqlFile): Promise<SqlAnswer> {
  await connection.run(`CREATE TEMP VIEW qo_answer AS ${query}`)
  const described = await connection.runAndReadAll('DESCRIBE qo_answer')
  const copied = await connection.runAndReadAll(`COPY (FROM qo_answer) TO ${quote(path)} (${FORMATS[format]})`)
  const columns = described.getRows().map(([name]) => String(name))
  return {columns, rows: [], count: Number(copied.getRows()[0]?.[0] ?? 0)}
}

/** 64-bit integers come as text; those that a double holds exactly are numbers for whoever reads the JSON. */
function plainNumber(cell: unknown): unknown {
  const value = Number(cell)
  return typeof cell === 'string' && Number.isSafeInteger(value) ? value : cell
}

/** Declared tables that a query names. Anything else that it would read from refuses it. */
async function tablesOf(connection: DuckDBConnection, query: string): Promise<Table[]> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [query])
  const tree = JSON.parse(String(reader.getRows()[0]?.[0])) as SqlTree
  if (tree.error) throw refused(tree.error_message ?? 'it is not a SELECT')
  if (tree.statements?.length !== 1) throw refused('it is not exactly one statement')
  const [names, functions, own] = [new Set<string>(), new Set<string>(), new Set<string>()]
  walk(tree, (node) => {
    if (node['type'] === 'BASE_TABLE') {
      names.add(String(node['table_name']))
      // Qualified names are put together with dots and looked for as files.
      if (node['schema_name'] || node['catalog_name']) throw refused('it qualifies the name of a table')
    }
    if (node['type'] === 'TABLE_FUNCTION') {
      functions.add(String((node['function'] as Record<string, unknown>)['function_name']))
    }
    const map = (node['cte_map'] as {map?: {key: string}[]} | undefined)?.map ?? []
    for (const {key} of map) own.add(key)
  })
  const strange = [...functions].find((name) => !HARMLESS.includes(name))
  if (strange !== undefined) throw refused(`it calls ${strange}()`)
  // A name of its own is exempt everywhere, so it must not be one that a file can have.
  const odd = [...own].find((name) => !/^\w+$/.test(name))
  if (odd !== undefined) throw refused(`it calls a part of itself ${ident(odd)}`)
  const wanted = [...names].filter((name) => !own.has(name))
  return wanted.map((name) => {
    const table = TABLES.find((candidate) => tableName(candidate) === name.toLowerCase())
    if (!table) throw refused(`there is no table ${name}`)
    return table
  })
}

interface SqlTree {
  readonly error: boolean
  readonly error_message?: string
  readonly statements?: readonly unknown[]
}

function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, visit)
  else if (typeof node === 'object' && node !== null) {
    visit(node as Record<string, unknown>)
    for (const item of Object.values(node)) walk(item, visit)
  }
}

const refused = (why: string): Fault =>
  new Fault('lake.sql_refused', {
    family: 'usage',
    what: 'The query was not run.',
    why: `${why[0]!.toUpperCase()}${why.slice(1).replace(/[.!]$/, '')}. The lake answers one SELECT over ${TABLES.map(tableName).join(', ')}.`,
    next: ["qo lake sql 'SELECT coin, count(*) FROM candles GROUP BY coin'"],
  })

const failed = (cause: Error): Fault =>
  new Fault('lake.sql_failed', {
    family: 'usage',
    what: 'The query could not be answered.',
    why: cause.message.split('\n').slice(0, 3).join(' '),
    next: ["qo lake sql 'DESCRIBE candles'"],
    cause,
  })
