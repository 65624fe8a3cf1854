import type {DuckDBConnection} from '@duckdb/node-api'
import {columnsOf, type Table} from '../../contracts/artifact.ts'
import {changesLedger, foldGaps} from '../../contracts/gap-ledger.ts'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {LakeAppend, LakeAppended, LakeFile} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {isSorted} from '../../kernel/sort-rows.ts'
import type {CommitLog} from './commit-log.ts'
import {describeCommit} from './describe-commit.ts'
import {ident, loadColumns, numbersOf, quote} from './duckdb.ts'
import {tableName} from './layout.ts'
import {type FilePlan, writeParquetFile} from './parquet-file.ts'
import {boundsOf, extremesOf, type Partition, partitionsOf} from './partitions.ts'
import {currentRowsSql, identityOf, orderOf, selectFiles, storedColumns} from './read-rows.ts'
import type {Trust} from './trust-files.ts'

/** Lost races before giving up: another writer commits each time, so this many in a row is no accident. */
const MOST_RACES = 100

/**
 * Append a batch: one commit, one file per partition, only the rows the lake does not have.
 *
 * Gaps may come without rows: a hole is recorded when it is noticed. A row equal to the current one is dropped, one that differs becomes a revision that was available when we received
 * it. Losing the number to another writer means that the lake has changed: the plan is made again from the start.
 *
 * @throws Fault `lake.duplicate_key` (data) when two rows of the batch have one key
 */
export async function appendRows(
  {connections, schema}: Scratch,
  root: string,
  log: CommitLog,
  batch: LakeAppend,
  {dryRun, trust}: {dryRun: boolean; trust: Trust},
): Promise<LakeAppended> {
  const receivedAt = batch.receivedAt ?? Date.now()
  const [connection] = connections
  if (batch.rows.count > 0) await stage(connection, schema, batch)
  for (let race = 0; race < MOST_RACES; race++) {
    const commits = await log.read()
    const plan =
      batch.rows.count > 0 ? await planAppend(connection, root, batch, {commits, receivedAt, trust}) : NO_ROWS
    const outcome = {added: plan.added, revised: plan.revised, unchanged: plan.unchanged}
    const nothingNew = plan.added + plan.revised === 0 && !saysSomethingNew(batch, commits)
    if (nothingNew && !dryRun && commits.length > 0) await log.settle()
    if (dryRun || nothingNew) return {commit: null, ...outcome}
    const files = plan.added + plan.revised === 0 ? [] : await writePartitions(connections, root, batch, plan)
    const entry = await describeCommit(batch, commits.at(-1), {files, receivedAt, ...plan})
    if (await log.append(entry)) return {commit: entry, ...outcome}
  }
  throw new Fault('lake.contended', {
    family: 'data',
    what: `Another writer took ${MOST_RACES} commit numbers in a row.`,
    why: 'Every commit has one number and exactly one writer wins it; this one never did. Nothing was changed.',
    next: ['run the command again'],
  })
}

/** What is told later is recorded although its rows are there: a taint or a gap's new state must not be missed. */
function saysSomethingNew(told: Told, commits: readonly LakeCommitEntry[]): boolean {
  const {table, venue, interval, notes, gaps = [], awaited = []} = told
  if (awaited.length > 0) return true
  const mine = commits.filter((entry) => entry.table === tableName(table) && entry.venue === venue)
  const {survivor = false, completeFrom = null} = notes ?? {}
  const isNewTaint = survivor && !mine.some((entry) => entry.notes.survivor)
  const isNewDate = completeFrom !== null && !mine.some((entry) => entry.notes.completeFrom === completeFrom)
  if (isNewTaint || isNewDate) return true
  const ledger =
    gaps.length > 0 ? foldGaps(mine, {table: tableName(table), venue, interval: interval ?? null}) : new Map()
  return gaps.some((gap) => changesLedger(ledger.get(gap.coin) ?? [], gap))
}

type Told = Pick<LakeAppend, 'table' | 'venue' | 'interval' | 'notes' | 'gaps' | 'awaited'>

/** Where a batch is prepared. */
export interface Scratch {
  readonly connections: readonly [DuckDBConnection, DuckDBConnection]
  readonly schema: string
}

interface AppendPlan {
  /** SELECT of the rows to write, unordered */
  readonly select: string
  /** true when the source is already in the table's order */
  readonly ordered: boolean
  /** of the rows to write, where that is known without asking for it */
  readonly partitions?: readonly Partition[]
  readonly added: number
  readonly revised: number
  readonly unchanged: number
}

const NO_ROWS: AppendPlan = {select: '', ordered: true, added: 0, revised: 0, unchanged: 0}

/** The batch as a view `batch` with the declared types; constants are filled in, NaN becomes NULL. */
async function stage(connection: DuckDBConnection, schema: string, batch: LakeAppend): Promise<void> {
  const {table, copyOf} = batch
  if (!copyOf) await loadColumns(connection, schema, 'staged', batch.rows)
  const constants: Record<string, string> = {
    venue: quote(batch.venue),
    interval: batch.interval === undefined ? 'NULL' : quote(batch.interval),
    source: quote(batch.source),
    revision: '0',
  }
  const types = columnsOf(table)
  const cellOf = (name: string, type: string): string => {
    if (copyOf && name === 'available_at') return `${ident(copyOf.columns['ts']!)} + ${copyOf.availableAfterMs}`
    if (copyOf?.columns[name] !== undefined) return ident(copyOf.columns[name])
    if (!copyOf && batch.rows.lists?.[name] !== undefined) return ident(name)
    const inMemory = !copyOf && batch.rows.columns[name] !== undefined
    if (inMemory && type === 'VARCHAR') return textCell(batch.rows, name)
    if (inMemory) return `nullif(${ident(name)}, 'NaN'::DOUBLE)`
    return constants[name] ?? 'NULL'
  }
  const cells = storedColumns(table).map((name) => {
    const {type} = types.get(name)!
    return `(${cellOf(name, type)})::${type} AS ${ident(name)}`
  })
  const relation = copyOf ? `main.${ident(copyOf.file.relation)}` : 'staged'
  await connection.run(`CREATE OR REPLACE VIEW batch AS SELECT ${cells.join(', ')} FROM ${relation}`)
}

/** A text as it stands, as its position in a list of names, or as a whole number to be written out. */
function textCell({columns, names = {}}: LakeAppend['rows'], name: string): string {
  if (!(columns[name] instanceof Float64Array)) return ident(name)
  const list = names[name]
  if (list === undefined) return `${ident(name)}::BIGINT`
  return `list_extract([${list.map(quote).join(', ')}], ${ident(name)}::INTEGER + 1)`
}

/**
 * Sort out what is new. With nothing stored under these keys the batch goes in as it is.
 *
 * Only rows between the first and the last stored time can be there already: what a recorder brings lies behind it but
 * for a few, and only those are compared.
 */
async function planAppend(
  connection: DuckDBConnection,
  root: string,
  batch: LakeAppend,
  {commits, receivedAt, trust}: {commits: readonly LakeCommitEntry[]; receivedAt: number; trust: Trust},
): Promise<AppendPlan> {
  const {table, rows} = batch
  const key = identityOf(table)
  // Also of a batch that is copied from its file: the rows in memory are the same.
  const times = rows.columns['ts'] as Float64Array
  const [minTs, maxTs] = extremesOf(times)
  const stored = selectFiles(commits, {
    table: tableName(table),
    venue: batch.venue,
    interval: batch.interval ?? null,
    from: minTs,
    to: maxTs + 1,
  })
  // What is there decides what is new: a changed file would let rows in twice, or keep them out.
  for (const {file} of stored.files) await trust(file)
  if (!batch.copyOf && !batch.distinct) await refuseDuplicates(connection, key)
  const asItIs = (): AppendPlan => ({
    ...{select: 'SELECT * FROM batch', added: rows.count, revised: 0, unchanged: 0},
    ordered: batch.copyOf !== undefined || isInOrder(table, rows),
    partitions: partitionsOf(times, table.partition),
  })
  if (stored.files.length === 0) return asItIs()
  const from = Math.max(minTs, Math.min(...stored.files.map(({file}) => file.min_ts)))
  const to = Math.min(maxTs, Math.max(...stored.files.map(({file}) => file.max_ts)))
  const among = `ts BETWEEN ${from} AND ${to}`
  const current = currentRowsSql(root, table, stored, {
    asOf: Number.MAX_SAFE_INTEGER,
    where: among,
    withCommit: false,
  })
  const on = key.map((column) => `b.${ident(column)} IS NOT DISTINCT FROM e.${ident(column)}`).join(' AND ')
  const same = valueColumns(table)
    .map((column) => `b.${ident(column)} IS NOT DISTINCT FROM e.${ident(column)}`)
    .join(' AND ')
  const cells = storedColumns(table).map((column) => {
    const name = ident(column)
    if (column === 'revision') return `CASE WHEN e.ts IS NULL THEN b.${name} ELSE e.${name} + 1 END AS ${name}`
    // A correction could not have been used before we had it.
    if (column === 'available_at') {
      return `CASE WHEN e.ts IS NULL THEN b.${name} ELSE greatest(b.${name}, ${receivedAt}) END AS ${name}`
    }
    return `b.${name} AS ${name}`
  })
  await connection.run(`CREATE OR REPLACE TABLE fresh AS
    SELECT ${cells.join(', ')}, e.ts IS NOT NULL AS qo_corrects
    FROM (SELECT * FROM batch WHERE ${among}) b LEFT JOIN (${current}) e ON ${on}
    WHERE e.ts IS NULL OR NOT (${same || 'TRUE'})`)
  const [compared, added, revised] = await numbersOf(
    connection,
    `SELECT (SELECT count(*) FROM batch WHERE ${among}),
       count(*) FILTER (NOT qo_corrects), count(*) FILTER (qo_corrects) FROM fresh`,
  )
  if (added === compared) return asItIs()
  const columns = storedColumns(table).map(ident).join(', ')
  const behind = rows.count - compared!
  const rest = behind === 0 ? '' : ` UNION ALL SELECT ${columns} FROM batch WHERE ts < ${from} OR ts > ${to}`
  return {
    select: `SELECT ${columns} FROM fresh${rest}`,
    ordered: false,
    added: added! + behind,
    revised: revised!,
    unchanged: compared! - added! - revised!,
  }
}

/** Columns that the batch leaves to the table are the same in every row. */
function isInOrder(table: Table, rows: LakeAppend['rows']): boolean {
  const order = [...new Set([...table.sort, ...table.key])]
  if (order.some((name) => rows.lists?.[name] !== undefined)) return false
  const types = columnsOf(table)
  const texts = new Set(order.filter((name) => types.get(name)?.type === 'VARCHAR'))
  return isSorted(
    rows,
    order.filter((name) => rows.columns[name] !== undefined),
    texts,
  )
}

/** One file per partition, two at a time: the end of one is single-threaded while the other still compresses. */
async function writePartitions(
  connections: readonly DuckDBConnection[],
  root: string,
  {table, venue, interval = null}: {table: Table; venue: string; interval?: string | null},
  plan: AppendPlan,
): Promise<LakeFile[]> {
  // Whole numbers first: formatting a date per row would cost a third of the import.
  const moment = 'make_timestamp(ts * 1000)'
  const part = table.partition === 'year' ? `year(${moment})` : `${moment}::DATE`
  const parts = plan.partitions ?? (await partitionsIn(connections[0]!, plan.select, part))
  const order = plan.ordered ? '' : ` ORDER BY ${orderOf(table)}`
  const plans = parts.map((one): FilePlan => {
    const [from, to] = boundsOf(one.partition)
    const within = parts.length === 1 ? '' : ` WHERE ts >= ${from} AND ts < ${to}`
    return {...{table, venue, interval}, ...one, select: `SELECT * FROM (${plan.select})${within}${order}`}
  })
  const files: LakeFile[] = []
  let next = 0
  const writers = connections.map(async (connection) => {
    for (let k = next++; k < plans.length; k = next++) files[k] = await writeParquetFile(root, connection, plans[k]!)
  })
  // All of them come to rest before the connections close, also when one fails.
  const ends = await Promise.allSettled(writers)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  return files
}

async function partitionsIn(connection: DuckDBConnection, select: string, part: string): Promise<Partition[]> {
  const found = await connection.runAndReadAll(
    `SELECT part::VARCHAR, count(*), min(ts), max(ts) FROM (SELECT ${part} AS part, ts FROM (${select}))
     GROUP BY part ORDER BY part`,
  )
  return found.getRows().map(([partition, rows, minTs, maxTs]) => ({
    partition: String(partition),
    rows: Number(rows),
    minTs: Number(minTs),
    maxTs: Number(maxTs),
  }))
}

async function refuseDuplicates(connection: DuckDBConnection, key: readonly string[]): Promise<void> {
  const columns = key.map(ident).join(', ')
  const [keys, rows] = await numbersOf(connection, `SELECT count(DISTINCT (${columns})), count(*) FROM batch`)
  if (keys === rows) return
  throw new Fault('lake.duplicate_key', {
    family: 'data',
    what: `${rows! - keys!} rows of one batch repeat a key (${key.join(', ')}).`,
    why: 'Within a commit each key stands once; which of two rows is true cannot be guessed.',
    next: ['remove the duplicates from the source'],
  })
}

/** Columns whose change makes a row a correction. When and from where it came does not. */
const valueColumns = (table: Table): string[] =>
  storedColumns(table).filter(
    (column) => !table.key.includes(column) && column !== 'available_at' && column !== 'source',
  )
