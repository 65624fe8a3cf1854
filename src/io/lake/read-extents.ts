import type {DuckDBConnection} from '@duckdb/node-api'
import type {CoinExtent, LakeQuery} from '../../desk.ts'
import {conditionsOf, currentRowsSql, nameColumn, type SelectedFiles} from './read-rows.ts'

/** Rows, first and last time of each coin, counted where the rows lie: no value leaves the files. */
export async function readExtents(
  connection: DuckDBConnection,
  root: string,
  query: LakeQuery,
  selected: SelectedFiles,
  visible: string,
): Promise<CoinExtent[]> {
  if (selected.files.length === 0) return []
  const where = conditionsOf(query, visible)
  const rows = currentRowsSql(root, query.table, selected, {asOf: query.asOf, where, withCommit: false})
  const name = nameColumn(query.table)
  const reader = await connection.runAndReadAll(
    `SELECT ${name}, count(*), min(ts), max(ts) FROM (${rows}) GROUP BY 1 ORDER BY 1`,
  )
  return reader
    .getRows()
    .map(([coin, count, from, to]) => ({coin: String(coin), rows: Number(count), from: Number(from), to: Number(to)}))
}
