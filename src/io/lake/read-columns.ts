import type {DuckDBConnection, DuckDBListVector, DuckDBVector} from '@duckdb/node-api'
import type {Rows} from '../../desk.ts'
import {memoryOf} from './duckdb.ts'

/** Rows up to which an answer is taken at once: some 30 MB. */
export const SMALL_ROWS = 500_000

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
    else texts.set(j, new Array<string>(rows ?? 0))
  }
  let count = 0
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [j, pieces] of numbers) {
      // The vector's own memory: a value per row would cost ten times the copy. COALESCE in SQL leaves no NULL.
      const values = memoryOf(chunk.getColumnVector(j)).subarray(0, chunk.rowCount)
      if (rows === undefined) pieces.push(values.slice())
      else pieces[0]!.set(values, count)
    }
    for (const [j, values] of texts) putTexts(values, count, chunk.getColumnVector(j))
    for (const [j, values] of nested) values.push(...listsOf(chunk.getColumnVector(j) as DuckDBListVector))
    count += chunk.rowCount
  }
  const columns: Record<string, Float64Array | readonly string[]> = {}
  const lists: Record<string, readonly Float64Array[]> = {}
  for (const [j, name] of wanted.entries()) {
    const list = nested.get(j)
    const text = texts.get(j)
    if (text) text.length = count
    if (list) lists[name] = list
    else columns[name] = text ?? joined(numbers.get(j)!, count)
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

function unrolled(runs: readonly Run[], count: number): string[] {
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
function putTexts(texts: string[], from: number, vector: DuckDBVector): void {
  const {dataView, validity} = vector as unknown as {dataView: DataView; validity: {data: unknown}}
  const textAt = (i: number): string => (vector.getItem(i) as string | null) ?? ''
  const words = new Int32Array(dataView.buffer, dataView.byteOffset, vector.itemCount * 4)
  let text = ''
  for (let i = 0; i < vector.itemCount; i++) {
    const at = 4 * i
    const repeats =
      i > 0 &&
      validity.data === null &&
      words[at] === words[at - 4] &&
      words[at + 1] === words[at - 3] &&
      words[at + 2] === words[at - 2] &&
      words[at + 3] === words[at - 1]
    if (!repeats) text = textAt(i)
    texts[from + i] = text
  }
}

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
  /** how many there will be at most, where that is nearly how many there are: columns then need no second copy */
  readonly rows?: number
  /** few enough rows to stand in the engine's memory as well */
  readonly isSmall?: boolean
  readonly runs?: Readonly<Record<string, readonly Run[]>>
  readonly constant?: Readonly<Record<string, string>>
}
