import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {checksumOf} from './archive-files.ts'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** An archive on loopback: files by path, with checksums beside them; what it was asked for is kept. */
export interface ArchiveServer {
  readonly url: string
  readonly files: Map<string, Buffer | Answer>
  /** `GET path`, in order */
  readonly asked: string[]
  readonly headers: Record<string, string | string[] | undefined>[]
  /** put a file and its `.CHECKSUM` there */
  publish(path: string, bytes: Buffer): void
  close(): Promise<void>
}

export async function serveArchive(): Promise<ArchiveServer> {
  const files = new Map<string, Buffer | Answer>()
  const asked: string[] = []
  const headers: ArchiveServer['headers'] = []
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1)
    asked.push(`${request.method} ${path}`)
    headers.push({...request.headers})
    const found = files.get(path)
    if (found === undefined) response.writeHead(404).end('<html>no such key</html>')
    else if (typeof found === 'function') found(request, response)
    else {
      response.writeHead(200, {'content-length': found.length, 'content-type': 'application/octet-stream'})
      response.end(request.method === 'HEAD' ? undefined : found)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    headers,
    publish(path, bytes) {
      files.set(path, bytes)
      files.set(`${path}.CHECKSUM`, Buffer.from(checksumOf(path.replace(/^.*\//, ''), bytes)))
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
