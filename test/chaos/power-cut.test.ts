import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {openWal} from '../../src/io/wal/index.ts'
import {Random} from '../../src/kernel/random.ts'
import {newWorkspace} from '../ingest/workspace.ts'
import {acknowledgedBy, programOf, start, startAppend, stateOf, WAL_CHILD} from './children.ts'
import {DiskModel, materialise} from './disk-model.ts'
import {keepScore, skipVisibly} from './score.ts'
import {type FileCall, readSyscallLog, tracing} from './syscall-log.ts'

const ROWS = 50
const canTrace = programOf('strace') !== null
if (!canTrace) skipVisibly('power cut at every system call', 'strace is not installed')

/** One append under strace: the state before it, and every file call it made. */
async function traced(root: string, k: number): Promise<{disk: DiskModel; calls: FileCall[]; acknowledged: number}> {
  const disk = DiskModel.of(root)
  const log = join(root, 'strace.log')
  const child = startAppend(root, [k, k + 1, ROWS], {under: tracing(log)})
  expect((await child.ended).status, child.out.errors).toBe(0)
  expect(acknowledgedBy(child)).toEqual([k])
  const calls = readSyscallLog(log)
  rmSync(log)
  const word = calls.find((call) => call.call === 'write' && call.bytes.toString() === `${k}\n`)
  return {disk, calls, acknowledged: word!.began}
}

async function judge(state: ReadonlyMap<string, Buffer | null>, allowed: readonly number[], where: string) {
  const root = mkdtempSync(join(tmpdir(), 'qo-cut-'))
  try {
    mkdirSync(join(root, 'data'))
    materialise(state, root)
    const {rows, duplicated, problems} = await stateOf(root)
    expect(allowed, where).toContain(rows)
    expect({duplicated, problems}, where).toEqual({duplicated: 0, problems: []})
    return rows
  } finally {
    rmSync(root, {recursive: true, force: true})
  }
}

describe.skipIf(!canTrace)('a lake that loses its process or its power', () => {
  for (const [name, k] of [
    ['the first append of a new lake', 0],
    ['an append', 1],
  ] as const) {
    it(`at any system call of ${name} shows the old state or the new one, and the new one once it was said`, async () => {
      const random = new Random(`qo-test|power-cut|${k}|v1`)
      const root = newWorkspace('sim')
      try {
        if (k > 0) expect((await startAppend(root, [0, k, ROWS]).ended).status).toBe(0)
        const {disk, calls, acknowledged} = await traced(root, k)
        const [old, fresh] = [k * ROWS, (k + 1) * ROWS]
        let [states, seenNew] = [0, 0]
        for (const call of calls) {
          const isSaid = call.began >= acknowledged
          if (!disk.apply(call) && !isSaid) continue
          const where = `after ${call.call} ${call.path.split('/').slice(-3).join('/')}`
          const allowed = isSaid ? [fresh] : [old, fresh]
          const lives = [disk.seen(), disk.afterPowerCut(() => false), disk.afterPowerCut(() => random.unit() < 0.5)]
          for (const state of lives) if ((await judge(state, allowed, where)) === fresh) seenNew++
          states += lives.length
          if (isSaid) break
        }
        expect(seenNew).toBeGreaterThanOrEqual(3)
        keepScore({
          scenario: `power cut at every call of ${name}`,
          ...{sent: fresh, committed: fresh, lost: 0, duplicated: 0, recoverMs: null},
          seen: `${states} states, ${seenNew} with the new rows`,
        })
      } finally {
        rmSync(root, {recursive: true, force: true})
      }
    })
  }

  it('keeps what a second process acknowledged in folders that a killed one had made', async () => {
    const root = newWorkspace('sim')
    try {
      const first = await traced(root, 0)
      const made = first.calls.filter(({call, path}) => call === 'mkdir' && path.startsWith(root)).length
      expect(made).toBeGreaterThan(4)
      for (let m = 1; m <= made; m++) {
        // Killed right after its m-th new folder: nothing of it was synced. Then a second process does it all.
        const again = newWorkspace('sim')
        const folders = first.calls.filter(({call, path}) => call === 'mkdir' && path.startsWith(root)).slice(0, m)
        const disk = DiskModel.of(again)
        for (const call of folders) disk.apply({...call, path: call.path.replace(root, again)})
        materialise(disk.seen(), again)
        const second = await traced(again, 0)
        for (const call of second.calls) if (call.began < second.acknowledged) disk.apply(call)
        await judge(
          disk.afterPowerCut(() => false),
          [ROWS],
          `killed after mkdir ${folders.at(-1)!.path.slice(root.length)}`,
        )
        rmSync(again, {recursive: true, force: true})
      }
    } finally {
      rmSync(root, {recursive: true, force: true})
    }
  })

  it('keeps rows that a second process found there and acknowledged as known', async () => {
    const root = newWorkspace('sim')
    const again = newWorkspace('sim')
    try {
      const first = await traced(root, 0)
      const disk = DiskModel.of(again)
      // Killed between the link of the commit and the fsync of its folder.
      for (const call of moved(first.calls, root, again)) {
        disk.apply(call)
        if (call.call === 'link' && call.to.includes('/commits/')) break
      }
      materialise(disk.seen(), again)
      const second = await traced(again, 0)
      for (const call of second.calls) if (call.began < second.acknowledged) disk.apply(call)
      await judge(
        disk.afterPowerCut(() => false),
        [ROWS],
        'acknowledged by the second process',
      )
    } finally {
      for (const folder of [root, again]) rmSync(folder, {recursive: true, force: true})
    }
  })
})

describe.skipIf(!canTrace)('a log of raw frames that loses its process or its power', () => {
  it('keeps every frame that was said to be durable, in one sequence', async () => {
    const random = new Random('qo-test|power-cut-wal|v1')
    const root = newWorkspace('sim')
    const again = newWorkspace('sim')
    try {
      const first = await tracedWal(root, 12)
      const disk = DiskModel.of(again)
      let [said, states, next] = [0, 0, 0]
      for (const call of moved(first, root, again)) {
        said = saidBy(call) ?? said
        if (!disk.apply(call) && saidBy(call) === null) continue
        for (const state of [
          disk.seen(),
          disk.afterPowerCut(() => false),
          disk.afterPowerCut(() => random.unit() < 0.5),
        ]) {
          expect(await framesOf(state), `after ${call.call} ${call.path}`).toBeGreaterThanOrEqual(said)
          states++
        }
        // A few of these states are where the next process starts: killed with frames written and not synced.
        if (call.call !== 'write' || !call.path.endsWith('.wal')) continue
        next++
        const later = newWorkspace('sim')
        materialise(disk.seen(), later)
        const grown = disk.copy(later)
        const calls = await tracedWal(later, 3)
        let acknowledged = 0
        for (const one of calls) {
          grown.apply(one)
          acknowledged = saidBy(one) ?? acknowledged
        }
        expect(await framesOf(grown.afterPowerCut(() => false)), `restarted after write ${next}`).toBe(acknowledged)
        rmSync(later, {recursive: true, force: true})
      }
      expect(next).toBeGreaterThan(2)
      keepScore({
        ...{
          scenario: 'power cut at every call of the raw frame log',
          sent: said,
          committed: said,
          lost: 0,
          duplicated: 0,
        },
        ...{recoverMs: null, seen: `${states} states, ${next} restarts`},
      })
    } finally {
      for (const folder of [root, again]) rmSync(folder, {recursive: true, force: true})
    }
  })
})

/** The calls of one root as if they had been made below another. */
const moved = (calls: readonly FileCall[], from: string, to: string): FileCall[] =>
  calls.map((call) => ({
    ...call,
    path: call.path.replace(from, to),
    ...('to' in call ? {to: call.to.replace(from, to)} : {}),
  }))

async function tracedWal(root: string, frames: number): Promise<FileCall[]> {
  const log = join(root, 'strace.log')
  const child = start('strace', [
    ...tracing(log).slice(1),
    process.execPath,
    WAL_CHILD,
    root,
    'sim-ws',
    `${frames}`,
    '4',
  ])
  expect((await child.ended).status, child.out.text + child.out.errors).toBe(0)
  const calls = readSyscallLog(log)
  rmSync(log)
  return calls
}

/** `durable N` on standard output: the acknowledgement. */
function saidBy(call: FileCall): number | null {
  if (call.call !== 'write') return null
  const said = /^durable (\d+)\n$/.exec(call.bytes.toString('latin1'))
  return said ? Number(said[1]) : null
}

/** How many frames a reader finds in this state; they are 1, 2, 3 … and nothing else. */
async function framesOf(state: ReadonlyMap<string, Buffer | null>): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'qo-cut-'))
  try {
    mkdirSync(join(root, 'data'))
    materialise(state, root)
    const seqs: number[] = []
    for await (const frames of await openWal(root, {dryRun: false}).read('sim-ws', 0)) {
      for (const {seq, kind} of frames) seqs.push(kind === 'socket' ? seq : -1)
    }
    expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    return seqs.length
  } finally {
    rmSync(root, {recursive: true, force: true})
  }
}
