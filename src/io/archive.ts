import {createHash, randomInt} from 'node:crypto'
import {mkdir, open, rename, rm, stat} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {ArchiveFile, ArchivePort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {syncFolder} from './files.ts'
import {hashFile} from './lake/parquet-file.ts'

const CACHE = 'data/cache/archive'
const QUARANTINE = 'data/quarantine/archive'
const TRIES = 4
const BASE_MS = 500
/** Silence on a connection that ends a try. */
const SILENCE_MS = 30_000
const LONGEST_TEXT = 1 << 16

/** What an exchange's public archive offers over HTTP, kept below `data/cache/archive` of the workspace. */
export function openArchive(root: string): ArchivePort {
  return {
    async size(url, {headers = {}} = {}) {
      const reply = await ask(url, {method: 'HEAD', headers})
      if (reply === null) return null
      return Number(reply.headers.get('content-length') ?? Number.NaN)
    },
    async text(url, {headers = {}} = {}) {
      const reply = await ask(url, {method: 'GET', headers})
      if (reply === null) return null
      const text = await reply.text()
      return text.slice(0, LONGEST_TEXT)
    },
    async fetch(url, cached, {headers = {}, sha256} = {}) {
      const path = join(root, CACHE, cached)
      const found = await inCache(path, sha256)
      if (found !== null) return found
      await mkdir(dirname(path), {recursive: true})
      for (let attempt = 1; ; attempt++) {
        try {
          return await download(root, {url, path, headers, sha256})
        } catch (cause) {
          // A connection that broke is tried again from the start; a file that is wrong is wrong.
          if (cause instanceof Fault || attempt === TRIES)
            throw cause instanceof Fault ? cause : unreachable(url, cause)
          await pause(attempt)
        }
      }
    },
  }
}

async function inCache(path: string, sha256: string | undefined): Promise<ArchiveFile | null> {
  const facts = await stat(path).catch(() => null)
  if (facts === null) return null
  const actual = await hashFile(path)
  if (sha256 !== undefined && actual !== sha256) return null
  return {path, bytes: facts.size, sha256: actual, downloaded: false}
}

interface Download {
  readonly url: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly sha256: string | undefined
}

async function download(root: string, {url, path, headers, sha256}: Download): Promise<ArchiveFile> {
  const alive = new AbortController()
  const reply = await ask(url, {method: 'GET', headers}, alive)
  if (reply === null) throw missing(url)
  const part = `${path}.${process.pid}.part`
  const hash = createHash('sha256')
  let bytes = 0
  const file = await open(part, 'w')
  const silence = setTimeout(() => alive.abort(new Error('the connection fell silent')), SILENCE_MS)
  try {
    for await (const chunk of reply.body ?? []) {
      silence.refresh()
      hash.update(chunk)
      bytes += chunk.length
      await file.write(chunk)
    }
    await file.sync()
  } catch (cause) {
    await file.close()
    await rm(part, {force: true})
    throw cause
  } finally {
    clearTimeout(silence)
  }
  await file.close()
  const expected = Number(reply.headers.get('content-length') ?? bytes)
  const actual = hash.digest('hex')
  const isPage = reply.headers.get('content-type')?.startsWith('text/html') === true
  const fault = isPage
    ? notAFile(url)
    : bytes !== expected
      ? truncated(url, bytes, expected)
      : sha256 !== undefined && actual !== sha256
        ? badChecksum(url)
        : null
  if (fault !== null) {
    await mkdir(join(root, QUARANTINE), {recursive: true})
    await rename(part, join(root, QUARANTINE, `${basename(path)}-${actual.slice(0, 8)}`))
    throw fault
  }
  await rename(part, path)
  await syncFolder(dirname(path))
  return {path, bytes, sha256: actual, downloaded: true}
}

/** Null for a file that is not there. @throws Fault `archive.refused`, `archive.redirect`, `archive.unreachable` */
async function ask(
  url: string,
  init: {method: string; headers: Readonly<Record<string, string>>},
  alive: AbortController = new AbortController(),
): Promise<Response | null> {
  for (let attempt = 1; ; attempt++) {
    const silence = setTimeout(() => alive.abort(new Error('no answer')), SILENCE_MS)
    const reply = await fetch(url, {...init, redirect: 'manual', signal: alive.signal}).catch((cause: Error) => cause)
    clearTimeout(silence)
    if (reply instanceof Error) {
      if (attempt === TRIES || alive.signal.aborted) throw unreachable(url, reply)
    } else if (reply.status === 404) return null
    else if (reply.ok) return reply
    else if (reply.status >= 300 && reply.status < 400) throw redirected(url, reply.headers.get('location'))
    else if (attempt === TRIES || (reply.status < 500 && reply.status !== 429)) throw refused(url, reply.status)
    await pause(attempt)
  }
}

/** Full jitter. The downloads of one run must not come back together. */
const pause = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, randomInt(BASE_MS * 2 ** attempt)))

const named = (url: string): string => url.replace(/^https?:\/\/[^/]+\//, '')

const data = (code: `archive.${string}`, what: string, why: string, next: string): Fault =>
  new Fault(code, {family: 'data', what, why, next: [next]})

const badChecksum = (url: string): Fault =>
  data(
    'archive.bad_checksum',
    `${named(url)} is not the file its .CHECKSUM names.`,
    'A file of another hash is never used; it lies in data/quarantine/archive.',
    'run the command again: it may have been replaced meanwhile',
  )

const truncated = (url: string, bytes: number, expected: number): Fault =>
  data(
    'archive.truncated',
    `${named(url)} ended after ${bytes} of ${expected} bytes.`,
    'A half download is never used; it lies in data/quarantine/archive.',
    'run the command again: what is whole is not fetched twice',
  )

const notAFile = (url: string): Fault =>
  data(
    'archive.not_a_file',
    `${named(url)} came as a web page.`,
    'An error page is no market data; it lies in data/quarantine/archive.',
    'check --base-url',
  )

const missing = (url: string): Fault =>
  data('archive.missing', `${named(url)} is not in the archive any more.`, 'It was there a moment ago.', 'run it again')

const venue = (code: `archive.${string}`, what: string, why: string, next: readonly string[]): Fault =>
  new Fault(code, {family: 'venue', what, why, next: [...next]})

const redirected = (url: string, to: string | null): Fault =>
  venue('archive.redirect', `${named(url)} is somewhere else now.`, `The archive sends to ${to ?? 'nowhere'}.`, [
    'set archives.*.base_url in configs/ingest.yaml, or --base-url, when that is the right place',
  ])

const refused = (url: string, status: number): Fault =>
  venue(
    'archive.refused',
    `The archive refused ${named(url)}: HTTP ${status}.`,
    REFUSALS[status] ?? 'It gave no reason.',
    ['check --base-url', 'run the command again later'],
  )

const REFUSALS: Readonly<Record<number, string>> = {
  403: 'A requester-pays bucket wants signed requests: point --base-url at a gateway that signs them.',
  429: 'Too many requests.',
}

const unreachable = (url: string, cause: unknown): Fault =>
  new Fault('archive.unreachable', {
    family: 'venue',
    what: `${named(url)} cannot be fetched.`,
    why:
      cause instanceof Error ? `${cause.message}${cause.cause instanceof Error ? `: ${cause.cause.message}` : ''}` : '',
    next: ['check --base-url and the network', 'run the command again: what is whole is not fetched twice'],
    cause,
  })
