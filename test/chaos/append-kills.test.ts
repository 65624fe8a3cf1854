import {rmSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {Random} from '../../src/kernel/random.ts'
import {newWorkspace, writeBars} from '../ingest/workspace.ts'
import {acknowledgedBy, openLakeAt, qo, sleep, startAppend, startQo, stateOf} from './children.ts'
import {keepScore} from './score.ts'

const ROWS = 50
const HOUR = 3_600_000
const LOOPS = 2
const KILLS = 80
const FILE_KILLS = 40

describe('kill -9 at a random instant', () => {
  it(`of a process that appends, ${LOOPS * KILLS} times, loses no acknowledged row and doubles none`, async () => {
    const loops = await Promise.all(Array.from({length: LOOPS}, (_, loop) => killAppends(`append|${loop}`)))
    const sum = (pick: (one: (typeof loops)[number]) => number): number =>
      loops.reduce((total, one) => total + pick(one), 0)
    keepScore({
      scenario: `kill -9 × ${LOOPS * KILLS}: lake append`,
      ...{sent: sum((one) => one.sent), committed: sum((one) => one.committed)},
      ...{lost: sum((one) => one.lost), duplicated: sum((one) => one.duplicated)},
      recoverMs: Math.max(...loops.map((one) => one.recoverMs)),
      seen: `${sum((one) => one.inFlight)} kills between commit and word, ${sum((one) => one.bad)} bad hashes`,
    })
    for (const {lost, duplicated, bad} of loops)
      expect({lost, duplicated, bad}).toEqual({lost: 0, duplicated: 0, bad: 0})
    // Kills that never met an append would prove nothing.
    expect(sum((one) => one.sent)).toBeGreaterThan(LOOPS * KILLS * ROWS * 0.5)
  })

  it(`of qo ingest file, ${FILE_KILLS} times: the next run brings in what is missing, once`, async () => {
    const random = new Random('qo-test|ingest-file-kills|v1')
    const root = newWorkspace('sim')
    const bars = 4000
    const file = (k: number): string =>
      writeBars(
        root,
        `part-${k}.csv`,
        // Three weeks before the new year: most files have two partitions.
        Array.from({length: bars}, (_, i) => ({coin: `C${k}`, ts: Date.UTC(2024, 11, 10) + i * HOUR, close: 100 + k})),
      )
    const words = (path: string): string[] => [
      ...['ingest', 'file', path, '--as', 'ohlcv', '--venue', 'sim', '--interval', '1h', '--json'],
    ]
    try {
      const calm = startQo(root, words(file(0)))
      const from = performance.now()
      expect((await calm.ended).status).toBe(0)
      const usual = performance.now() - from
      const open = new Set<number>()
      let [part, killed, finished, recoverMs] = [1, 0, 0, 0]
      while (killed < FILE_KILLS) {
        const child = startQo(root, words(file(part)))
        open.add(part)
        // The first half of a run loads the program; most kills fall into the second, where the lake is written.
        await Promise.race([sleep(usual * (0.3 + 0.8 * random.unit())), child.ended])
        child.process.kill('SIGKILL')
        const {signal, status} = await child.ended
        if (signal === 'SIGKILL') {
          killed++
          if (random.unit() < 0.2) part++
        } else {
          expect(status).toBe(0)
          finished++
          open.delete(part++)
        }
        // Whatever instant it was, the chain reads and no part is in twice.
        const commits = await openLakeAt(root).commits()
        expect(commits.length).toBeGreaterThanOrEqual(finished + 1)
        expect(commits.length).toBeLessThanOrEqual(part + 1)
      }
      open.add(part)
      for (const k of open) {
        const start = performance.now()
        expect((await qo(root, ...words(file(k)).slice(0, -1))).status).toBe(0)
        recoverMs = Math.max(recoverMs, performance.now() - start)
      }
      const {rows, duplicated, problems} = await stateOf(root, 'deep')
      const sent = (part + 1) * bars
      keepScore({
        ...{scenario: `kill -9 × ${FILE_KILLS}: qo ingest file`, sent, committed: rows, lost: sent - rows, duplicated},
        ...{recoverMs, seen: `${problems.length} bad hashes`},
      })
      expect({rows, duplicated, problems}).toEqual({rows: sent, duplicated: 0, problems: []})
    } finally {
      rmSync(root, {recursive: true, force: true})
    }
  })
})

/** One lake, killed again and again; each child goes on behind the last batch that was acknowledged. */
async function killAppends(seed: string) {
  const random = new Random(`qo-test|${seed}|v1`)
  const root = newWorkspace('sim')
  const acknowledged = new Set<string>()
  let [next, known, inFlight, recoverMs] = [0, 3, 0, 0]
  try {
    const calm = startAppend(root, [0, 3, ROWS])
    await firstWord(calm)
    const ready = performance.now()
    expect((await calm.ended).status).toBe(0)
    next = 3
    // Long enough for two or three batches on this machine, busy as it is; it may become busier, or idle.
    let usual = performance.now() - ready
    for (let kill = 0; kill < KILLS; kill++) {
      const child = startAppend(root, [next, 1_000_000, ROWS])
      const from = performance.now()
      await Promise.race([firstWord(child), child.ended])
      await sleep(random.unit() * usual)
      child.process.kill('SIGKILL')
      const {signal} = await child.ended
      expect(signal, child.out.text + child.out.errors).toBe('SIGKILL')
      const said = acknowledgedBy(child)
      for (const k of said) acknowledged.add(`BTC-batch-${k}`)
      if (said.length === 0) usual *= 1.1
      else if (said.length > 3) usual /= 1.1
      next += said.length
      const before = known
      const commits = await openLakeAt(root).commits()
      const sources = commits.map(({source}) => source)
      for (const source of acknowledged) expect(sources).toContain(source)
      expect(new Set(sources).size).toBe(sources.length)
      known = sources.length
      // Committed and not yet said so: the next child finds the rows and goes on.
      if (known - before > said.length) inFlight++
      if (kill > 0 && said.length > 0) recoverMs = Math.max(recoverMs, performance.now() - from)
    }
    const last = startAppend(root, [0, next + 1, ROWS])
    expect((await last.ended).status, last.out.text).toBe(0)
    const {rows, duplicated, problems} = await stateOf(root, 'deep')
    const sent = (next + 1) * ROWS
    return {sent, committed: rows, lost: sent - rows, duplicated, bad: problems.length, recoverMs, inFlight}
  } finally {
    rmSync(root, {recursive: true, force: true})
  }
}

/** The child is loaded and begins: from here on a kill meets the lake. */
const firstWord = ({process: child}: ReturnType<typeof startAppend>): Promise<void> =>
  new Promise((resolve) => child.stdout?.once('data', () => resolve()))
