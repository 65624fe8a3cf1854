import {mkdir, readdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import type {Table} from '../../contracts/artifact.ts'
import {syncFolder} from '../files.ts'

export const LAKE = 'data/lake'
export const COMMITS = `${LAKE}/commits`
export const STAGING = `${LAKE}/.staging`

/** `candles@1` -> `candles` */
export const tableName = ({id}: Pick<Table, 'id'>): string => id.split('@')[0]!

/** Folder of a partition; names are percent-encoded, so no venue can leave the lake. */
export function partitionFolder(table: Table, venue: string, interval: string | null): string {
  const parts = table.folders.map((key) => `${key}=${encodeURIComponent(key === 'venue' ? venue : (interval ?? ''))}`)
  return [LAKE, tableName(table), ...parts].join('/')
}

export const commitPath = (n: number): string => `${COMMITS}/${String(n).padStart(12, '0')}.json`

/** Every Parquet file below the lake, whoever put it there; workspace paths, sorted. */
export async function parquetFilesOnDisk(root: string): Promise<string[]> {
  const found = await readdir(join(root, LAKE), {recursive: true}).catch(() => [])
  return found
    .map((path) => `${LAKE}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.parquet') && !path.startsWith(`${STAGING}/`))
    .sort()
}

/** Make a folder whose every new level survives a power cut: each is an entry of its parent, which is synced. */
export async function makeFolder(folder: string): Promise<void> {
  const created = await mkdir(folder, {recursive: true})
  if (created === undefined) return
  const top = dirname(created)
  for (let parent = dirname(folder); parent.length >= top.length; parent = dirname(parent)) await syncFolder(parent)
}
