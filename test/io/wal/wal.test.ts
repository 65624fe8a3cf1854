import {spawn} from 'node:child_process'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {StreamMark} from '../../../src/contracts/stream.ts'
import type {RawFrame, WalPort} from '../../../src/desk.ts'
import {decodeSegment, encodeFrame, FRAME_OVERHEAD, pageOf} from '../../../src/io/wal/frame-format.ts'
import {openWal} from '../../../src/io/wal/index.ts'

const NOON = Date.UTC(2026, 8, 24, 12)
const HOUR = 3_600_000
const SOURCE = 'sim-ws'

let root: string
let wal: WalPort
const open = (): WalPort => openWal(root, {dryRun: false})
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const message = (k: number): Uint8Array => new TextEncoder().encode(`{"channel":"bbo","data":${k}}`)
const folder = (source = SOURCE): string => join(root, 'data/lake/wal', source)
const segments = (): string[] =>
  readdirSync(folder())
    .filter((name) => name.endsWith('.wal'))
    .sort()

async function all(source = SOURCE, after = 0, from: WalPort = open()): Promise<RawFrame[]> {
  const frames: RawFrame[] = []
  // Their bytes are there until the next batch is asked for.
  for await (const batch of await from.read(source, after)) {
    frames.push(
      ...batch.map(({seq, receivedAt, kind, bytes}) => ({seq, receivedAt, kind, bytes: Uint8Array.from(bytes)})),
    )
  }
  return frames
}

async function record(from: number, to: number, at: (k: number) => number = (k) => NOON + k): Promise<void> {
  const writer = await wal.open(SOURCE)
  for (let k = from; k <= to; k++) expect(writer.append('socket', at(k), message(k))).toBe(k)
  await writer.close()
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-wal-'))
  wal = open()
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

describe('a log of raw frames', () => {
  it('gives back what was written, in order, numbered from 1', async () => {
    await record(1, 5000)
    const frames = await all()
    expect(frames.map(({seq}) => seq)).toEqual(Array.from({length: 5000}, (_, i) => i + 1))
    expect(frames[41]).toMatchObject({kind: 'socket', receivedAt: NOON + 42})
    expect(text(frames[41]!.bytes)).toBe(text(message(42)))
    expect((await all(SOURCE, 4998)).map(({seq}) => seq)).toEqual([4999, 5000])
  })

  it('goes on with the number behind the last one, in a segment of its own, after every restart', async () => {
    for (const first of [1, 11, 21]) await record(first, first + 9)
    expect(segments()).toEqual(['0000000000000001.wal', '0000000000000011.wal', '0000000000000021.wal'])
    expect((await all()).map(({seq}) => seq)).toEqual(Array.from({length: 30}, (_, i) => i + 1))
  })

  it('starts a segment every hour of receive time, and none when the clock goes back', async () => {
    await record(1, 6, (k) => NOON + [0, 1, HOUR, HOUR - 5, HOUR + 1, 3 * HOUR][k - 1]!)
    expect(segments().map((name) => Number(name.slice(0, 16)))).toEqual([1, 3, 6])
  })

  it('keeps frames of any size, a 20 MB one too', async () => {
    const writer = await wal.open(SOURCE)
    const sizes = [0, 1, 20_000_000, 7, 1 << 20]
    for (const size of sizes) writer.append('http', NOON, new Uint8Array(size).fill(65))
    await writer.close()
    expect((await all()).map(({bytes}) => bytes.length)).toEqual(sizes)
    expect(segments().length).toBeGreaterThan(0)
  })

  it('counts a frame as durable only when it is on disk', async () => {
    const writer = await wal.open(SOURCE)
    writer.append('socket', NOON, message(1))
    expect([writer.lastSeq, writer.durableSeq]).toEqual([1, 0])
    expect(writer.pendingBytes).toBe(FRAME_OVERHEAD + message(1).length)
    await writer.sync()
    expect([writer.durableSeq, writer.pendingBytes]).toEqual([1, 0])
    expect(await all()).toHaveLength(1)
    await writer.close()
    expect(() => writer.append('socket', NOON, message(2))).toThrowError(expect.objectContaining({code: 'wal.refused'}))
  })

  it('has one writer for each source', async () => {
    const writer = await wal.open(SOURCE)
    await expect(open().open(SOURCE)).rejects.toMatchObject({code: 'wal.held', exitCode: 4})
    await (await wal.open('other')).close()
    await writer.close()
    await (await wal.open(SOURCE)).close()
  })

  it('keeps any source inside its folder', async () => {
    for (const source of ['../../etc', '..', 'a/b', 'xyz:GOLD*?']) {
      const writer = await wal.open(source)
      writer.append('socket', NOON, message(1))
      await writer.close()
      expect(await all(source)).toHaveLength(1)
    }
    expect(await open().sources()).toEqual(['..', '../../etc', 'a/b', 'xyz:GOLD*?'])
    expect(readdirSync(join(root, 'data/lake/wal')).sort()).toEqual(
      ['%2E%2E', '%2E%2E%2F%2E%2E%2Fetc', '.leases', 'a%2Fb', 'xyz%3AGOLD*%3F'].sort(),
    )
  })

  it('passes over files that are not its own and names them', async () => {
    await record(1, 3)
    for (const name of ['notes.txt', '12.wal', '0000000000000004.wal.gz']) writeFileSync(join(folder(), name), 'x')
    expect(await all()).toHaveLength(3)
    expect((await open().strangers()).map((path) => path.split('/').at(-1))).toEqual([
      '0000000000000004.wal.gz',
      '12.wal',
      'notes.txt',
    ])
  })

  it('survives a segment of zero length', async () => {
    await record(1, 3)
    writeFileSync(join(folder(), '0000000000000004.wal'), '')
    expect(await all()).toHaveLength(3)
    await record(4, 5)
    expect(await all()).toHaveLength(5)
  })

  it('writes nothing in a dry run', async () => {
    const writer = await openWal(root, {dryRun: true}).open(SOURCE)
    expect(writer.append('socket', NOON, message(1))).toBe(1)
    await writer.close()
    expect(existsSync(join(root, 'data'))).toBe(false)
  })
})

describe('damage', () => {
  const last = (): string => join(folder(), segments().at(-1)!)

  it('of the tail, at whatever byte, costs the last frame and nothing else', async () => {
    await record(1, 3)
    const whole = readFileSync(last())
    const size = FRAME_OVERHEAD + message(3).length
    for (let cut = 1; cut <= size; cut++) {
      writeFileSync(last(), whole)
      truncateSync(last(), whole.length - cut)
      const writer = await open().open(SOURCE)
      expect(writer.recovery).toMatchObject({lastSeq: 2, tornBytes: size - cut, badFrames: 0})
      expect(writer.recovery.quarantine).toHaveLength(size - cut > 0 ? 1 : 0)
      if (size > cut) {
        const kept = readFileSync(join(root, writer.recovery.quarantine[0]!))
        expect(kept.equals(whole.subarray(whole.length - size, whole.length - cut))).toBe(true)
      }
      expect(writer.append('socket', NOON, message(9))).toBe(3)
      await writer.close()
      expect((await all()).map(({bytes}) => text(bytes))).toEqual([1, 2, 9].map((k) => text(message(k))))
      rmSync(last())
    }
  })

  it('of one bit, wherever it is, never yields a wrong frame and costs exactly the frame it hits', () => {
    const size = FRAME_OVERHEAD + message(1).length
    const whole = Buffer.alloc(5 * size)
    for (let k = 0; k < 5; k++) {
      encodeFrame(pageOf(whole), k * size, {kind: 'socket', position: k, receivedAt: NOON + k, bytes: message(k)})
    }
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const broken = Buffer.from(whole)
      broken[bit >> 3]! ^= 1 << (bit & 7)
      const hit = Math.floor((bit >> 3) / size)
      const {frames, damaged, end, intact} = decodeSegment(broken, 1)
      const good = frames.filter(({kind}) => kind === 'socket')
      expect(good.map(({seq}) => seq)).toEqual([1, 2, 3, 4, 5].filter((seq) => seq !== hit + 1))
      expect(
        good.every(
          ({seq, receivedAt, bytes}) => text(bytes) === text(message(seq - 1)) && receivedAt === NOON + seq - 1,
        ),
      ).toBe(true)
      expect(intact).toBe(4)
      if (hit < 4) expect(damaged).toEqual([{offset: hit * size, length: size, frames: 1}])
      else expect(end).toBe(4 * size)
    }
  })

  it('in the middle is said by a mark in the place of what is lost', async () => {
    await record(1, 9)
    const bytes = readFileSync(last())
    const size = bytes.length / 9
    bytes.fill(0, 3 * size + 5, 5 * size - 1)
    writeFileSync(last(), bytes)
    const frames = await all()
    expect(frames.map(({seq}) => seq)).toEqual([1, 2, 3, 4, 6, 7, 8, 9])
    expect(StreamMark.parse(JSON.parse(text(frames[3]!.bytes)))).toEqual({
      mark: 'damaged',
      from: NOON + 3,
      to: NOON + 6,
      frames: 2,
      bytes: 2 * size,
    })
    const writer = await open().open(SOURCE)
    expect(writer.recovery).toMatchObject({lastSeq: 9, badFrames: 2, tornBytes: 0})
    expect(readFileSync(join(root, writer.recovery.quarantine[0]!)).length).toBe(2 * size)
    await writer.close()
  })

  it('of the end of an earlier segment is said too, since the next one tells its first number', async () => {
    await record(1, 5)
    await record(6, 8)
    const first = join(folder(), segments()[0]!)
    const bytes = readFileSync(first)
    bytes[bytes.length - 3]! ^= 4
    writeFileSync(first, bytes)
    const frames = await all()
    expect(frames.map(({seq, kind}) => [seq, kind])).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((seq) => [seq, seq === 5 ? 'mark' : 'socket']),
    )
    expect(JSON.parse(text(frames[4]!.bytes))).toMatchObject({from: NOON + 4, to: NOON + 6, frames: 1})
  })

  it('of any kind leaves a log that can be read, and what is read was written', async () => {
    await record(1, 20)
    const whole = readFileSync(last())
    const written = new Set((await all()).map(({seq, bytes}) => `${seq} ${text(bytes)}`))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.uint8Array({minLength: 1, maxLength: 80})), {maxLength: 4}),
        fc.nat(whole.length),
        async (wounds, length) => {
          const bytes = Buffer.from(whole)
          for (const [at, junk] of wounds) bytes.set(junk.subarray(0, bytes.length - at), at)
          writeFileSync(last(), bytes.subarray(0, length))
          for (const {seq, kind, bytes: got} of await all()) {
            if (kind === 'socket') expect(written.has(`${seq} ${text(got)}`)).toBe(true)
          }
        },
      ),
      {numRuns: 60},
    )
  })
})

describe('the archive', () => {
  it('holds finished segments as they were; reading does not tell the difference', async () => {
    const writer = await wal.open(SOURCE)
    for (let k = 1; k <= 3; k++) writer.append('socket', NOON + k, message(k))
    expect(await open().segments(SOURCE)).toEqual([])
    await writer.rotate()
    for (let k = 4; k <= 5; k++) writer.append('socket', NOON + k, message(k))
    await writer.sync()
    const finished = await open().segments(SOURCE)
    expect(finished).toMatchObject([{first: 1, next: 4}])
    const before = await all()
    expect(await open().archive(SOURCE, {venue: 'sim', segments: finished, carry: 'what I know'})).toMatchObject({
      commit: 1,
      frames: 3,
    })
    expect(segments()).toEqual(['0000000000000004.wal'])
    expect(await open().checkpoint(SOURCE)).toEqual({seq: 3, carry: 'what I know'})
    expect(await all()).toEqual(before)
    await writer.close()
    expect(await open().segments(SOURCE)).toMatchObject([{first: 4, next: 6}])
    await open().archive(SOURCE, {venue: 'sim', segments: await open().segments(SOURCE), carry: ''})
    expect(await all()).toEqual(before)
    expect(await open().sources()).toEqual([SOURCE])
    await record(6, 6)
  })

  it('is refused when a byte of it changed', async () => {
    await record(1, 3)
    await wal.archive(SOURCE, {venue: 'sim', segments: await wal.segments(SOURCE), carry: ''})
    const [path] = readdirSync(join(root, 'data/lake/frames/venue=sim'))
    const file = join(root, 'data/lake/frames/venue=sim', path!)
    const bytes = readFileSync(file)
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(file, bytes)
    await expect(all()).rejects.toMatchObject({code: 'lake.corrupt_file', exitCode: 4})
  })

  it('says when what the reader knew is lost', async () => {
    await record(1, 3)
    await wal.archive(SOURCE, {venue: 'sim', segments: await wal.segments(SOURCE), carry: 'knowledge'})
    writeFileSync(join(folder(), '0000000000000003.carry'), `${'0'.repeat(64)}\nknowledge`)
    expect(await open().checkpoint(SOURCE)).toEqual({seq: 3, carry: null})
  })
})

describe('kill -9', () => {
  it('loses no frame that was acknowledged', {timeout: 60_000}, async () => {
    const child = fileURLToPath(new URL('./append-child.ts', import.meta.url))
    let acknowledged = 0
    for (let round = 0; round < 4; round++) {
      const work = spawn(process.execPath, ['--import', 'tsx', child, root, SOURCE])
      acknowledged = await new Promise<number>((resolve) => {
        let said = ''
        work.stdout.on('data', (piece: Buffer) => {
          if (said === '') setTimeout(() => work.kill('SIGKILL'), 20 + 37 * round)
          said += piece.toString()
        })
        work.on('exit', () => resolve(Number(said.trimEnd().split('\n').at(-1))))
      })
      const frames = await all()
      expect(frames.length).toBeGreaterThanOrEqual(acknowledged)
      expect(frames.every(({seq, bytes}, i) => seq === i + 1 && text(bytes).endsWith(`:${seq}}`))).toBe(true)
    }
    expect(acknowledged).toBeGreaterThan(100)
  })
})
