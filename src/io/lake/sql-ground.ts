import {join} from 'node:path'
import {columnsOf, type Table} from '../../contracts/artifact.ts'
import {researchEnd, type Vault} from '../../contracts/workspace.ts'
import type {LakeCommit} from '../../desk.ts'
import {INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import {ident} from './duckdb.ts'
import {tableName} from './layout.ts'
import type {SqlGround} from './query-sql.ts'
import {identityOf, type SelectedFiles, selectFiles, sourceRowsSql} from './read-rows.ts'
import {visibleRows} from './sealing.ts'

/** Which rows a query may see. */
export interface SqlScope {
  readonly asOf: number
  readonly commit: number | undefined
}

/**
 * Views over some tables as research sees them, and the files they may be read from.
 *
 * A file wholly before the seal of its venue is read in place. One across it is copied without its sealed rows. One
 * behind it is left out: nothing of it can be seen.
 */
export function sqlGround(
  root: string,
  tables: readonly Table[],
  commits: readonly LakeCommit[],
  vaults: readonly Vault[],
  scope: SqlScope,
): SqlGround {
  const open: string[] = []
  const prepare: string[] = []
  for (const table of tables) {
    const selects: string[] = []
    for (const partition of partitionsOf(table, commits)) {
      const select = partitionSql(partition)
      if (select !== null) selects.push(select)
    }
    const body = selects.map((select) => `(${select})`).join(' UNION ALL BY NAME ')
    prepare.push(`CREATE VIEW ${tableName(table)} AS ${body || nothing(table)}`)

    function partitionSql({venue, interval}: {venue: string; interval: string | null}): string | null {
      const {files, revised} = selectFiles(commits, {...{table: tableName(table), venue, interval}, ...pinOf(scope)})
      const bar = interval === null ? 1 : INTERVAL_MS[interval as Interval]
      const end = researchEnd(vaults, venue)
      const whole = files.filter(({file}) => file.max_ts + bar <= end)
      const across = files.filter(({file}) => file.max_ts + bar > end && file.min_ts + bar <= end)
      const parts: string[] = []
      if (whole.length > 0) parts.push(sourceRowsSql(root, table, whole))
      if (across.length > 0) {
        const copy = `qo_seen_${prepare.length}`
        const visible = visibleRows(vaults, {venue, interval, purpose: {kind: 'research'}})
        prepare.push(`CREATE TABLE ${copy} AS SELECT * FROM (${sourceRowsSql(root, table, across)}) WHERE ${visible}`)
        parts.push(`SELECT * FROM ${copy}`)
      }
      open.push(...whole.map(({file}) => join(root, file.path)))
      if (parts.length === 0) return null
      const rank = table.key.includes('revision') ? 'revision DESC, ingest_id DESC' : 'ingest_id DESC'
      const latest = ` QUALIFY row_number() OVER (PARTITION BY ${identityOf(table).map(ident).join(', ')} ORDER BY ${rank}) = 1`
      return `SELECT * FROM (${parts.join(' UNION ALL BY NAME ')}) WHERE available_at <= ${scope.asOf}${revised ? latest : ''}`
    }
  }
  return {open, prepare}
}

/** The files that some tables would be read from. */
export const filesOf = (
  tables: readonly Table[],
  commits: readonly LakeCommit[],
  vaults: readonly Vault[],
  scope: SqlScope,
): SelectedFiles['files'] =>
  tables.flatMap((table) =>
    partitionsOf(table, commits).flatMap(({venue, interval}) => {
      const to = researchEnd(vaults, venue)
      return selectFiles(commits, {...{table: tableName(table), venue, interval, to}, ...pinOf(scope)}).files
    }),
  )

/** (venue, interval) of a table, once each. */
export function partitionsOf(table: Table, commits: readonly LakeCommit[]): {venue: string; interval: string | null}[] {
  const parts = new Map<string, {venue: string; interval: string | null}>()
  for (const {table: name, venue, interval} of commits) {
    if (name === tableName(table)) parts.set(`${venue} ${interval}`, {venue, interval})
  }
  return [...parts.values()]
}

const pinOf = ({commit}: SqlScope): {commit?: number} => (commit === undefined ? {} : {commit})

function nothing(table: Table): string {
  const columns = [...columnsOf(table)].map(([column, {type}]) => `NULL::${type} AS ${ident(column)}`)
  return `SELECT ${columns.join(', ')} WHERE FALSE`
}
