import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Random} from '../../src/kernel/random.ts'
import {newWorkspace} from '../ingest/workspace.ts'
import {acknowledgedBy, programOf, startAppend, stateOf} from './children.ts'
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
})
