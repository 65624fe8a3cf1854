import {randomUUID} from 'node:crypto'
import {createRequire} from 'node:module'
import type {DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBListVector, DuckDBVector} from '@duckdb/node-api'
import type {Rows} from '../../desk.ts'

/**
 * Options of every DuckDB of ours. Version 1.5.6 fails (`index within vector`) where it turns "latest row per key" over
 * a join into an aggregate, which is what appending to a table with revisions asks, and is unusable afterwards.
 */
export const ENGINE_OPTIONS = {disabled_optimizers: 'top_n_window_elimination'}

/** Rows up to which an answer is taken at once: some 30 MB. */
export const SMALL_ROWS = 500_000

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

/**
 * Run a query whose columns are all DOUBLE, VARCHAR or DOUBLE[] and keep it column by column: NaN for NULL, '' for a
 * missing text, an empty array for a missing list.
 *
 * `runs` gives a text column without decoding one string per row: its values and how often each repeats, in order.
 * `constant` gives one that is the same in every row.
 */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  {names, rows, runs = {}, constant = {}, isSmall = false}: ReadShape,
): Promise<Rows> {
  // Chunk by chunk keeps a large result out of the engine's memory; a small one comes a millisecond sooner at once.
  const result = isSmall ? await connection.run(sql) : await connection.stream(sql)
  const numbers = new Map<number, Float64Array[]>()
  const texts = new Map<number, string[]>()
  const nested = new Map<number, Float64Array[]>()
  const wanted = names.filter((name) => runs[name] === undefined && constant[name] === undefined)
  for (const j of wanted.keys()) {
    const type = result.columnType(j).toString()
    if (type === 'DOUBLE') numbers.set(j, rows === undefined ? [] : [new Float64Array(rows)])
    else if (type === 'DOUBLE[]') nested.set(j, [])
    else texts.set(j, [])
  }
  let count = 0
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [j, pieces] of numbers) {
      // The vector's own memory: a value per row would cost ten times the copy. COALESCE in SQL leaves no NULL.
      const values = memoryOf(chunk.getColumnVector(j)).subarray(0, chunk.rowCount)
      if (rows === undefined) pieces.push(values.slice())
      else pieces[0]!.set(values, count)
    }
    for (const [j, values] of texts) {
      const vector = chunk.getColumnVector(j)
      for (let i = 0; i < chunk.rowCount; i++) values.push((vector.getItem(i) as string | null) ?? '')
    }
    for (const [j, values] of nested) values.push(...listsOf(chunk.getColumnVector(j) as DuckDBListVector))
    count += chunk.rowCount
  }
  const columns: Record<string, Float64Array | readonly string[]> = {}
  const lists: Record<string, readonly Float64Array[]> = {}
  for (const [j, name] of wanted.entries()) {
    const list = nested.get(j)
    if (list) lists[name] = list
    else columns[name] = texts.get(j) ?? joined(numbers.get(j)!, count)
  }
  for (const [name, pieces] of Object.entries(runs)) columns[name] = unrolled(pieces, count)
  for (const [name, value] of Object.entries(constant)) columns[name] = new Array<string>(count).fill(value)
  return {count, columns, ...(nested.size > 0 ? {lists} : {})}
}

function joined(pieces: readonly Float64Array[], count: number): Float64Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = new Float64Array(count)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function unrolled(runs: readonly Run[], count: number): string[] {
  const values = new Array<string>(count)
  let at = 0
  for (const run of runs) {
    values.fill(run.value, at, at + run.count)
    at += run.count
  }
  return values
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

/** A value and how many rows in a row have it. */
export interface Run {
  readonly value: string
  readonly count: number
}

interface ReadShape {
  readonly names: readonly string[]
  /** how many there will be, where that is known: columns then need no second copy */
  readonly rows?: number
  /** few enough rows to stand in the engine's memory as well */
  readonly isSmall?: boolean
  readonly runs?: Readonly<Record<string, readonly Run[]>>
  readonly constant?: Readonly<Record<string, string>>
}

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
