import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {DuckDBConnection} from '@duckdb/node-api'
import type {Table} from '../../contracts/artifact.ts'
import {TABLES} from '../../contracts/index.ts'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {Vault} from '../../contracts/workspace.ts'
import type {LakeCheck, LakeFile, LakeProblem, VerifyDepth} from '../../desk.ts'
import {ident, numbersOf, quote} from './duckdb.ts'
import {parquetFilesOnDisk, tableName} from './layout.ts'
import {hashFile} from './parquet-file.ts'
import {sealedRows} from './sealing.ts'
import {compareWithSecondReader} from './second-reader.ts'

/**
 * Check what the commit log says against the disk. The chain itself was checked when the log was read.
 *
 * quick: every file is there with its size and hash. full: rows, times, order, unique keys and `available_at` as DuckDB
 * reads them. deep: every value again with a reader that did not write it. Nothing is repaired and no value is shown.
 */
export async function verifyLake(
  connection: DuckDBConnection,
  root: string,
  commits: readonly LakeCommitEntry[],
  vaults: readonly Vault[],
  depth: VerifyDepth,
): Promise<LakeCheck> {
  const problems: LakeProblem[] = []
  let [rows, sealed] = [0, 0]
  const named = new Set<string>()
  for (const commit of commits) {
    const table = TABLES.find((candidate) => tableName(candidate) === commit.table)
    for (const file of commit.files) {
      named.add(file.path)
      rows += file.rows
      const problem = await checkBytes(root, file)
      if (problem !== null) {
        problems.push({file: file.path, problem})
        continue
      }
      sealed += await countSealed(connection, root, file, commit, vaults)
      if (depth === 'quick') continue
      const contents = table ? await checkContents(connection, root, file, table) : `unknown table ${commit.table}`
      if (contents !== null) problems.push({file: file.path, problem: contents})
      else if (depth === 'deep') {
        const difference = await compareWithSecondReader(connection, join(root, file.path))
        if (difference !== null) problems.push({file: file.path, problem: difference})
      }
    }
  }
  const orphans = (await parquetFilesOnDisk(root)).filter((path) => !named.has(path))
  return {commits: commits.length, files: named.size, rows, sealedRows: sealed, problems, orphans}
}

async function checkBytes(root: string, file: LakeFile): Promise<string | null> {
  const found = await stat(join(root, file.path)).catch(() => null)
  if (!found) return 'missing'
  if (found.size !== file.bytes) return `${found.size} bytes instead of ${file.bytes}`
  return (await hashFile(join(root, file.path))) === file.sha256 ? null : 'content does not match its SHA-256'
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
