import type {ArchiveFile, Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {PlannedFile} from '../sensory/archive-plan.ts'
import type {TableLine} from './table-line.ts'

/** Requests to an archive at one time. */
const LANES = 4

/** A file that is there: its size, and where the archive says it, its hash. */
export interface FoundFile extends PlannedFile {
  readonly url: string
  readonly bytes: number
  readonly sha256: string | null
}

export interface FailedFile {
  readonly file: string
  readonly code: string
  readonly what: string
}

export interface IngestArchiveResult {
  readonly artifact: 'ingest-archive@1'
  readonly ok: boolean
  readonly venue: string
  /** files looked for, not there, in the lake already, and of the others: how many bytes */
  readonly planned: number
  readonly missing: readonly string[]
  readonly known: number
  readonly files: number
  readonly bytes: number
  /** what the requester pays for them; null where fetching is free */
  readonly usd: number | null
  readonly downloaded: number
  readonly added: number
  readonly revised: number
  readonly unchanged: number
  readonly quarantined: number
  readonly failed: readonly FailedFile[]
  readonly tables: readonly TableLine[]
  readonly paths: readonly string[]
}

/** What looking for files brought. */
export interface Probed {
  readonly found: readonly FoundFile[]
  readonly missing: readonly string[]
  readonly failed: readonly FailedFile[]
}

/**
 * Which of the planned files are there. One that is missing is recorded and no error, unless all are: days before a
 * listing have no file. Where a file names others in its place those are looked for.
 */
export async function probeFiles(
  planned: readonly PlannedFile[],
  look: (file: PlannedFile) => Promise<FoundFile | null>,
): Promise<Probed> {
  const missing: string[] = []
  const failed: FailedFile[] = []
  const found = await inLanes(planned, async (file): Promise<FoundFile[]> => {
    const here = await look(file).catch((cause: unknown) => {
      failed.push(asFailed(file, cause))
      return undefined
    })
    if (here === undefined) return []
    if (here !== null) return [here]
    if (file.instead.length === 0) missing.push(file.path)
    const others = file.instead.length === 0 ? null : await probeFiles(file.instead, look)
    missing.push(...(others?.missing ?? []))
    failed.push(...(others?.failed ?? []))
    return [...(others?.found ?? [])]
  })
  return {found: found.flat(), missing: missing.sort(), failed}
}

/** A fault of one file; everything else ends the run. */
export function asFailed(file: Pick<PlannedFile, 'path'>, cause: unknown): FailedFile {
  if (!(cause instanceof Fault)) throw cause
  return {file: file.path, code: cause.code, what: cause.what}
}

/**
 * Fetch files four at a time and hand each over, in their order, while the next ones come. A file that fails stops no
 * other.
 */
export async function fetchFiles(
  desk: Desk,
  files: readonly FoundFile[],
  {headers = {}, cacheOf}: {headers?: Readonly<Record<string, string>>; cacheOf: (file: FoundFile) => string},
  take: (file: FoundFile, fetched: ArchiveFile) => Promise<void>,
): Promise<{failed: FailedFile[]; downloaded: number}> {
  const failed: FailedFile[] = []
  let downloaded = 0
  let queue: Promise<unknown> = Promise.resolve()
  await inLanes(files, async (file) => {
    const got = desk.archive.fetch(file.url, cacheOf(file), {
      headers,
      ...(file.sha256 === null ? {} : {sha256: file.sha256}),
    })
    const before = queue
    const mine = (async () => {
      const result = await got.catch((cause: unknown) => cause)
      await before
      try {
        if (result instanceof Error) throw result
        const fetched = result as ArchiveFile
        if (fetched.downloaded) downloaded++
        desk.progress.say(`${file.path}`)
        await take(file, fetched)
      } catch (cause) {
        failed.push(asFailed(file, cause))
      }
    })()
    queue = mine.catch(() => undefined)
    await mine
  })
  return {failed, downloaded}
}

async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!)
  }
  await Promise.all(Array.from({length: Math.min(LANES, items.length)}, lane))
  return results
}

/** Bytes for people: 1.2 GB. */
export const sizeText = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${bytes} bytes`

export const nothingThere = (planned: number, example: string): Fault =>
  new Fault('archive.nothing_there', {
    family: 'data',
    what: `None of the ${planned} files is in the archive, ${example} for one.`,
    why: 'A file before a listing or after a delisting is missing; when all are, a name or the range is wrong.',
    next: ['check symbols or coins, the range and --base-url'],
  })

export const nothingPlanned = (): Fault =>
  new Fault('archive.empty_range', {
    family: 'usage',
    what: 'The range holds no day that is over.',
    why: 'A file of the archive holds a whole day or month, and it is published when that is over.',
    next: ['--from 2024-01-01 --to 2024-02-01'],
  })
