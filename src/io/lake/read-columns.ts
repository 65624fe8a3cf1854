import type {DuckDBConnection, DuckDBListVector, DuckDBResult, DuckDBVector} from '@duckdb/node-api'
import type {Rows} from '../../desk.ts'
import {memoryOf} from './duckdb.ts'

/** Rows up to which an answer is taken at once: some 30 MB. */
export const SMALL_ROWS = 500_000

/** One of the queries whose rows come one behind the other. */
export interface Part {
  readonly connection: DuckDBConnection
  readonly sql: string
  /** how many rows there will be at most */
  readonly rows: number
}

/**
 * Run a query whose columns are all DOUBLE, VARCHAR or DOUBLE[] and keep it column by column: NaN for NULL, '' for a
 * missing text, an empty array for a missing list.
 *
 * `runs` gives a text column without decoding one string per row: its values and how often each repeats, in order.
 * `constant` gives one that is the same in every row.
 */
export async function readColumns(connection: DuckDBConnection, sql: string, shape: ReadShape): Promise<Rows> {
  // Chunk by chunk keeps a large result out of the engine's memory; a small one comes a millisecond sooner at once.
  const result = shape.isSmall ? await connection.run(sql) : await connection.stream(sql)
  const store = storeFor(result, shape)
  return rowsOf(store, await fill(store, result, 0), shape)
}

/** The same for several queries at a time: the engine streams on one thread, so two streams take two. */
export async function readParts(parts: readonly Part[], shape: ReadShape): Promise<Rows> {
  const results = await allAtRest(parts.map(({connection, sql}) => connection.stream(sql)))
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const store = storeFor(results[0]!, {...shape, rows})
  const starts = parts.map((_, k) => parts.slice(0, k).reduce((sum, part) => sum + part.rows, 0))
  // Numbers have their place; texts come as runs, and those of the parts go behind one another in the end.
  const stores = parts.map((_, k): Store => {
    return k === 0 ? store : {...store, texts: new Map([...store.texts.keys()].map((j) => [j, []]))}
  })
  const counts = await allAtRest(results.map((result, k) => fill(stores[k]!, result, starts[k]!)))
  let count = 0
  for (const [k, read] of counts.entries()) {
    const [from, to] = [starts[k]!, starts[k]! + read]
    for (const [column] of store.numbers.values()) if (from > count) column!.copyWithin(count, from, to)
    for (const column of store.nested.values()) if (from > count) column.copyWithin(count, from, to)
    count += read
  }
  for (const {texts} of stores.slice(1)) {
    for (const [j, runs] of texts) for (const run of runs) store.texts.get(j)!.push(run)
  }
  return rowsOf(store, count, {...shape, rows})
}

/** Like `Promise.all`, but a failure waits for the others: a connection that closes under a query takes the process along. */
async function allAtRest<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

/** Columns to be, by their places in an answer: numbers in pieces, or in one that holds them all. */
interface Store {
  readonly wanted: readonly string[]
  readonly numbers: ReadonlyMap<number, Float64Array[]>
  readonly texts: ReadonlyMap<number, Run[]>
  readonly nested: ReadonlyMap<number, Float64Array[]>
  /** whether the columns have their place for every row already */
  readonly isWhole: boolean
}

function storeFor(result: DuckDBResult, {names, rows, runs = {}, constant = {}}: ReadShape): Store {
  const [numbers, texts] = [new Map<number, Float64Array[]>(), new Map<number, Run[]>()]
  const nested = new Map<number, Float64Array[]>()
  const wanted = names.filter((name) => runs[name] === undefined && constant[name] === undefined)
  for (const j of wanted.keys()) {
    const type = result.columnType(j).toString()
    if (type === 'DOUBLE') numbers.set(j, rows === undefined ? [] : [new Float64Array(rows)])
    else if (type === 'DOUBLE[]') nested.set(j, new Array<Float64Array>(rows ?? 0))
    else texts.set(j, [])
  }
  return {wanted, numbers, texts, nested, isWhole: rows !== undefined}
}

/** Put the rows of an answer into the store, from a row on. @returns how many they are */
async function fill({numbers, texts, nested, isWhole}: Store, result: DuckDBResult, from: number): Promise<number> {
  let count = 0
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [j, pieces] of numbers) {
      // The vector's own memory: a value per row would cost ten times the copy. COALESCE in SQL leaves no NULL.
      const values = memoryOf(chunk.getColumnVector(j)).subarray(0, chunk.rowCount)
      if (isWhole) pieces[0]!.set(values, from + count)
      else pieces.push(values.slice())
    }
    for (const [j, values] of texts) addTexts(values, chunk.getColumnVector(j))
    for (const [j, values] of nested) {
      for (const [i, list] of listsOf(chunk.getColumnVector(j) as DuckDBListVector).entries()) {
        values[from + count + i] = list
      }
    }
    count += chunk.rowCount
  }
  return count
}

function rowsOf({wanted, numbers, texts, nested}: Store, count: number, shape: ReadShape): Rows {
  const {runs = {}, constant = {}} = shape
  const columns: Record<string, Float64Array | readonly string[]> = {}
  const lists: Record<string, readonly Float64Array[]> = {}
  for (const column of nested.values()) column.length = count
  for (const [j, name] of wanted.entries()) {
    const list = nested.get(j)
    if (list) lists[name] = list
    else columns[name] = texts.has(j) ? unrolled(texts.get(j)!, count) : joined(numbers.get(j)!, count)
  }
  for (const [name, pieces] of Object.entries(runs)) columns[name] = unrolled(pieces, count)
  for (const [name, value] of Object.entries(constant)) columns[name] = new Array<string>(count).fill(value)
  return {count, columns, ...(nested.size > 0 ? {lists} : {})}
}

function joined(pieces: readonly Float64Array[], count: number): Float64Array {
  if (pieces.length === 1 && pieces[0]!.length === count) return pieces[0]!
  if (pieces.length === 1) return pieces[0]!.slice(0, count)
  const whole = new Float64Array(count)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function unrolled(runs: readonly Readonly<Run>[], count: number): string[] {
  const values = new Array<string>(count)
  let at = 0
  for (const run of runs) {
    values.fill(run.value, at, at + run.count)
    at += run.count
  }
  return values
}

/**
 * The engine keeps a text as four words: its length and itself, or where it lies. Neighbours are mostly equal, and then
 * so are their words: only what differs from the row before is decoded. Words of another chunk say nothing.
 */
function addTexts(runs: Run[], vector: DuckDBVector): void {
  const {dataView, validity} = vector as unknown as {dataView: DataView; validity: {data: unknown}}
  const words = new Int32Array(dataView.buffer, dataView.byteOffset, vector.itemCount * 4)
  for (let from = 0; from < vector.itemCount; ) {
    let to = from + 1
    while (to < vector.itemCount && validity.data === null && isRepeated(words, 4 * to)) to++
    const value = (vector.getItem(from) as string | null) ?? ''
    const last = runs.at(-1)
    if (last?.value === value) last.count += to - from
    else runs.push({value, count: to - from})
    from = to
  }
}

const isRepeated = (words: Int32Array, at: number): boolean =>
  words[at] === words[at - 4] &&
  words[at + 1] === words[at - 3] &&
  words[at + 2] === words[at - 2] &&
  words[at + 3] === words[at - 1]

/** One array per row, copied out of the memory that the rows of a chunk share. */
function listsOf(vector: DuckDBListVector): Float64Array[] {
  const all = memoryOf(vector.childVector)
  return Array.from({length: vector.itemCount}, (_, i) => {
    const from = vector.getEntryOffset(i)
    return all.slice(from, from + vector.getEntryLength(i))
  })
}

/** A value and how many rows in a row have it. */
interface Run {
  readonly value: string
  count: number
}

export interface ReadShape {
  readonly names: readonly string[]
  /** how many there will be at most, where that is nearly how many there are: columns then need no second copy */
  readonly rows?: number
  /** few enough rows to stand in the engine's memory as well */
  readonly isSmall?: boolean
  readonly runs?: Readonly<Record<string, readonly Readonly<Run>[]>>
  readonly constant?: Readonly<Record<string, string>>
}
