import {createHash, randomUUID} from 'node:crypto'
import {access, link, open, readdir, rm, stat} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {DuckDBConnection} from '@duckdb/node-api'
import {columnsOf, type Table} from '../../contracts/artifact.ts'
import type {LakeFile} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {syncFolder} from '../files.ts'
import {numbersOf, quote} from './duckdb.ts'
import {makeFolder, partitionFolder, STAGING} from './layout.ts'

/** Rows per row group: small enough that a coin-month query touches few of them. */
const ROW_GROUP = 20_480

export interface FilePlan {
  readonly table: Table
  readonly venue: string
  readonly interval: string | null
  /** `2025` or `2025-03-01` */
  readonly partition: string
  /** SELECT of exactly this file's rows, in the table's order */
  readonly select: string
  readonly rows: number
  readonly minTs: number
  readonly maxTs: number
}

/**
 * Write one partition and put it where readers of a later commit will find it.
 *
 * staging → fsync → SHA-256 → reopen and check → link → fsync of the folder. DuckDB never calls fsync and writes in
 * place, so it never writes inside the lake. The name carries the hash of the content: when a crash or another writer
 * already left this very file, it is adopted.
 *
 * @throws Fault `lake.write_failed` (data) when what was written does not read back
 */
export async function writeParquetFile(root: string, connection: DuckDBConnection, plan: FilePlan): Promise<LakeFile> {
  await makeFolder(root, STAGING)
  const staged = join(root, STAGING, `${process.pid}-${randomUUID()}.parquet`)
  try {
    await copyToParquet(connection, plan.table, plan.select, staged)
    const [sha256] = await Promise.all([hashFile(staged), syncFile(staged), checkReadsBack(connection, staged, plan)])
    const folder = partitionFolder(plan.table, plan.venue, plan.interval)
    const path = `${folder}/${plan.partition}-${plan.minTs}-${sha256.slice(0, 12)}.parquet`
    await place(root, staged, path, sha256)
    const {size: bytes} = await stat(join(root, path))
    return {path, sha256, bytes, rows: plan.rows, min_ts: plan.minTs, max_ts: plan.maxTs}
  } finally {
    await rm(staged, {force: true})
  }
}

/** Write rows of a table as its Parquet files are written. */
export async function copyToParquet(
  connection: DuckDBConnection,
  table: Table,
  select: string,
  target: string,
): Promise<void> {
  const footer = `{qo_artifact: ${quote(table.id)}, qo_units: ${quote(unitsOf(table))}}`
  await connection.run(
    `COPY (${select}) TO ${quote(target)} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP}, KV_METADATA ${footer})`,
  )
}

/** SHA-256 of a file of any size, through two buffers: one is read into while the other is hashed. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  let [buffer, other] = [Buffer.allocUnsafeSlow(1 << 20), Buffer.allocUnsafeSlow(1 << 20)]
  const handle = await open(path, 'r')
  try {
    let reading = handle.read(buffer, 0, buffer.length)
    for (;;) {
      const {bytesRead} = await reading
      if (bytesRead === 0) return hash.digest('hex')
      const read = buffer.subarray(0, bytesRead)
      ;[buffer, other] = [other, buffer]
      reading = handle.read(buffer, 0, buffer.length)
      hash.update(read)
    }
  } finally {
    await handle.close()
  }
}

/** `<pid>-<uuid>.<ending>`: what a writer names its files in staging. Any other file is not ours. */
const STAGED = /^(\d+)-[0-9a-f]{8}-[0-9a-f-]{27}\./

/** Remove what writers that no longer live left in staging. Nothing in there was ever visible. */
export async function dropStaging(root: string): Promise<void> {
  const folder = join(root, STAGING)
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = STAGED.exec(name) ?? []
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), {force: true})
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function place(root: string, staged: string, path: string, sha256: string): Promise<void> {
  const target = join(root, path)
  await makeFolder(root, dirname(path))
  try {
    // Not rename: it would replace a file that is there, and no verb of the lake overwrites.
    await link(staged, target)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    if ((await hashFile(target)) !== sha256) throw failed(path, 'a different file has this name')
  }
  await syncFolder(dirname(target))
}

async function checkReadsBack(connection: DuckDBConnection, file: string, plan: FilePlan): Promise<void> {
  const [rows, minTs, maxTs] = await numbersOf(
    connection,
    `SELECT count(*), min(ts), max(ts) FROM read_parquet(${quote(file)}, hive_partitioning = false)`,
  )
  if (rows !== plan.rows || minTs !== plan.minTs || maxTs !== plan.maxTs) {
    throw failed(plan.partition, `it reads back ${rows} rows instead of ${plan.rows}, or other times`)
  }
}

async function syncFile(path: string): Promise<void> {
  await access(path)
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const unitsOf = (table: Table): string =>
  JSON.stringify(Object.fromEntries([...columnsOf(table)].map(([name, {unit}]) => [name, unit])))

function failed(where: string, problem: string): Fault {
  return new Fault('lake.write_failed', {
    family: 'data',
    what: `A Parquet file was not committed (${where}).`,
    why: `After writing, ${problem}. The lake is unchanged.`,
    next: ['qo doctor', 'run the command again'],
  })
}
