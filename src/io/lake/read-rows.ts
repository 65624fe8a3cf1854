import {join} from 'node:path'
import type {DuckDBConnection} from '@duckdb/node-api'
import {columnsOf, type Table} from '../../contracts/artifact.ts'
import type {LakeCommit, LakeFile, LakeQuery, Rows} from '../../desk.ts'
import {stretchesInOrder} from '../../kernel/merge-runs.ts'
import {arrangeRows} from './arrange-rows.ts'
import {ident, quote} from './duckdb.ts'
import {readColumns, SMALL_ROWS} from './read-columns.ts'
import {readHalves, rowsIn} from './read-halves.ts'

/** Columns that stand in the commit and not in the file. */
export const COMMIT_COLUMNS = ['ingest_id', 'received_at']

/** Columns that name a row: its key without the revision. */
export const identityOf = (table: Table): string[] => table.key.filter((column) => column !== 'revision')

/** Columns a Parquet file of the table holds, in declared order. */
export const storedColumns = (table: Table): string[] =>
  [...columnsOf(table).keys()].filter((column) => !COMMIT_COLUMNS.includes(column))

/**
 * The one order of a table's rows: its sort columns, then whatever else tells two keys apart.
 *
 * @param constant  columns that have one value in all the rows: they order nothing, and need not be decoded
 */
export function orderOf(table: Table, constant: readonly string[] = []): string {
  const columns = [...new Set([...table.sort, ...table.key])].filter((name) => !constant.includes(name))
  return columns.map(ident).join(', ')
}

export interface SelectedFiles {
  readonly files: readonly {readonly file: LakeFile; readonly commit: LakeCommit}[]
  /** true when a row in here corrects another */
  readonly revised: boolean
}

/** The files of one table partition that a commit pin and a time range leave. */
export function selectFiles(
  commits: readonly LakeCommit[],
  {table, venue, interval = null, commit = Number.POSITIVE_INFINITY, from, to}: FileScope,
): SelectedFiles {
  const mine = commits.filter(
    (entry) =>
      entry.table === table &&
      entry.venue === venue &&
      (interval === null || entry.interval === interval) &&
      entry.n <= commit,
  )
  const files = mine.flatMap((entry) =>
    entry.files
      .filter((file) => file.max_ts >= (from ?? -Infinity) && file.min_ts < (to ?? Infinity))
      .map((file) => ({file, commit: entry})),
  )
  return {files, revised: mine.some(({revised}) => revised > 0)}
}

export interface FileScope {
  readonly table: string
  readonly venue: string
  readonly interval?: string | null
  readonly commit?: number
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/**
 * SQL that yields the current rows of some files: of each key the latest revision that was available by `asOf`.
 *
 * Without a revision among the files every key is unique, and the ranking is left out.
 */
export function currentRowsSql(
  root: string,
  table: Table,
  {files, revised}: SelectedFiles,
  {asOf, where = 'TRUE', withCommit = true}: {asOf: number; where?: string; withCommit?: boolean},
): string {
  const joined = withCommit || revised
  const rank = table.key.includes('revision') ? 'revision DESC, ingest_id DESC' : 'ingest_id DESC'
  const latest = revised
    ? ` QUALIFY row_number() OVER (PARTITION BY ${identityOf(table).map(ident).join(', ')} ORDER BY ${rank}) = 1`
    : ''
  const rows = sourceRowsSql(root, table, files, {withCommit: joined})
  return `SELECT * FROM (${rows}) WHERE available_at <= ${asOf} AND (${where})${latest}`
}

/** SQL that yields every row of some files, revisions side by side; the commit's own columns are joined by file name. */
export function sourceRowsSql(
  root: string,
  table: Table,
  files: SelectedFiles['files'],
  {withCommit = true}: {withCommit?: boolean} = {},
): string {
  const list = files.map(({file}) => quote(join(root, file.path))).join(', ')
  const columns = storedColumns(table).map((column) => `r.${ident(column)}`)
  if (!withCommit) return `SELECT ${columns.join(', ')} FROM read_parquet([${list}], hive_partitioning = false) r`
  const values = files
    .map(({file, commit}) => `(${quote(join(root, file.path))}, ${commit.n}, ${commit.received_at})`)
    .join(', ')
  const extra = 'c.ingest_id::BIGINT AS ingest_id, c.received_at::BIGINT AS received_at'
  return `SELECT ${columns.join(', ')}, ${extra} FROM read_parquet([${list}], filename = true, hive_partitioning = false) r JOIN (VALUES ${values}) c(filename, ingest_id, received_at) ON r.filename = c.filename`
}

/**
 * Rows of one query, column by column, in the table's order.
 *
 * Where a name and a time tell all rows apart, the files hold that order already: their runs are merged here, which
 * costs a fraction of sorting the rows in the engine.
 */
export async function readRows(
  connection: DuckDBConnection,
  root: string,
  query: LakeQuery,
  selected: SelectedFiles,
  visible: string,
): Promise<Rows> {
  const {table, columns} = query
  const types = columnsOf(table)
  const known = knownBefore(query)
  const key = identityOf(table).filter((name) => known[name] === undefined || name === nameColumn(table))
  const names = columns ? [...new Set([...key, ...columns])] : [...types.keys()]
  if (selected.files.length === 0) return emptyRows(names, types)
  const asCell = (name: string): string => {
    const {type} = types.get(name)!
    if (type === 'VARCHAR') return ident(name)
    if (type === 'DOUBLE[]') return `coalesce(${ident(name)}, []::DOUBLE[]) AS ${ident(name)}`
    return `coalesce(${ident(name)}::DOUBLE, 'NaN'::DOUBLE) AS ${ident(name)}`
  }

  const constant = Object.fromEntries(Object.entries(known).filter(([name]) => names.includes(name)))
  const wanted = names.filter((name) => constant[name] === undefined)
  const cells = wanted.length > 0 ? wanted.map(asCell).join(', ') : '0::DOUBLE AS nothing'
  const [lead, second] = table.sort as [string, string | undefined]
  const told = key.every((name) => name === lead || name === 'ts')
  const inRuns = !selected.revised && lead === nameColumn(table) && second === 'ts' && told
  const order = inRuns ? '' : ` ORDER BY ${orderOf(table, Object.keys(known))}`
  const sqlOf = (files: SelectedFiles['files']): string => {
    const withCommit = names.some((name) => COMMIT_COLUMNS.includes(name))
    const where = conditionsOf(query, visible)
    const current = currentRowsSql(root, table, {...selected, files}, {asOf: query.asOf, where, withCommit})
    return `SELECT ${cells} FROM (${current})${order}`
  }
  const {files} = selected
  const shape = {names, constant, isSmall: rowsIn(files) <= SMALL_ROWS}
  const isWhole = query.coins === undefined && query.from === undefined && query.to === undefined
  const rows =
    inRuns && isWhole && !shape.isSmall
      ? await readHalves(connection, files, sqlOf, shape)
      : await readColumns(connection, sqlOf(files), shape)
  if (!inRuns) return rows
  return arrangeRows(
    rows,
    stretchesInOrder(rows.columns[lead] as readonly string[], rows.columns['ts'] as Float64Array),
  )
}

/** Columns whose one value the question already names. */
const knownBefore = ({table, venue, interval, coins}: LakeQuery): Record<string, string> => ({
  venue,
  ...(interval === undefined || interval === null ? {} : {interval}),
  ...(coins?.length === 1 ? {[nameColumn(table)]: coins[0]!} : {}),
})

/** What a query asks for, as a condition on the rows. */
export function conditionsOf({table, from, to, coins}: LakeQuery, visible: string): string {
  const conditions = [`(${visible})`]
  if (from !== undefined) conditions.push(`ts >= ${from}`)
  if (to !== undefined) conditions.push(`ts < ${to}`)
  if (coins) conditions.push(coins.length > 0 ? `${nameColumn(table)} IN (${coins.map(quote).join(', ')})` : 'FALSE')
  return conditions.join(' AND ')
}

/** The column that names what a row is about. */
export const nameColumn = (table: Table): 'coin' | 'asset' => (columnsOf(table).has('coin') ? 'coin' : 'asset')

function emptyRows(names: readonly string[], types: ReturnType<typeof columnsOf>): Rows {
  const typeOf = (name: string): string | undefined => types.get(name)?.type
  const nested = names.filter((name) => typeOf(name) === 'DOUBLE[]')
  const flat = names.filter((name) => typeOf(name) !== 'DOUBLE[]')
  return {
    count: 0,
    columns: Object.fromEntries(flat.map((name) => [name, typeOf(name) === 'VARCHAR' ? [] : new Float64Array(0)])),
    ...(nested.length > 0 ? {lists: Object.fromEntries(nested.map((name) => [name, []]))} : {}),
  }
}
