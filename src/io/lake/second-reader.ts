import {open} from 'node:fs/promises'
import type {DuckDBConnection} from '@duckdb/node-api'
import {ident, quote} from './duckdb.ts'

/**
 * Read a Parquet file with code that did not write it (hyparquet) and compare every value with what DuckDB reads.
 *
 * @returns the first difference in words, or null when the two readers agree on every cell
 */
export async function compareWithSecondReader(connection: DuckDBConnection, path: string): Promise<string | null> {
  const [{parquetReadObjects}, {compressors}] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ])
  const handle = await open(path, 'r')
  try {
    const {size} = await handle.stat()
    const file = {
      byteLength: size,
      async slice(from: number, to = size): Promise<ArrayBuffer> {
        const buffer = new ArrayBuffer(to - from)
        await handle.read(new Uint8Array(buffer), 0, to - from, from)
        return buffer
      },
    }
    const theirs = await parquetReadObjects({file, compressors})
    const source = `read_parquet(${quote(path)}, hive_partitioning = false)`
    const names = Object.keys(theirs[0] ?? {})
    const stream = await connection.stream(`SELECT ${names.map(ident).join(', ')} FROM ${source}`)
    let row = 0
    for (let chunk = await stream.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await stream.fetchChunk()) {
      const columns = names.map((_, j) => chunk!.getColumnVector(j))
      for (let i = 0; i < chunk.rowCount; i++, row++) {
        const record = theirs[row]
        for (const [j, name] of names.entries()) {
          if (!record || !isSame(columns[j]!.getItem(i), record[name])) {
            return `row ${row + 1}, column ${name}: two readers disagree`
          }
        }
      }
    }
    return row === theirs.length ? null : `${theirs.length} rows by the second reader, ${row} by the first`
  } catch (cause) {
    return `not readable by the second reader: ${(cause as Error).message.split('\n')[0]}`
  } finally {
    await handle.close()
  }
}

/** Bit for bit, NULL like a missing value, lists element by element. */
function isSame(ours: unknown, theirs: unknown): boolean {
  const [a, b] = [elementsOf(ours), elementsOf(theirs)]
  if (a === null || b === null) return a === b && Object.is(ours ?? null, theirs ?? null)
  return a.length === b.length && a.every((element, k) => isSame(element, b[k]))
}

/** The elements of a list by either reader; null when the cell is none. */
function elementsOf(cell: unknown): readonly unknown[] | null {
  if (Array.isArray(cell)) return cell
  const items = (cell as {items?: unknown} | null | undefined)?.items
  return Array.isArray(items) ? items : null
}
