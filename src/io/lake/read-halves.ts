import type {DuckDBConnection} from '@duckdb/node-api'
import type {Rows} from '../../desk.ts'
import {withConnection} from './duckdb.ts'
import {type ReadShape, readColumns, readParts} from './read-columns.ts'
import type {SelectedFiles} from './read-rows.ts'

type Files = SelectedFiles['files']

/**
 * All rows of many files, in no order: of half of the files on one thread, of the others on another.
 *
 * @param sqlOf  query of all rows of some of the files
 */
export async function readHalves(
  connection: DuckDBConnection,
  files: Files,
  sqlOf: (files: Files) => string,
  shape: ReadShape,
): Promise<Rows> {
  const halves = halvesOf(files)
  if (halves.length === 1) return readColumns(connection, sqlOf(files), {...shape, rows: rowsIn(files)})
  return withConnection((second) => {
    const connections = [connection, second]
    const parts = halves.map((half, k) => ({connection: connections[k]!, sql: sqlOf(half), rows: rowsIn(half)}))
    return readParts(parts, shape)
  })
}

export const rowsIn = (files: Files): number => files.reduce((sum, {file}) => sum + file.rows, 0)

/** Files up to as near half of the rows as they come, and the rest; one part where that leaves none. */
function halvesOf(files: Files): Files[] {
  const half = rowsIn(files) / 2
  let [end, taken] = [0, 0]
  while (end < files.length && taken + files[end]!.file.rows / 2 <= half) taken += files[end++]!.file.rows
  return [files.slice(0, end), files.slice(end)].filter((part) => part.length > 0)
}
