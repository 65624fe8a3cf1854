import {mkdtemp, open, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {createGunzip} from 'node:zlib'
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
 * @throws Fault `ingest.bad_zip` (data)
 */
export async function openBareCsv(path: string, columns: readonly string[]): Promise<BareCsv> {
  let folder: string | null = null
  const dispose = async (): Promise<void> => {
    if (folder !== null) await rm(folder, {recursive: true, force: true})
  }
  let content = path
  try {
    if (path.toLowerCase().endsWith('.zip')) {
      folder = await mkdtemp(join(tmpdir(), 'qo-unzip-'))
      content = join(folder, 'content.csv')
      await unzipEntry(path, content)
    }
    const first = await firstLine(content)
    const width = Math.min(columns.length, first === '' ? columns.length : first.split(',').length)
    return {content, names: columns.slice(0, width), hasHeader: /^"?[A-Za-z_]/.test(first), dispose}
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
