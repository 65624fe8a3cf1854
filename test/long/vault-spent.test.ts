import {spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {commitAll, git} from '../ci/repository.ts'
import {eligibleTwice, intents, unseal} from '../ci/spent.ts'
import {deskAt} from '../gauntlet/workspace.ts'

const CHILD = fileURLToPath(new URL('../ci/unseal-child.ts', import.meta.url))
/** `qo gauntlet unseal` in a process of its own; `die` kills it with SIGKILL as it turns to the sealed rows. */
const child = (root: string, how: 'die' | 'live'): Promise<{code: number | null; signal: string | null; out: string}> =>
  new Promise((resolve) => {
    const started = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), CHILD, root, how])
    let out = ''
    started.stdout.on('data', (piece: Buffer) => (out += piece.toString()))
    started.on('close', (code, signal) => resolve({code, signal, out: out.trim()}))
  })

describe('alpha that was spent on a vault, in processes that die or race', () => {
  const fresh = eligibleTwice()

  it('survives kill -9 before the answer, a restart, and another name of the idea', async () => {
    expect((await child(fresh.root, 'die')).signal).toBe('SIGKILL')
    expect((await intents(fresh.root)).map(({attempt}) => attempt)).toEqual([1])
    expect(git(fresh.root, 'log', '-1', '--format=%s')).toMatch(/^Unseal V-sim-202012 for volume: attempt 1$/)
    expect(git(fresh.root, 'status', '--porcelain', '--', 'hypotheses')).toBe('')
    const {attempt, alpha} = await unseal(fresh.root, 'renamed')
    expect([attempt, alpha]).toEqual([2, (0.05 * 0.8) / 6])
  })

  it('is spent by each of two runs at once, and no level is used twice', async () => {
    const outcomes = await Promise.all([child(fresh.root, 'live'), child(fresh.root, 'live')])
    const asked = await intents(fresh.root)
    const {entries} = await openLedger(await deskAt(fresh.root))
    const answers = entries.flatMap((entry) => (entry.kind === 'unseal' ? [entry.attempt] : []))
    expect(new Set(answers).size).toBe(answers.length)
    expect(outcomes.every(({out}) => /^(PASS|FAIL|unseal\.(lost_race|dirty_tree))$/.test(out))).toBe(true)
    const lost = outcomes.filter(({out}) => out === 'unseal.lost_race').length
    expect(asked.length).toBeGreaterThanOrEqual(Math.max(1, answers.length + lost))
    commitAll(fresh.root, 'after the race')
    if (answers.length === 0) expect((await unseal(fresh.root)).attempt).toBe(asked.length + 1)
  })
})
