import {createHash} from 'node:crypto'
import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {syncFolder, writeSynced} from '../files.ts'
import {LAKE, makeFolder} from '../lake/layout.ts'

export const WAL = `${LAKE}/wal`
const QUARANTINE = 'data/quarantine'

/** Percent-encoded, the dot too: no source name can leave its folder. */
export const encodeSource = (source: string): string => encodeURIComponent(source).replaceAll('.', '%2E')

export const sourceFolder = (source: string): string => `${WAL}/${encodeSource(source)}`
const digits = (seq: number): string => String(seq).padStart(16, '0')
export const segmentName = (first: number): string => `${digits(first)}.wal`
export const carryName = (seq: number): string => `${digits(seq)}.carry`

export interface SegmentFile {
  /** workspace path */
  readonly path: string
  /** sequence number of its first frame */
  readonly first: number
  readonly bytes: number
}

/** Segments of one source on disk, oldest first. A file with any other name is not ours and is left alone. */
export async function segmentsOnDisk(root: string, source: string): Promise<SegmentFile[]> {
  const folder = sourceFolder(source)
  const names = (await namesIn(join(root, folder))).filter((name) => /^\d{16}\.wal$/.test(name)).sort()
  const found = await Promise.all(
    names.map(async (name): Promise<SegmentFile | null> => {
      const path = `${folder}/${name}`
      const size = await stat(join(root, path)).then(
        (info) => (info.isFile() ? info.size : null),
        // Archived and removed between the listing and this look.
        () => null,
      )
      return size === null ? null : {path, first: Number(name.slice(0, 16)), bytes: size}
    }),
  )
  return found.filter((segment) => segment !== null && segment.first > 0) as SegmentFile[]
}

/** Names in a folder of the log that are neither a segment nor ours otherwise. */
export async function strangersIn(root: string, source: string): Promise<string[]> {
  const folder = sourceFolder(source)
  const names = await namesIn(join(root, folder))
  return names.filter((name) => !/^\d{16}\.(wal|carry)$/.test(name)).map((name) => `${folder}/${name}`)
}

export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return []
    throw cause
  })
}

/** Keep bytes that are no frame, durably, under a name that says where they were. Twice the same is one file. */
export async function quarantine(root: string, source: string, where: string, bytes: Uint8Array): Promise<string> {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const path = `${QUARANTINE}/wal-${encodeSource(source)}-${where}-${digest}.bin`
  await makeFolder(root, QUARANTINE)
  await writeSynced(join(root, path), bytes, 'w')
  await syncFolder(join(root, QUARANTINE))
  return path
}
