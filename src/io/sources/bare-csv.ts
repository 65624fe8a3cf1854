import {mkdtemp, open, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {createGunzip} from 'node:zlib'
import {unpackLz4} from './unpack-lz4.ts'
import {unzipEntry} from './unzip-entry.ts'

/** A CSV whose columns are known by position, unpacked where it was packed. */
export interface BareCsv {
  /** where its text can be read: the file itself, or a temporary one */
  readonly content: string
  readonly names: readonly string[]
  /** some files of an archive begin with the names of their columns, others do not */
  readonly hasHeader: boolean
  readonly dispose: () => Promise<void>
}

/**
 * Open the CSV in a zip, or a plain one, and see how many columns it has and whether it has a header.
 *
 * @throws Fault `ingest.bad_zip`, `ingest.bad_lz4` (data)
 */
export async function openBareCsv(path: string, columns: readonly string[]): Promise<BareCsv> {
  let folder: string | null = null
  const dispose = async (): Promise<void> => {
    if (folder !== null) await rm(folder, {recursive: true, force: true})
  }
  let content = path
  try {
    const packing = /\.(zip|lz4)$/.exec(path.toLowerCase())?.[1]
    if (packing !== undefined) {
      folder = await mkdtemp(join(tmpdir(), 'qo-unpack-'))
      content = join(folder, 'content.csv')
      await (packing === 'zip' ? unzipEntry(path, content) : unpackLz4(path, content))
    }
    const first = await firstLine(content)
    const head = first.split(',').map((name) => name.trim())
    const width = Math.min(columns.length, first === '' ? columns.length : head.length)
    // A header with our names in another order says where each column is.
    const names = head.every((name) => columns.includes(name)) ? head : columns.slice(0, width)
    return {content, names, hasHeader: /^"?[A-Za-z_]/.test(first), dispose}
  } catch (cause) {
    await dispose()
    throw cause
  }
}

async function firstLine(path: string): Promise<string> {
  const file = await open(path)
  try {
    const raw = file.createReadStream({autoClose: false})
    const lines = createInterface({input: path.endsWith('.gz') ? raw.pipe(createGunzip()) : raw})
    for await (const line of lines) return line
    return ''
  } finally {
    await file.close()
  }
}
