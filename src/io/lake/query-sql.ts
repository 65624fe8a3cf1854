import type {DuckDBConnection} from '@duckdb/node-api'
import type {Table} from '../../contracts/artifact.ts'
import {columnsOf} from '../../contracts/artifact.ts'
import {TABLES} from '../../contracts/index.ts'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {Vault} from '../../contracts/workspace.ts'
import {Fault} from '../../kernel/fault.ts'
import {ident} from './duckdb.ts'
import {tableName} from './layout.ts'
import {currentRowsSql, selectFiles} from './read-rows.ts'
import {visibleRows} from './sealing.ts'

/** Table functions that read nothing from outside. */
const HARMLESS = ['range', 'generate_series', 'unnest']

/**
 * One read-only query over the lake's tables, as research sees them: current by `asOf`, sealed rows left out.
 *
 * The statement is parsed first: only SELECT, and only from the declared tables. Their rows are copied into a database
 * of their own whose door to files and network is then locked, so no function reaches a Parquet file behind the seal.
 *
 * @throws Fault `lake.sql_refused`, `lake.sql_failed` (usage)
 */
export async function querySql(
  root: string,
  commits: readonly LakeCommitEntry[],
  vaults: readonly Vault[],
  query: string,
  asOf: number,
): Promise<{columns: string[]; rows: unknown[][]}> {
  const {DuckDBInstance} = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    for (const table of await tablesOf(connection, query)) {
      await connection.run(`CREATE TABLE ${tableName(table)} AS ${tableSql(root, table, commits, vaults, asOf)}`)
    }
    await connection.run('SET enable_external_access = false')
    await connection.run('SET lock_configuration = true')
    const reader = await connection.runAndReadAll(query).catch((cause: Error) => {
      throw failed(cause)
    })
    const whole = reader.columnTypes().map((type) => /INT$/.test(type.toString()))
    const rows = reader.getRowsJson().map((row) => row.map((cell, j) => (whole[j] ? plainNumber(cell) : cell)))
    return {columns: reader.columnNames(), rows}
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** 64-bit integers come as text; those that a double holds exactly are numbers for whoever reads the JSON. */
function plainNumber(cell: unknown): unknown {
  const value = Number(cell)
  return typeof cell === 'string' && Number.isSafeInteger(value) ? value : cell
}

function tableSql(
  root: string,
  table: Table,
  commits: readonly LakeCommitEntry[],
  vaults: readonly Vault[],
  asOf: number,
): string {
  const name = tableName(table)
  const parts = new Map<string, LakeCommitEntry>()
  for (const commit of commits) {
    if (commit.table === name) parts.set(`${commit.venue} ${commit.interval}`, commit)
  }
  const selects = [...parts.values()].map(({venue, interval}) =>
    currentRowsSql(root, table, selectFiles(commits, {table: name, venue, interval}), {
      asOf,
      where: visibleRows(vaults, {venue, interval, purpose: {kind: 'research'}}),
    }),
  )
  if (selects.length > 0) return selects.map((select) => `(${select})`).join(' UNION ALL BY NAME ')
  const columns = [...columnsOf(table)].map(([column, {type}]) => `NULL::${type} AS ${ident(column)}`)
  return `SELECT ${columns.join(', ')} WHERE FALSE`
}

/** Declared tables that a query names. Anything else that it would read from refuses it. */
async function tablesOf(connection: DuckDBConnection, query: string): Promise<Table[]> {
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [query])
  const tree = JSON.parse(String(reader.getRows()[0]?.[0])) as SqlTree
  if (tree.error) throw refused(tree.error_message ?? 'it is not a SELECT')
  if (tree.statements?.length !== 1) throw refused('it is not exactly one statement')
  const [names, functions, own] = [new Set<string>(), new Set<string>(), new Set<string>()]
  walk(tree, (node) => {
    if (node['type'] === 'BASE_TABLE') names.add(String(node['table_name']))
    if (node['type'] === 'TABLE_FUNCTION') {
      functions.add(String((node['function'] as Record<string, unknown>)['function_name']))
    }
    const map = (node['cte_map'] as {map?: {key: string}[]} | undefined)?.map ?? []
    for (const {key} of map) own.add(key)
  })
  const strange = [...functions].find((name) => !HARMLESS.includes(name))
  if (strange !== undefined) throw refused(`it calls ${strange}()`)
  const wanted = [...names].filter((name) => !own.has(name))
  return wanted.map((name) => {
    const table = TABLES.find((candidate) => tableName(candidate) === name)
    if (!table) throw refused(`there is no table ${name}`)
    return table
  })
}

interface SqlTree {
  readonly error: boolean
  readonly error_message?: string
  readonly statements?: readonly unknown[]
}

function walk(node: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, visit)
  else if (typeof node === 'object' && node !== null) {
    visit(node as Record<string, unknown>)
    for (const item of Object.values(node)) walk(item, visit)
  }
}

const refused = (why: string): Fault =>
  new Fault('lake.sql_refused', {
    family: 'usage',
    what: 'The query was not run.',
    why: `${why[0]!.toUpperCase()}${why.slice(1).replace(/[.!]$/, '')}. The lake answers one SELECT over ${TABLES.map(tableName).join(', ')}.`,
    next: ["qo lake sql 'SELECT coin, count(*) FROM candles GROUP BY coin'"],
  })

const failed = (cause: Error): Fault =>
  new Fault('lake.sql_failed', {
    family: 'usage',
    what: 'The query could not be answered.',
    why: cause.message.split('\n').slice(0, 3).join(' '),
    next: ["qo lake sql 'DESCRIBE candles'"],
    cause,
  })
