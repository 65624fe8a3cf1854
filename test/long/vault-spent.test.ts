import {spawn} from 'node:child_process'
import {cpSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {commitAll, git} from '../ci/repository.ts'
import {deskAt, ideaText, workspace} from '../gauntlet/workspace.ts'

const CHILD = fileURLToPath(new URL('../ci/unseal-child.ts', import.meta.url))
const unseal = async (root: string, id = 'volume') => gauntletUnseal(await deskAt(root), id)
const intents = async (root: string) =>
  (await openLedger(await deskAt(root))).entries.filter((entry) => entry.kind === 'unseal-intent')

/** `qo gauntlet unseal` in a process of its own; `die` kills it with SIGKILL as it turns to the sealed rows. */
const child = (root: string, how: 'die' | 'live'): Promise<{code: number | null; signal: string | null; out: string}> =>
  new Promise((resolve) => {
    const started = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), CHILD, root, how])
    let out = ''
    started.stdout.on('data', (piece: Buffer) => (out += piece.toString()))
    started.on('close', (code, signal) => resolve({code, signal, out: out.trim()}))
  })

describe('alpha that was spent on a vault, in processes that die or race', () => {
  let [template, remove, root] = ['', () => {}, '']

  beforeAll(async () => {
    ;({root: template, remove} = await workspace({days: 5 * 365, assets: 8, edge: 0.12, seed: 'workspace'}))
    rmSync(join(template, 'market.csv'))
    writeFileSync(join(template, 'hypotheses/volume.yaml'), ideaText('volume'))
    writeFileSync(join(template, 'hypotheses/renamed.yaml'), ideaText('renamed'))
    const {verdicts} = await gauntlet(await deskAt(template), {files: [], all: false})
    expect(verdicts.map(({verdict}) => verdict)).toEqual(['ELIGIBLE', 'ELIGIBLE'])
    commitAll(template, 'an idea under two names, eligible')
  })
  afterAll(() => remove())
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'qo-spent-'))
    cpSync(template, root, {recursive: true})
    return () => rmSync(root, {recursive: true, force: true})
  })

  it('survives kill -9 before the answer, a restart, and another name of the idea', async () => {
    expect((await child(root, 'die')).signal).toBe('SIGKILL')
    expect((await intents(root)).map(({attempt}) => attempt)).toEqual([1])
    expect(git(root, 'log', '-1', '--format=%s')).toMatch(/^Unseal V-sim-202012 for volume: attempt 1$/)
    expect(git(root, 'status', '--porcelain', '--', 'hypotheses')).toBe('')
    const {attempt, alpha} = await unseal(root, 'renamed')
    expect([attempt, alpha]).toEqual([2, (0.05 * 0.8) / 6])
  })

  it('is spent by each of two runs at once, and no level is used twice', async () => {
    const outcomes = await Promise.all([child(root, 'live'), child(root, 'live')])
    const asked = await intents(root)
    const {entries} = await openLedger(await deskAt(root))
    const answers = entries.flatMap((entry) => (entry.kind === 'unseal' ? [entry.attempt] : []))
    expect(new Set(answers).size).toBe(answers.length)
    expect(outcomes.every(({out}) => /^(PASS|FAIL|unseal\.(lost_race|dirty_tree))$/.test(out))).toBe(true)
    const lost = outcomes.filter(({out}) => out === 'unseal.lost_race').length
    expect(asked.length).toBeGreaterThanOrEqual(Math.max(1, answers.length + lost))
    commitAll(root, 'after the race')
    if (answers.length === 0) expect((await unseal(root)).attempt).toBe(asked.length + 1)
  })
})
