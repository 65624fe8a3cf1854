import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {DuckDBConnection} from '@duckdb/node-api'
import type {Table} from '../../contracts/artifact.ts'
import {TABLES} from '../../contracts/index.ts'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {Vault} from '../../contracts/workspace.ts'
import type {LakeCheck, LakeFile, LakeProblem, VerifyDepth} from '../../desk.ts'
import {ident, numbersOf, quote} from './duckdb.ts'
import {lakeFilesOnDisk, tableName} from './layout.ts'
import {hashFile} from './parquet-file.ts'
import {sealedRows} from './sealing.ts'
import {compareWithSecondReader} from './second-reader.ts'
import {checkFrames, checkSequences, FRAMES, type FrameSpan} from './verify-frames.ts'

/**
 * Check what the commit log says against the disk. The chain itself was checked when the log was read.
 *
 * quick: every file is there with its size and hash. full: rows, times, order, unique keys and `available_at` as DuckDB
 * reads them, and every raw frame by its checksum. deep: every value again with a reader that did not write it, and the
 * sequence of the raw frames. Nothing is repaired and no value is shown.
 */
export async function verifyLake(
  connection: DuckDBConnection,
  root: string,
  commits: readonly LakeCommitEntry[],
  vaults: readonly Vault[],
  depth: VerifyDepth,
): Promise<LakeCheck> {
  const problems: LakeProblem[] = []
  let [rows, frames, sealed] = [0, 0, 0]
  const named = new Set<string>()
  const spans = new Map<string, FrameSpan>()
  const contentsOf = async (file: LakeFile, name: string): Promise<string | null> => {
    if (name === FRAMES) {
      const found = await checkFrames(root, file)
      if (typeof found === 'string') return found
      spans.set(file.path, found)
      return null
    }
    const table = TABLES.find((candidate) => tableName(candidate) === name)
    if (!table) return `unknown table ${name}`
    const wrong = await checkContents(connection, root, file, table)
    return wrong === null && depth === 'deep' ? compareWithSecondReader(connection, join(root, file.path)) : wrong
  }
  for (const commit of commits) {
    const raw = commit.table === FRAMES
    for (const file of commit.files) {
      named.add(file.path)
      if (raw) frames += file.rows
      else rows += file.rows
      const damage = await checkBytes(root, file)
      if (damage !== null) {
        problems.push({file: file.path, ...damage})
        continue
      }
      if (!raw) sealed += await countSealed(connection, root, file, commit, vaults)
      const problem = depth === 'quick' ? null : await contentsOf(file, commit.table)
      if (problem !== null) problems.push({file: file.path, problem, kind: 'contents'})
    }
  }
  if (depth === 'deep') problems.push(...checkSequences(commits, spans))
  const orphans = (await lakeFilesOnDisk(root)).filter((path) => !named.has(path))
  return {commits: commits.length, files: named.size, rows, frames, sealedRows: sealed, problems, orphans}
}

/** What is wrong with the bytes of a file; null when they are those of the commit. */
async function checkBytes(root: string, file: LakeFile): Promise<Omit<LakeProblem, 'file'> | null> {
  try {
    const {size} = await stat(join(root, file.path))
    if (size !== file.bytes) return {problem: `${size} bytes instead of ${file.bytes}`, kind: 'changed'}
    if ((await hashFile(join(root, file.path))) === file.sha256) return null
    return {problem: 'content does not match its SHA-256', kind: 'changed'}
  } catch (cause) {
    const {code, message} = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return {problem: 'missing', kind: 'missing'}
    return {problem: message, kind: 'unreadable'}
  }
}

async function checkContents(
  connection: DuckDBConnection,
  root: string,
  file: LakeFile,
  table: Table,
): Promise<string | null> {
  const source = `read_parquet(${quote(join(root, file.path))}, hive_partitioning = false)`
  const key = table.key.map(ident).join(', ')
  const sort = table.sort.map(ident).join(', ')
  try {
    const [rows, minTs, maxTs, keys, early] = await numbersOf(
      connection,
      `SELECT count(*), min(ts), max(ts), count(DISTINCT (${key})), count(*) FILTER (available_at < ts) FROM ${source}`,
    )
    if (rows !== file.rows) return `${rows} rows instead of ${file.rows}`
    if (minTs !== file.min_ts || maxTs !== file.max_ts) return 'first or last time differs from the commit'
    if (keys !== rows) return `${rows! - keys!} keys stand more than once`
    if (early! > 0) return `${early} rows were available before they happened`
    const [unsorted] = await numbersOf(
      connection,
      `SELECT count(*) FROM (SELECT (${sort}) < lag((${sort})) OVER () AS back FROM ${source}) WHERE back`,
    )
    return unsorted === 0 ? null : `${unsorted} rows are out of order`
  } catch (cause) {
    return `not readable: ${(cause as Error).message.split('\n')[0]}`
  }
}

async function countSealed(
  connection: DuckDBConnection,
  root: string,
  file: LakeFile,
  {venue, interval}: LakeCommitEntry,
  vaults: readonly Vault[],
): Promise<number> {
  const condition = sealedRows(vaults, venue, interval)
  if (condition === 'FALSE') return 0
  const source = `read_parquet(${quote(join(root, file.path))}, hive_partitioning = false)`
  return (await numbersOf(connection, `SELECT count(*) FROM ${source} WHERE ${condition}`))[0]!
}
