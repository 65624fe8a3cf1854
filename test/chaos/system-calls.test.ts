import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {openWal} from '../../src/io/wal/index.ts'
import {newWorkspace} from '../ingest/workspace.ts'
import {acknowledgedBy, type Child, jsonOf, programOf, start, startAppend, stateOf, WAL_CHILD} from './children.ts'
import {lakeDisorder, walDisorder} from './durability-order.ts'
import {keepScore, skipVisibly} from './score.ts'
import {readSyscallLog, tracing} from './syscall-log.ts'

const ROWS = 50
const canTrace = programOf('strace') !== null
if (!canTrace) skipVisibly('faults at system calls', 'strace is not installed')

/** One libuv thread: file calls have one order, so that "the k-th" means the same in every run. */
const env = {...process.env, UV_THREADPOOL_SIZE: '1'}
/** Not with --seccomp-bpf: strace 6.1 then forgets to count for a signal. */
const injecting = (call: string, what: string, k: number): string[] => [
  ...['strace', '-f', '-qq', '-o', '/dev/null'],
  ...['-e', `trace=${call}`, '-e', `inject=${call}:${what}:when=${k}`],
]

const startWal = (root: string, words: readonly (string | number)[], under: readonly string[] = []): Child => {
  const line = [...under, process.execPath, WAL_CHILD, root, 'sim-ws', ...words.map(String)]
  return start(line[0]!, line.slice(1), {env})
}
const lastDurable = ({out}: Child): number =>
  Math.max(0, ...[...out.text.matchAll(/^durable (\d+)$/gm)].map(([, n]) => Number(n)))

async function framesAt(root: string): Promise<number[]> {
  const seqs: number[] = []
  for await (const frames of await openWal(root, {dryRun: false}).read('sim-ws', 0)) {
    for (const {seq, kind} of frames) seqs.push(kind === 'socket' ? seq : -seq)
  }
  return seqs
}

describe.skipIf(!canTrace)('the order of system calls', () => {
  it('of an append is file, name, commit, name of the commit, word', async () => {
    const root = newWorkspace('sim')
    try {
      const log = join(root, 'strace.log')
      for (const k of [0, 1]) {
        const child = startAppend(root, [k, k + 1, ROWS], {under: tracing(log)})
        expect((await child.ended).status, child.out.errors).toBe(0)
        expect(lakeDisorder(readSyscallLog(log), `${k}\n`)).toEqual([])
      }
    } finally {
      rmSync(root, {recursive: true, force: true})
    }
  })

  it('of the raw frame log is write, fdatasync, word', async () => {
    const root = newWorkspace('sim')
    try {
      const log = join(root, 'strace.log')
      const child = startWal(root, [20, 4], tracing(log))
      expect((await child.ended).status, child.out.errors).toBe(0)
      expect(walDisorder(readSyscallLog(log))).toEqual([])
    } finally {
      rmSync(root, {recursive: true, force: true})
    }
  })
})

describe.skipIf(!canTrace)('kill -9 at a system call', () => {
  it('of an append, each in turn, leaves the old rows or the new ones, and the next run goes on', async () => {
    let [kills, lost, duplicated, bad] = [0, 0, 0, 0]
    const root = newWorkspace('sim')
    try {
      let next = 0
      for (const call of ['fsync', 'link', 'unlink', 'mkdir', 'write']) {
        for (let k = 1; k <= 40; k++) {
          const child = startAppend(root, [next, next + 1, ROWS], {under: injecting(call, 'signal=KILL', k), env})
          const {signal} = await child.ended
          const said = acknowledgedBy(child).length
          if (said === 1 && signal === null) {
            next++
            break
          }
          kills++
          const state = await stateOf(root, 'quick')
          lost += Math.max(0, (next + said) * ROWS - state.rows)
          duplicated += state.duplicated
          bad += state.problems.length
          // Every other time the next child meets the same rows again, otherwise it goes on.
          if (state.rows > next * ROWS && k % 2 === 0) next++
        }
      }
      const last = startAppend(root, [0, next + 1, ROWS])
      expect((await last.ended).status, last.out.text).toBe(0)
      const {rows, problems, duplicated: twice} = await stateOf(root, 'deep')
      keepScore({
        ...{scenario: 'kill at fsync, link, unlink, mkdir, write: append', sent: (next + 1) * ROWS, committed: rows},
        ...{lost: lost + (next + 1) * ROWS - rows, duplicated: duplicated + twice, recoverMs: null},
        seen: `${kills} kills, ${bad + problems.length} bad hashes`,
      })
      expect({lost, duplicated, bad, problems, rows}).toEqual({
        ...{lost: 0, duplicated: 0, bad: 0, problems: [], rows: (next + 1) * ROWS},
      })
      expect(kills).toBeGreaterThan(20)
    } finally {
      rmSync(root, {recursive: true, force: true})
    }
  })

  it('of the raw frame log, each in turn, loses no durable frame and leaves one sequence', async () => {
    const root = newWorkspace('sim')
    let [kills, durable] = [0, 0]
    try {
      for (const call of ['fdatasync', 'fsync', 'write', 'mkdir', 'ftruncate', 'unlink']) {
        for (let k = 1; k <= 30; k++) {
          const child = startWal(root, [12, 4], injecting(call, 'signal=KILL', k))
          const {signal, status} = await child.ended
          durable = Math.max(durable, lastDurable(child))
          const seqs = await framesAt(root)
          expect(seqs, `${call} ${k}`).toEqual(seqs.map((_, i) => i + 1))
          expect(seqs.length).toBeGreaterThanOrEqual(durable)
          if (signal === null && status === 0) break
          kills++
        }
      }
      keepScore({
        scenario: 'kill at fdatasync, fsync, write, mkdir: raw frame log',
        ...{sent: durable, committed: durable, lost: 0, duplicated: 0, recoverMs: null, seen: `${kills} kills`},
      })
      expect(kills).toBeGreaterThan(10)
    } finally {
      rmSync(root, {recursive: true, force: true})
    }
  })
})

describe.skipIf(!canTrace)('a disk that fails or is full', () => {
  const faults = [
    ['fsync', 'EIO'],
    ['link', 'ENOSPC'],
    ['mkdir', 'EROFS'],
    ['mkdir', 'ENOSPC'],
  ] as const
  it.each(faults)(
    'at %s with %s: an append ends in a named error, nothing half is visible, the next run goes on',
    async (call, error) => {
      const root = newWorkspace('sim')
      const codes = new Set<string>()
      let [failures, next, quiet] = [0, 0, 0]
      try {
        for (let k = 1; k <= 40; k++) {
          const child = startAppend(root, [next, next + 1, ROWS], {under: injecting(call, `error=${error}`, k), env})
          const {status, signal} = await child.ended
          expect(signal, `${call} ${k}`).toBe(null)
          const said = acknowledgedBy(child).length
          const state = await stateOf(root, 'quick')
          expect(state, `${call} ${k}`).toMatchObject({duplicated: 0, problems: []})
          expect(state.rows).toBeGreaterThanOrEqual((next + said) * ROWS)
          if (status === 0 && said === 1) {
            next++
            // No thread makes so many of these calls any more.
            if (++quiet === 3) break
            continue
          }
          failures++
          quiet = 0
          const line = child.out.text.split('\n').find((one) => one.startsWith('{'))
          // A write to standard output itself may be what failed: then there is no word at all.
          if (line !== undefined) codes.add(`${jsonOf(line)['code']} ${status}`)
        }
        const last = startAppend(root, [0, next + 1, ROWS])
        expect((await last.ended).status, last.out.text).toBe(0)
        const {rows, problems} = await stateOf(root, 'deep')
        keepScore({
          ...{scenario: `${error} at ${call}: append`, sent: (next + 1) * ROWS, committed: rows},
          ...{lost: (next + 1) * ROWS - rows, duplicated: 0, recoverMs: null},
          seen: `${failures} failures: ${[...codes].join(', ')}`,
        })
        expect({rows, problems}).toEqual({rows: (next + 1) * ROWS, problems: []})
        expect(failures).toBeGreaterThan(0)
        for (const code of codes) expect(code).toMatch(/^lake\.(disk_full|write_failed|unwritable) 4$/)
      } finally {
        rmSync(root, {recursive: true, force: true})
      }
    },
  )

  it.each([
    ['fdatasync', 'EIO', 'wal.write_failed'],
    ['fdatasync', 'ENOSPC', 'wal.disk_full'],
    ['fsync', 'EIO', 'wal.write_failed'],
  ] as const)('at %s with %s: the raw frame log acknowledges nothing more and says %s', async (call, error, code) => {
    const root = newWorkspace('sim')
    let [durable, failures] = [0, 0]
    try {
      for (let k = 1; k <= 12; k++) {
        const child = startWal(root, [12, 4], injecting(call, `error=${error}`, k))
        const {status} = await child.ended
        durable = Math.max(durable, lastDurable(child))
        const seqs = await framesAt(root)
        expect(seqs).toEqual(seqs.map((_, i) => i + 1))
        expect(seqs.length).toBeGreaterThanOrEqual(durable)
        if (status === 0) break
        failures++
        expect(child.out.text).toContain(`"code":"${code}"`)
        expect(status).toBe(4)
      }
      expect(failures).toBeGreaterThan(0)
      keepScore({
        ...{scenario: `${error} at ${call}: raw frame log`, sent: durable, committed: durable, lost: 0, duplicated: 0},
        ...{recoverMs: null, seen: `${failures} failures: ${code}`},
      })
    } finally {
      rmSync(root, {recursive: true, force: true})
    }
  })
})
