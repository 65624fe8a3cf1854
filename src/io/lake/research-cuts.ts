import {randomUUID} from 'node:crypto'
import {access, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {type LakeCommitEntry, type LakeCut, LakeCuts} from '../../contracts/lake.ts'
import {researchEnd, type Vault} from '../../contracts/workspace.ts'
import type {FilesPort, LakeFile} from '../../desk.ts'
import {parseInstant} from '../../kernel/instant.ts'
import {numbersOf, quote, withConnection} from './duckdb.ts'
import {LAKE, makeFolder, STAGING, tableName} from './layout.ts'
import {copyToParquet, hashFile} from './parquet-file.ts'
import {visibleRows} from './sealing.ts'

const FOLDER = 'data/manifests/cuts'

/** What the committed manifests say about one file across a seal. */
export interface NamedCut extends LakeCut {
  /** epoch ms: the copy holds the rows before it */
  readonly sealedFrom: number
}

/** whole path -> its copy; empty when nothing was ever cut. */
export async function readCuts(files: FilesPort): Promise<ReadonlyMap<string, NamedCut>> {
  const cuts = new Map<string, NamedCut>()
  for (const name of await files.list(FOLDER)) {
    if (!name.endsWith('.json')) continue
    const manifest = await files.read(LakeCuts, `${FOLDER}/${name}`)
    const sealedFrom = parseInstant(manifest.sealed_from)
    for (const file of manifest.files) cuts.set(file.whole.path, {...file, sealedFrom})
  }
  return cuts
}

/** The copy that stands for a file: of these very bytes, and of every row that research sees today. */
export function cutOf(
  file: LakeFile,
  {venue}: Pick<LakeCommitEntry, 'venue'>,
  cuts: ReadonlyMap<string, NamedCut>,
  vaults: readonly Vault[],
): LakeFile | null {
  const found = cuts.get(file.path)
  if (found?.whole.sha256 !== file.sha256 || researchEnd(vaults, venue) > found.sealedFrom) return null
  return found.cut
}

/**
 * The commits as a research reader finds them: where a whole file is not on this disk and its copy is, the copy.
 *
 * Only research may read them so: whoever trades today would miss the newest rows and not know it.
 */
export async function withCuts(
  root: string,
  commits: readonly LakeCommitEntry[],
  cuts: ReadonlyMap<string, NamedCut>,
  vaults: readonly Vault[],
): Promise<readonly LakeCommitEntry[]> {
  if (cuts.size === 0) return commits
  const isHere = (path: string): Promise<boolean> =>
    access(join(root, path)).then(
      () => true,
      () => false,
    )
  const instead = async (file: LakeFile, commit: LakeCommitEntry): Promise<LakeFile> => {
    const cut = cutOf(file, commit, cuts, vaults)
    return cut !== null && !(await isHere(file.path)) && (await isHere(cut.path)) ? cut : file
  }
  return Promise.all(
    commits.map(async (commit) =>
      commit.files.some(({path}) => cuts.has(path))
        ? {...commit, files: await Promise.all(commit.files.map((file) => instead(file, commit)))}
        : commit,
    ),
  )
}

/**
 * Write a copy of a file that ends before the seal, hand it over, and take it away again.
 *
 * @param use  gets the path of the copy on this machine and how the manifest names it
 * @returns    null for what is no table: raw frames cannot be cut, and no research reads them
 */
export async function cutFile(
  root: string,
  file: LakeFile,
  {table: name, venue, interval}: Pick<LakeCommitEntry, 'table' | 'venue' | 'interval'>,
  vaults: readonly Vault[],
  use: (staged: string, cut: LakeCut) => Promise<void>,
): Promise<LakeCut | null> {
  const {TABLES} = await import('../../contracts/index.ts')
  const table = TABLES.find((candidate) => tableName(candidate) === name)
  if (table === undefined) return null
  await makeFolder(root, STAGING)
  const staged = join(root, STAGING, `${process.pid}-${randomUUID()}.parquet`)
  const visible = visibleRows(vaults, {venue, interval, purpose: {kind: 'research'}})
  const read = (path: string): string => `read_parquet(${quote(path)}, hive_partitioning = false)`
  try {
    const span = await withConnection(async (connection) => {
      await copyToParquet(connection, table, `SELECT * FROM ${read(join(root, file.path))} WHERE ${visible}`, staged)
      return numbersOf(connection, `SELECT count(*), min(ts), max(ts) FROM ${read(staged)}`)
    })
    const [rows, min_ts, max_ts] = span as [number, number, number]
    const sha256 = await hashFile(staged)
    const {size: bytes} = await stat(staged)
    const cut = {
      whole: {path: file.path, sha256: file.sha256},
      cut: {path: `${LAKE}/cuts/${sha256}.parquet`, sha256, bytes, rows, min_ts, max_ts},
    }
    await use(staged, cut)
    return cut
  } finally {
    await rm(staged, {force: true})
  }
}
