import {access, copyFile, link, mkdir, open, readFile, rename, rm, stat} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {z} from 'zod'
import {Fault} from '../../kernel/fault.ts'
import {replaceDurably, syncFolder} from '../files.ts'
import {commitPath, LAKE, makeFolder} from './layout.ts'

/** Newest commit of a copy; written last, so that everything it promises is there. */
export const HEAD = `${LAKE}/head.json`

const Head = z.strictObject({n: z.number().int().positive(), hash: z.string()})
type Head = z.infer<typeof Head>

/** No request to a depot takes longer; a file that is larger than the line can carry is tried again from the start. */
const TIMEOUT_MS = 600_000

/** Where a copy of the lake lies: files by the paths that the commits give them, whose names carry their hashes. */
export interface Depot {
  readonly name: string
  /** bytes of a file, null when it is not there */
  size(path: string): Promise<number | null>
  read(path: string): Promise<Uint8Array | null>
  /** put a local file there, whole or not at all */
  write(path: string, from: string): Promise<void>
  writeText(path: string, text: string): Promise<void>
  /** copy a file to a local path; false when it is not there */
  fetch(path: string, to: string): Promise<boolean>
}

/** A folder, or an HTTP(S) prefix that answers GET and HEAD, and PUT for a push. @throws Fault `lake.bad_depot` (usage) */
export function openDepot(address: string): Depot {
  if (/^https?:\/\//.test(address)) return httpDepot(address.replace(/\/+$/, ''))
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(address)) {
    throw new Fault('lake.bad_depot', {
      family: 'usage',
      what: `${address} is no place for a lake.`,
      why: 'A copy lies in a folder, or behind an http:// or https:// prefix.',
      next: ['qo lake push DIR', 'qo lake push https://host/prefix'],
    })
  }
  return folderDepot(resolve(address))
}

function folderDepot(root: string): Depot {
  const put = async (path: string, fill: (staged: string) => Promise<void>): Promise<void> => {
    const target = join(root, path)
    await mkdir(root, {recursive: true})
    await makeFolder(root, dirname(path))
    const staged = `${target}.${process.pid}.tmp`
    try {
      await fill(staged)
      await rename(staged, target)
    } finally {
      await rm(staged, {force: true})
    }
    await syncFolder(dirname(target))
  }
  return {
    name: root,
    size: (path) => stat(join(root, path)).then(({size}) => size, missing),
    read: (path) => readFile(join(root, path)).catch(missing),
    write: (path, from) =>
      put(path, async (staged) => {
        await copyFile(from, staged)
        await sync(staged)
      }),
    writeText: (path, text) => replaceDurably(join(root, path), text),
    async fetch(path, to) {
      const there = await access(join(root, path)).then(() => true, missing)
      if (there) await copyFile(join(root, path), to)
      return there === true
    },
  }
}

function httpDepot(prefix: string): Depot {
  const url = (path: string): string => `${prefix}/${path.split('/').map(encodeURIComponent).join('/')}`
  const ask = async (path: string, init: RequestInit = {}): Promise<Response | null> => {
    const method = init.method ?? 'GET'
    const reply = await fetch(url(path), {...init, signal: AbortSignal.timeout(TIMEOUT_MS)}).catch((cause: Error) => {
      throw unreachable(
        `${method} ${url(path)}: ${(cause.cause as Error | undefined)?.message ?? cause.message}`,
        cause,
      )
    })
    if (reply.status === 404 && method !== 'PUT') {
      await reply.body?.cancel()
      return null
    }
    if (reply.ok) return reply
    await reply.body?.cancel()
    throw unreachable(`${method} ${url(path)} was answered with ${reply.status}`)
  }
  const bytesOf = async (path: string): Promise<Uint8Array | null> => {
    const reply = await ask(path)
    if (!reply) return null
    const cut = (cause: Error): never => {
      throw unreachable(`GET ${url(path)} broke off: ${cause.message}`, cause)
    }
    return new Uint8Array(await reply.arrayBuffer().catch(cut))
  }
  return {
    name: prefix,
    async size(path) {
      const reply = await ask(path, {method: 'HEAD'})
      const length = reply?.headers.get('content-length')
      return reply && length != null ? Number(length) : null
    },
    read: bytesOf,
    async write(path, from) {
      await ask(path, {method: 'PUT', body: await readFile(from)})
    },
    async writeText(path, text) {
      await ask(path, {method: 'PUT', body: text})
    },
    async fetch(path, to) {
      const bytes = await bytesOf(path)
      if (bytes) await replaceDurably(to, bytes)
      return bytes !== null
    },
  }
}

/** What a copy says of its newest commit; a folder that is a workspace says it by its commits. Null: no lake there. */
export async function headOf(depot: Depot): Promise<Head | null> {
  const text = await depot.read(HEAD)
  if (text) return Head.parse(JSON.parse(new TextDecoder().decode(text)))
  let [low, high] = [0, 1]
  const has = async (n: number): Promise<boolean> => (await depot.size(commitPath(n))) !== null
  while (await has(high)) [low, high] = [high, high * 2]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (await has(middle)) low = middle
    else high = middle
  }
  if (low === 0) return null
  const last = JSON.parse(new TextDecoder().decode((await depot.read(commitPath(low)))!)) as Head
  return {n: low, hash: last.hash}
}

/** Put a checked file where readers will find it; nothing that is there is replaced. */
export async function placeNew(root: string, staged: string, path: string): Promise<void> {
  const target = join(root, path)
  await makeFolder(root, dirname(path))
  await sync(staged)
  await link(staged, target)
  await syncFolder(dirname(target))
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function missing(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return null
  throw cause
}

const unreachable = (why: string, cause?: unknown): Fault =>
  new Fault('lake.depot_unreachable', {
    family: 'data',
    what: 'The copy of the lake could not be reached.',
    why: `${why}. What was carried over so far stays and is not carried again.`,
    next: ['run the command again'],
    cause,
  })
