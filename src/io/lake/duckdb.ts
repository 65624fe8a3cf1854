import {randomUUID} from 'node:crypto'
import {createRequire} from 'node:module'
import type {DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBListVector, DuckDBVector} from '@duckdb/node-api'
import type {Rows} from '../../desk.ts'

/**
 * Options of every DuckDB of ours. Version 1.5.6 fails (`index within vector`) where it turns "latest row per key" over
 * a join into an aggregate, which is what appending to a table with revisions asks, and is unusable afterwards.
 */
export const ENGINE_OPTIONS = {disabled_optimizers: 'top_n_window_elimination'}

/** How many threads work on one statement: all there are, or the one that asks. */
type Threads = 'all' | 'one'

const shared: {[threads in Threads]?: Promise<DuckDBInstance>} = {}

/** One in-memory DuckDB per process and kind. */
const instance = (threads: Threads = 'all'): Promise<DuckDBInstance> => {
  const options = threads === 'all' ? ENGINE_OPTIONS : {...ENGINE_OPTIONS, threads: '1'}
  shared[threads] ??= engine().DuckDBInstance.create(':memory:', options)
  return shared[threads]
}

/**
 * The engine, loaded on first use: the halt path never pays for it. It is CommonJS in a hundred files, and `import` would
 * look through each of them for its exports first, which takes longer than to load them.
 */
export const engine = (): typeof import('@duckdb/node-api') => createRequire(import.meta.url)('@duckdb/node-api')

/** Run with a connection of its own: temporary tables of one call are invisible to every other. */
export async function withConnection<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const connection = await (await instance()).connect()
  try {
    return await work(connection)
  } finally {
    connection.closeSync()
  }
}

/**
 * Two connections that share a schema of their own: what one prepares, both may write out at the same time.
 *
 * @param threads  `one` for work beside a thread that must go on: threads that wait for each other cost a quarter more
 */
export async function withScratch<T>(
  threads: Threads,
  work: (connections: readonly [DuckDBConnection, DuckDBConnection], schema: string) => Promise<T>,
): Promise<T> {
  const [a, b] = [await openConnection(threads), await openConnection(threads)]
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

export const openConnection = async (threads: Threads = 'all'): Promise<DuckDBConnection> =>
  (await instance(threads)).connect()

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

/** The numbers a DOUBLE vector holds, without one call per value. */
export const memoryOf = (vector: DuckDBVector): Float64Array => (vector as unknown as {items: Float64Array}).items

/** A table from columns in memory: Float64Array becomes DOUBLE (NaN is NULL later), texts VARCHAR, lists DOUBLE[]. */
export async function loadColumns(
  connection: DuckDBConnection,
  schema: string,
  name: string,
  {count, columns, lists = {}}: Rows,
): Promise<void> {
  const {DOUBLE, VARCHAR, LIST, DuckDBDataChunk: Chunk, DuckDBListValue} = engine()
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
  // Numbers are overwritten in one chunk; texts and lists leave something behind in theirs.
  const keepsChunk = types.every((type) => type === DOUBLE)
  let chunk: DuckDBDataChunk | null = null
  for (let from = 0; from < count; from += CHUNK) {
    const size = Math.min(CHUNK, count - from)
    if (chunk === null || !keepsChunk || size < CHUNK) chunk = Chunk.create(types, size)
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
