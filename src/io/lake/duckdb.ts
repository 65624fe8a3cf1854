import {randomUUID} from 'node:crypto'
import type {DuckDBConnection, DuckDBInstance, DuckDBListVector, DuckDBVector} from '@duckdb/node-api'
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
 * Run a query whose columns are all DOUBLE, VARCHAR or DOUBLE[] and keep it column by column: NaN for NULL, '' for a
 * missing text, an empty array for a missing list.
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
  const nested = new Map<number, Float64Array[]>()
  const columns: Record<string, Float64Array | readonly string[]> = {}
  const lists: Record<string, readonly Float64Array[]> = {}
  const wanted = names.filter((name) => runs[name] === undefined)
  for (const [j, name] of wanted.entries()) {
    const type = result.columnType(j).toString()
    if (type === 'DOUBLE') numbers.set(j, new Float64Array(rows))
    else if (type === 'DOUBLE[]') nested.set(j, [])
    else texts.set(j, [])
    if (type === 'DOUBLE[]') lists[name] = nested.get(j)!
    else columns[name] = numbers.get(j) ?? texts.get(j)!
  }
  let at = 0
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [j, values] of numbers) {
      // The vector's own memory: a value per row would cost ten times the copy. COALESCE in SQL leaves no NULL.
      values.set(memoryOf(chunk.getColumnVector(j)).subarray(0, chunk.rowCount), at)
    }
    for (const [j, values] of texts) {
      const vector = chunk.getColumnVector(j)
      for (let i = 0; i < chunk.rowCount; i++) values.push((vector.getItem(i) as string | null) ?? '')
    }
    for (const [j, values] of nested) values.push(...listsOf(chunk.getColumnVector(j) as DuckDBListVector))
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
  return {count: rows, columns, ...(nested.size > 0 ? {lists} : {})}
}

/** The numbers a DOUBLE vector holds, without one call per value. */
const memoryOf = (vector: DuckDBVector): Float64Array => (vector as unknown as {items: Float64Array}).items

/** One array per row, copied out of the memory that the rows of a chunk share. */
function listsOf(vector: DuckDBListVector): Float64Array[] {
  const all = memoryOf(vector.childVector)
  return Array.from({length: vector.itemCount}, (_, i) => {
    const from = vector.getEntryOffset(i)
    return all.slice(from, from + vector.getEntryLength(i))
  })
}

interface ReadShape {
  readonly names: readonly string[]
  readonly rows: number
  readonly runs?: Readonly<Record<string, readonly {readonly value: string; readonly count: number}[]>>
}

/** A table from columns in memory: Float64Array becomes DOUBLE (NaN is NULL later), texts VARCHAR, lists DOUBLE[]. */
export async function loadColumns(
  connection: DuckDBConnection,
  schema: string,
  name: string,
  {count, columns, lists = {}}: Rows,
): Promise<void> {
  const {DOUBLE, VARCHAR, LIST, DuckDBDataChunk, DuckDBListValue} = await import('@duckdb/node-api')
  const flat = Object.entries(columns)
  const nested = Object.entries(lists)
  const types = [
    ...flat.map(([, values]) => (values instanceof Float64Array ? DOUBLE : VARCHAR)),
    ...nested.map(() => LIST(DOUBLE)),
  ]
  const ddl = [...flat, ...nested].map(([column], j) => `${ident(column)} ${types[j]!.toString()}`)
  await connection.run(`CREATE TABLE ${schema}.${ident(name)} (${ddl.join(', ')})`)
  const appender = await connection.createAppender(name, schema)
  const CHUNK = 2048
  for (let from = 0; from < count; from += CHUNK) {
    const size = Math.min(CHUNK, count - from)
    const chunk = DuckDBDataChunk.create(types, size)
    for (const [j, [, values]] of flat.entries()) {
      const vector = chunk.getColumnVector(j)
      if (values instanceof Float64Array) memoryOf(vector).set(values.subarray(from, from + size))
      else for (let i = 0; i < size; i++) vector.setItem(i, values[from + i]!)
      vector.flush()
    }
    for (const [k, [, values]] of nested.entries()) {
      const vector = chunk.getColumnVector(flat.length + k) as DuckDBListVector
      for (let i = 0; i < size; i++) {
        // The binding only counts and indexes what it is given.
        vector.setItem(i, new DuckDBListValue(values[from + i] as unknown as number[]))
      }
      vector.flush()
    }
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}
