import {createHash} from 'node:crypto'
import type {Table} from '../../contracts/artifact.ts'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {Vault} from '../../contracts/workspace.ts'
import type {FilesPort, JournalPort, LakeCommit, LakePort, LakeQuery, SqlAnswer} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {openLines} from '../sources/open-lines.ts'
import {openSource} from '../sources/open-source.ts'
import {intoPlace, throughStdout} from './answer-file.ts'
import {appendRows} from './append-rows.ts'
import {openCommitLog} from './commit-log.ts'
import {diskFault} from './disk-fault.ts'
import {withConnection, withScratch} from './duckdb.ts'
import {tableName} from './layout.ts'
import {dropStaging} from './parquet-file.ts'
import type {SqlGround} from './query-sql.ts'
import {readExtents} from './read-extents.ts'
import {readRows, type SelectedFiles, selectFiles} from './read-rows.ts'
import {refuseHoles, refuseTableHoles} from './refuse-holes.ts'
import {readCuts, withCuts} from './research-cuts.ts'
import {readVaults, trespassOf, visibleEnd, visibleRows} from './sealing.ts'
import {filesOf, sqlGround} from './sql-ground.ts'
import {trustFiles} from './trust-files.ts'

/**
 * The immutable lake of a workspace: Parquet files that a numbered, hash-chained commit log names.
 *
 * Readers use the log and nothing else, so a torn or foreign file is invisible. Every read passes a purpose, and the
 * vault windows are sealed here: no caller can forget it; `keep` refuses windows that were moved. DuckDB is loaded on the
 * first call, and what needs every format there is when it is asked for: a read needs one.
 */
export function openLake(
  root: string,
  {files, dryRun, keep}: {files: FilesPort; dryRun: boolean; keep?: (vaults: readonly Vault[]) => Promise<void>},
): LakePort {
  const log = openCommitLog(root)
  const trust = trustFiles(root)
  let cleaned = false
  let accessJournal: JournalPort | null = null

  /** The files a query needs; those behind what it may see are not touched. */
  async function selected(
    query: LakeQuery,
    vaults: readonly Vault[],
  ): Promise<SelectedFiles & {commits: readonly LakeCommit[]}> {
    const to = Math.min(query.to ?? Number.POSITIVE_INFINITY, visibleEnd(vaults, query))
    const commits = query.purpose.kind === 'research' ? await researchCommits(vaults) : await log.read()
    const found = selectFiles(commits, {...query, table: tableName(query.table), interval: query.interval ?? null, to})
    for (const {file} of found.files) await trust(file)
    return {...found, commits}
  }

  /** The log, with copies in the place of files that were carried here without their sealed rows. */
  async function researchCommits(vaults: readonly Vault[]): Promise<readonly LakeCommitEntry[]> {
    return withCuts(root, await log.read(), await readCuts(files), vaults)
  }

  async function journalTrespass(query: LakeQuery, vaults: Awaited<ReturnType<typeof readVaults>>): Promise<void> {
    const trespass = trespassOf(vaults, query)
    if (trespass !== null) await journal({kind: 'sealed-read', body: trespass})
  }

  /** The vaults, when they seal at least what was ever relied on; a refusal is written down. */
  async function sealed(): Promise<readonly Vault[]> {
    const vaults = await readVaults(files)
    try {
      await keep?.(vaults)
    } catch (cause) {
      if (cause instanceof Fault && cause.code === 'vault.moved')
        await journal({kind: 'sealed-read', body: {refused: cause.code, what: cause.what}})
      throw cause
    }
    return vaults
  }

  /** Whoever trades today sees every row, whatever is sealed: nothing about vaults may stop it. */
  const vaultsFor = ({purpose}: LakeQuery): Promise<readonly Vault[]> =>
    purpose.kind === 'live' ? readVaults(files) : sealed()

  async function journal({kind, body}: {kind: string; body: Record<string, unknown>}): Promise<void> {
    accessJournal ??= (await import('../journal.ts')).openJournal(root, 'vault-access', {dryRun})
    await accessJournal.append(Date.now(), kind, body)
  }

  return {
    commits: () => log.read(),
    vaults: sealed,
    openLines,
    openSource,
    async read(query) {
      const vaults = await vaultsFor(query)
      await journalTrespass(query, vaults)
      const interval = intervalOf(query)
      const visible = visibleRows(vaults, {venue: query.venue, interval, purpose: query.purpose})
      const chosen = await selected(query, vaults)
      const rows = await withConnection((connection) => readRows(connection, root, query, chosen, visible))
      if (query.holes !== 'allow') refuseHoles(chosen.commits, query, rows, visibleEnd(vaults, query))
      return rows
    },
    async extents(query) {
      const interval = intervalOf(query)
      const vaults = await vaultsFor(query)
      const visible = visibleRows(vaults, {venue: query.venue, interval, purpose: query.purpose})
      const chosen = await selected(query, vaults)
      return withConnection((connection) => readExtents(connection, root, query, chosen, visible))
    },
    async append(batch) {
      try {
        if (!cleaned && !dryRun) await dropStaging(root)
        cleaned = true
        // What was recorded is committed while the recorder reads on.
        return await withScratch(batch.frames ? 'one' : 'all', (connections, schema) =>
          appendRows({connections, schema}, root, log, batch, {dryRun, trust}),
        )
      } catch (cause) {
        throw diskFault(cause)
      }
    },
    async sql(query, asOf, {commit, holes, out} = {}) {
      const {querySql} = await import('./query-sql.ts')
      const vaults = await sealed()
      const commits = await researchCommits(vaults)
      const scope = {asOf, commit}
      const groundOf = async (tables: readonly Table[]): Promise<SqlGround> => {
        for (const {file} of filesOf(tables, commits, vaults, scope)) await trust(file)
        if (holes !== 'allow')
          await withConnection((connection) => refuseTableHoles(connection, root, tables, commits, vaults, scope))
        return sqlGround(root, tables, commits, vaults, scope)
      }
      if (!out) return querySql(query, groundOf, undefined)
      const leave = (path: string): Promise<SqlAnswer> => querySql(query, groundOf, {...out, path})
      return out.path === null ? throughStdout(leave) : intoPlace(out.path, leave)
    },
    async push(to, {sealed: whole, research = false}) {
      const [commits, vaults] = [await log.read(), await (whole ? readVaults(files) : sealed())]
      const {openDepot, pushLake} = await import('./transfer.ts')
      if (whole && vaults.length > 0) await journal({kind: 'sealed-push', body: {to, commits: commits.length}})
      return pushLake(root, openDepot(to), {commits, vaults, sealed: whole, research, dryRun, trust})
    },
    async pull(from, {named} = {}) {
      const {openDepot, pullLake} = await import('./transfer.ts')
      const vaults = await readVaults(files)
      const plan = {log, vaults, cuts: await readCuts(files), named: named ?? null, dryRun}
      return pullLake(root, openDepot(from), plan).catch((cause) => {
        throw diskFault(cause)
      })
    },
    digest: (pieces) => Promise.resolve(digestOf(pieces)),
    async verify(depth) {
      const {verifyLake} = await import('./verify-lake.ts')
      const vaults = await readVaults(files)
      const commits = await researchCommits(vaults)
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
