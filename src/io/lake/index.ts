import {createHash} from 'node:crypto'
import {join} from 'node:path'
import type {Table} from '../../contracts/artifact.ts'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {FilesPort, JournalPort, LakePort, LakeQuery, SqlAnswer} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {openSource} from '../sources/open-source.ts'
import {intoPlace, throughStdout} from './answer-file.ts'
import {appendRows} from './append-rows.ts'
import {openCommitLog} from './commit-log.ts'
import {withConnection, withScratch} from './duckdb.ts'
import {tableName} from './layout.ts'
import {dropStaging, hashFile} from './parquet-file.ts'
import {querySql, type SqlGround} from './query-sql.ts'
import {readExtents} from './read-extents.ts'
import {readRows, type SelectedFiles, selectFiles} from './read-rows.ts'
import {refuseHoles, refuseTableHoles} from './refuse-holes.ts'
import {readVaults, trespassOf, visibleEnd, visibleRows} from './sealing.ts'
import {filesOf, sqlGround} from './sql-ground.ts'
import {verifyLake} from './verify-lake.ts'

/**
 * The immutable lake of a workspace: Parquet files that a numbered, hash-chained commit log names.
 *
 * Readers use the log and nothing else, so a torn or foreign file is invisible. Every read passes a purpose, and the
 * vault windows are sealed here: no caller can forget it. DuckDB is loaded on the first call.
 */
export function openLake(root: string, {files, dryRun}: {files: FilesPort; dryRun: boolean}): LakePort {
  const log = openCommitLog(root)
  /** Files whose bytes this process has compared with the commit's hash. */
  const trusted = new Set<string>()
  let cleaned = false
  let accessJournal: JournalPort | null = null

  async function selected(query: LakeQuery): Promise<SelectedFiles> {
    const scope = {...query, table: tableName(query.table), interval: query.interval ?? null}
    const found = selectFiles(await log.read(), scope)
    for (const {file} of found.files) await trust(file)
    return found
  }

  async function trust({path, sha256}: LakeCommitEntry['files'][number]): Promise<void> {
    if (trusted.has(path)) return
    const actual = await hashFile(join(root, path)).catch(() => null)
    if (actual !== sha256) throw corrupt(path, actual === null)
    trusted.add(path)
  }

  async function journalTrespass(query: LakeQuery, vaults: Awaited<ReturnType<typeof readVaults>>): Promise<void> {
    const trespass = trespassOf(vaults, query)
    if (trespass === null) return
    accessJournal ??= (await import('../journal.ts')).openJournal(root, 'vault-access', {dryRun})
    await accessJournal.append(Date.now(), 'sealed-read', trespass)
  }

  return {
    commits: () => log.read(),
    vaults: () => readVaults(files),
    openSource,
    async read(query) {
      const vaults = await readVaults(files)
      await journalTrespass(query, vaults)
      const interval = intervalOf(query)
      const visible = visibleRows(vaults, {venue: query.venue, interval, purpose: query.purpose})
      const chosen = await selected(query)
      return withConnection(async (connection) => {
        const rows = await readRows(connection, root, query, chosen, visible)
        if (query.holes !== 'allow') refuseHoles(await log.read(), query, rows, visibleEnd(vaults, query))
        return rows
      })
    },
    async extents(query) {
      const interval = intervalOf(query)
      const visible = visibleRows(await readVaults(files), {venue: query.venue, interval, purpose: query.purpose})
      const chosen = await selected(query)
      return withConnection((connection) => readExtents(connection, root, query, chosen, visible))
    },
    async append(batch) {
      if (!cleaned && !dryRun) {
        await dropStaging(root)
        cleaned = true
      }
      return withScratch((connections, schema) => appendRows({connections, schema}, root, log, batch, {dryRun}))
    },
    async sql(query, asOf, {commit, holes, out} = {}) {
      const vaults = await readVaults(files)
      const commits = await log.read()
      const scope = {asOf, commit}
      const groundOf = async (tables: readonly Table[]): Promise<SqlGround> => {
        for (const {file} of filesOf(tables, commits, scope)) await trust(file)
        if (holes !== 'allow')
          await withConnection((connection) => refuseTableHoles(connection, root, tables, commits, vaults, scope))
        return sqlGround(root, tables, commits, vaults, scope)
      }
      if (!out) return querySql(query, groundOf, undefined)
      const leave = (path: string): Promise<SqlAnswer> => querySql(query, groundOf, {...out, path})
      return out.path === null ? throughStdout(leave) : intoPlace(out.path, leave)
    },
    digest: (pieces) => Promise.resolve(digestOf(pieces)),
    async verify(depth) {
      const commits = await log.read()
      const vaults = await readVaults(files)
      return withConnection((connection) => verifyLake(connection, root, commits, vaults, depth))
    },
  }
}

function digestOf(pieces: readonly (string | Float64Array)[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) {
    if (typeof piece === 'string') hash.update(`${piece.length}:${piece}`)
    else hash.update(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength))
  }
  return hash.digest('hex')
}

/** A bar is sealed by its close, so a table of bars cannot be read without naming its interval. */
function intervalOf({table, interval}: LakeQuery): string | null {
  if (!table.folders.includes('interval') || interval !== undefined) return interval ?? null
  throw new Fault('lake.no_interval', {
    family: 'bug',
    what: `${table.id} was read without an interval.`,
    why: 'Which bars a sealed window hides depends on their length.',
    next: ['report this with the command you typed'],
  })
}

const corrupt = (path: string, missing: boolean): Fault =>
  new Fault('lake.corrupt_file', {
    family: 'data',
    what: `${path} ${missing ? 'is missing' : 'was changed after it was committed'}.`,
    why: 'A commit names each file with its SHA-256; what does not match it is never read.',
    next: ['qo lake verify', `restore ${path} from a copy, or import its source again`],
  })
