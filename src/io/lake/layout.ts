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

/** Every Parquet file and raw archive below the lake, whoever put it there; workspace paths, sorted. */
export async function lakeFilesOnDisk(root: string): Promise<string[]> {
  const found = await readdir(join(root, LAKE), {recursive: true}).catch(() => [])
  return found
    .map((path) => `${LAKE}/${path.replaceAll('\\', '/')}`)
    .filter((path) => /\.(parquet|wal\.gz)$/.test(path) && !path.startsWith(`${STAGING}/`))
    .sort()
}

/** Folders whose every level this process has made to last, or is making to last. */
const lasting = new Map<string, Promise<void>>()

/**
 * Make a folder of the workspace that survives a power cut: each level is an entry of its parent, which is synced.
 *
 * A folder that is there already may be what a killed process made and never synced, so the first use in a process
 * syncs all the levels, and whoever comes meanwhile waits for it.
 */
export async function makeFolder(root: string, folder: string): Promise<void> {
  const full = join(root, folder)
  const isNew = await makeLevels(root, folder)
  const known = lasting.get(full)
  if (!isNew && known) return known
  const syncing = syncLevels(root, folder)
  lasting.set(full, syncing)
  syncing.catch(() => lasting.delete(full))
  return syncing
}

/** true when something was made. Not `recursive`: Node then says ENOENT, whatever it was that stopped it. */
async function makeLevels(root: string, folder: string): Promise<boolean> {
  try {
    await mkdir(join(root, folder))
    return true
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code !== 'ENOENT' || folder === '.') throw cause
    await makeLevels(root, dirname(folder))
    await mkdir(join(root, folder)).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again
    })
    return true
  }
}

async function syncLevels(root: string, folder: string): Promise<void> {
  for (let parent = dirname(folder); ; parent = dirname(parent)) {
    await syncFolder(join(root, parent))
    if (parent === '.') return
  }
}
