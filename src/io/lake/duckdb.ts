import {randomUUID} from 'node:crypto'
import type {DuckDBConnection, DuckDBInstance} from '@duckdb/node-api'
import type {Rows} from '../../desk.ts'

let shared: Promise<DuckDBInstance> | null = null

/** One in-memory DuckDB per process, loaded on first use: the halt path never pays for it. */
const instance = (): Promise<DuckDBInstance> => {
  shared ??= import('@duckdb/node-api').then(({DuckDBInstance: engine}) => engine.create(':memory:'))
  return shared
}

/** Run with a connection of its own: temporary tables of one call are invisible to every other. */
export async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await (await instance()).connect()
  try {
    return await work(connection)
  } finally {
    connection.closeSync()
  }
}

/** Two connections that share a schema of their own: what one prepares, both may write out at the same time. */
export async function withScratch<T>(
  work: (connections: readonly [DuckDBConnection, DuckDBConnection], schema: string) => Promise<T>,
): Promise<T> {
  const [a, b] = [await openConnection(), await openConnection()]
  const schema = `scratch_${randomUUID().replaceAll('-', '')}`
  try {
    await a.run(`CREATE SCHEMA ${schema}`)
    for (const connection of [a, b]) await connection.run(`USE ${schema}`)
    return await work([a, b], schema)
  } finally {
    for (const connection of [a, b]) await connection.run('USE main')
    await a.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    for (const connection of [a, b]) connection.closeSync()
  }
}

export const openConnection = async (): Promise<DuckDBConnection> => (await instance()).connect()

/** A text as an SQL literal. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** A name as an SQL identifier. */
export const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** First row of a query as numbers: counts and extremes. NULL is NaN. */
export async function numbersOf(connection: DuckDBConnection, sql: string): Promise<number[]> {
  const reader = await connection.runAndReadAll(sql)
  const row = reader.getRows()[0] ?? []
  return row.map((cell) => (cell === null ? Number.NaN : Number(cell)))
}

/**
 * Run a query whose columns are all DOUBLE or VARCHAR and keep it column by column: NaN for NULL, '' for a missing text.
 *
 * `runs` gives a text column without decoding one string per row: its values and how often each repeats, in order.
 */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  {names, rows, runs = {}}: ReadShape,
): Promise<Rows> {
  const result = await connection.stream(sql)
  const numbers = new Map<number, Float64Array>()
  const texts = new Map<number, string[]>()
  const columns: Record<string, Float64Array | readonly string[]> = {}
  const wanted = names.filter((name) => runs[name] === undefined)
  for (const [j, name] of wanted.entries()) {
    if (result.columnType(j).toString() === 'DOUBLE') {
      const values = new Float64Array(rows)
      numbers.set(j, values)
      columns[name] = values
    } else {
      const values: string[] = []
      texts.set(j, values)
      columns[name] = values
    }
  }
  let at = 0
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [j, values] of numbers) {
      // The vector's own memory: a value per row would cost ten times the copy. COALESCE in SQL leaves no NULL.
      const {items} = chunk.getColumnVector(j) as unknown as {items: Float64Array}
      values.set(items.subarray(0, chunk.rowCount), at)
    }
    for (const [j, values] of texts) {
      const vector = chunk.getColumnVector(j)
      for (let i = 0; i < chunk.rowCount; i++) values.push((vector.getItem(i) as string | null) ?? '')
    }
    at += chunk.rowCount
  }
  for (const [name, pieces] of Object.entries(runs)) {
    const values = new Array<string>(rows)
    let i = 0
    for (const {value, count} of pieces) {
      values.fill(value, i, i + count)
      i += count
    }
    columns[name] = values
  }
  return {count: rows, columns}
}

interface ReadShape {
  readonly names: readonly string[]
  readonly rows: number
  readonly runs?: Readonly<Record<string, readonly {readonly value: string; readonly count: number}[]>>
}

/** A table from columns in memory: Float64Array becomes DOUBLE (NaN is NULL later), texts VARCHAR. */
export async function loadColumns(
  connection: DuckDBConnection,
  schema: string,
  name: string,
  {count, columns}: Rows,
): Promise<void> {
  const {DOUBLE, VARCHAR, DuckDBDataChunk} = await import('@duckdb/node-api')
  const names = Object.keys(columns)
  const types = names.map((column) => (columns[column] instanceof Float64Array ? DOUBLE : VARCHAR))
  const ddl = names.map((column, j) => `${ident(column)} ${types[j]!.toString()}`)
  await connection.run(`CREATE TABLE ${schema}.${ident(name)} (${ddl.join(', ')})`)
  const appender = await connection.createAppender(name, schema)
  const CHUNK = 2048
  for (let from = 0; from < count; from += CHUNK) {
    const size = Math.min(CHUNK, count - from)
    const chunk = DuckDBDataChunk.create(types, size)
    for (const [j, column] of names.entries()) {
      const vector = chunk.getColumnVector(j)
      const values = columns[column]!
      if (values instanceof Float64Array) {
        ;(vector as unknown as {items: Float64Array}).items.set(values.subarray(from, from + size))
      } else {
        for (let i = 0; i < size; i++) vector.setItem(i, values[from + i]!)
      }
      vector.flush()
    }
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}
