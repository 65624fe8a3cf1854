import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {hypothesisGraveyard} from '../../src/operations/hypothesis-graveyard.ts'
import {hypothesisLint} from '../../src/operations/hypothesis-lint.ts'
import {hypothesisNew} from '../../src/operations/hypothesis-new.ts'
import {hypothesisRetire} from '../../src/operations/hypothesis-retire.ts'
import {hypothesisShow} from '../../src/operations/hypothesis-show.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {deskAt, ideaText, workspace} from './workspace.ts'

let [root, remove] = ['', () => {}]
const write = (id: string, over: Record<string, string> = {}, file = id): void =>
  writeFileSync(join(root, `hypotheses/${file}.yaml`), ideaText(id, over))
const judge = async (id: string) => (await gauntlet(await deskAt(root), {files: [id], all: false})).verdicts[0]!
const commitAll = (): void => {
  execFileSync('git', ['add', '-A'], {cwd: root})
  const who = ['-c', 'user.name=qo', '-c', 'user.email=qo@localhost']
  execFileSync('git', [...who, 'commit', '--quiet', '--allow-empty', '-m', 'a step of the test'], {cwd: root})
}
const lint = async (id: string) => (await hypothesisLint(await deskAt(root), [id])).files[0]!
const codes = async (id: string): Promise<string[]> => (await lint(id)).warnings.map(({code}) => code)
const entryNames = (): string[] => readdirSync(join(root, 'hypotheses/ledger')).sort()

beforeAll(async () => {
  ;({root, remove} = await workspace({days: 400, assets: 4, edge: 0, seed: 'a life'}))
  write('noise')
  commitAll()
  await judge('noise')
  commitAll()
})
afterAll(() => remove())

describe('qo hypothesis retire', () => {
  it('refuses a reason that says nothing, a draft and an end that is there already, and writes nothing', async () => {
    const before = entryNames()
    write('draft')
    await expect(hypothesisRetire(await deskAt(root), 'noise', ' no ')).rejects.toMatchObject({
      ...{code: 'hypothesis.no_reason', exitCode: 2},
    })
    await expect(hypothesisRetire(await deskAt(root), 'draft', 'it was never any good')).rejects.toMatchObject({
      ...{code: 'hypothesis.never_registered', exitCode: 3},
    })
    expect(entryNames()).toEqual(before)
    rmSync(join(root, 'hypotheses/draft.yaml'))
  })

  it('is an entry with the reason; the state is final and no run under the same rule undoes it', async () => {
    write('tired', {signal: 'cs_rank(returns(close, 3)) * $n'})
    await judge('tired')
    const {from, path} = await hypothesisRetire(await deskAt(root), 'tired', 'nobody believes in it any more')
    expect([from, path]).toEqual([
      expect.stringMatching(/rejected|insufficient/),
      expect.stringContaining('hypotheses/ledger/'),
    ])
    rmSync(join(root, 'reports/gauntlet/tired/verdict.json'))
    await judge('tired')
    const shown = await hypothesisShow(await deskAt(root), 'tired')
    expect(shown.state).toBe('retired')
    expect(shown.history.at(-1)).toMatchObject({to: 'retired', because: 'nobody believes in it any more'})
    await expect(hypothesisRetire(await deskAt(root), 'tired', 'once more, with feeling')).rejects.toMatchObject({
      ...{code: 'hypothesis.already_dead', exitCode: 3},
    })
    await expect(gauntletUnseal(await deskAt(root), 'tired')).rejects.toMatchObject({
      ...{code: 'unseal.ended', exitCode: 5},
    })
    commitAll()
  })

  it('starts over as a draft when the rule is edited, and its trials stay', async () => {
    write('tired', {signal: 'cs_rank(returns(close, 3)) * $n', params: '{n: [1, 2, 3, 4]}'})
    const {state, trials} = await hypothesisShow(await deskAt(root), 'tired')
    expect([state, trials.ledger, trials.N]).toEqual(['draft', 3, 4])
    write('tired', {signal: 'cs_rank(returns(close, 3)) * $n'})
  })
})

describe('qo hypothesis show', () => {
  it('prints the evidence behind each move: verdict, report and hashes', async () => {
    const {history} = await hypothesisShow(await deskAt(root), 'noise')
    expect(history.map(({to}) => to)).toEqual(['registered', expect.stringMatching(/rejected|insufficient/)])
    const entries = (await openLedger(await deskAt(root))).entries
    const verdict = entries.find((entry) => entry.kind === 'verdict' && entry.hypothesis === 'noise')
    expect(history[1]).toMatchObject({
      seq: verdict!.seq,
      evidence: {
        result_sha: (verdict as {result_sha: string}).result_sha,
        report: 'reports/gauntlet/noise/verdict.json',
      },
    })
  })
})

describe('qo hypothesis graveyard', () => {
  it('lists the dead with the sentence of the report that the ledger vouches for', async () => {
    const {graves, causes, points} = await hypothesisGraveyard(await deskAt(root))
    expect(graves[0]).toMatchObject({
      id: 'tired',
      state: 'retired',
      stage: null,
      cause: 'nobody believes in it any more',
    })
    expect(points).toBe(graves.reduce((sum, {points: own}) => sum + own, 0))
    expect(Object.values(causes).reduce((sum, n) => sum + n, 0)).toBe(graves.length)
    expect(graves[0]?.signal).toBe('cs_rank(returns(close, 3)) * $n')
  })

  it('warns whoever begins or checks an idea of the same structure, whatever its numbers are', async () => {
    const trend = await hypothesisNew(await deskAt(root), 'first-trend', 'trend')
    expect(trend.warnings).toEqual([])
    await judge('first-trend')
    await hypothesisRetire(await deskAt(root), 'first-trend', 'the trend is not our friend')
    const again = await hypothesisNew(await deskAt(root), 'second-trend', 'trend')
    expect(again.warnings).toMatchObject([
      {code: 'hypothesis.near_duplicate', what: expect.stringContaining('resembles first-trend, which is retired')},
    ])
    expect(again.warnings[0]!.why).toContain('the trend is not our friend')
    expect((await hypothesisNew(await deskAt(root), 'a-carry', 'carry')).warnings).toEqual([])
    write('tired-too', {signal: 'cs_rank(returns(close, 5)) * 7', params: '{}', primary: '{}'})
    expect(await codes('tired-too')).toContain('hypothesis.near_duplicate')
    for (const id of ['second-trend', 'a-carry', 'tired-too']) rmSync(join(root, `hypotheses/${id}.yaml`))
    commitAll()
  })
})

describe('qo hypothesis lint', () => {
  it('stops at two files with one id, whichever is named', async () => {
    write('noise', {}, 'noise-copy')
    for (const id of ['noise', 'noise-copy'])
      await expect(hypothesisLint(await deskAt(root), [id])).rejects.toMatchObject({
        ...{code: 'hypothesis.duplicate_id', exitCode: 3, what: expect.stringContaining('noise-copy.yaml')},
      })
    rmSync(join(root, 'hypotheses/noise-copy.yaml'))
  })

  it('finds a registered version that git never saw', async () => {
    write('sneaky', {signal: 'ts_mean(close, $n) / close'})
    await judge('sneaky')
    expect(await codes('sneaky')).toEqual([])
    write('sneaky', {signal: 'ts_mean(close, $n) / open'})
    expect(await codes('sneaky')).toEqual(['hypothesis.rewritten', 'hypothesis.history_rewritten'])
    write('sneaky', {signal: 'ts_mean(close, $n) / close'})
    commitAll()
    write('sneaky', {signal: 'ts_mean(close, $n) / open'})
    expect(await codes('sneaky')).toEqual(['hypothesis.rewritten'])
    commitAll()
  })

  it('notices entries that were never committed and were thrown away, until they are back', async () => {
    const kept = entryNames()
    write('unlucky', {signal: 'ts_std(close, $n)', params: '{n: [5, 6]}', primary: '{n: 5}'})
    await judge('unlucky')
    const thrown = entryNames().filter((name) => !kept.includes(name))
    const texts = thrown.map((name) => readFileSync(join(root, 'hypotheses/ledger', name), 'utf8'))
    for (const name of thrown) rmSync(join(root, 'hypotheses/ledger', name))
    rmSync(join(root, 'reports/gauntlet/unlucky'), {recursive: true})
    await expect(hypothesisLint(await deskAt(root), ['noise'])).rejects.toMatchObject({
      ...{code: 'ledger.rolled_back', exitCode: 4},
    })
    expect((await hypothesisShow(await deskAt(root), 'unlucky')).trials.N).toBe(1000)
    for (const [i, name] of thrown.entries()) writeFileSync(join(root, 'hypotheses/ledger', name), texts[i]!)
    expect((await hypothesisShow(await deskAt(root), 'unlucky')).trials.N).toBe(2)
    expect((await lint('noise')).ok).toBe(true)
  })

  it('takes a branch that was checked out for what it is: its entries are in git', async () => {
    commitAll()
    execFileSync('git', ['checkout', '--quiet', '-b', 'other', 'HEAD~1'], {cwd: root})
    expect((await lint('noise')).ok).toBe(true)
    execFileSync('git', ['checkout', '--quiet', '-'], {cwd: root})
  })

  it('remembers a rollback over later runs: the trials of whoever is judged next are assumed', async () => {
    write('patient', {signal: 'ts_std(close, $n) / close', params: '{n: [5, 6]}', primary: '{n: 5}'})
    const kept = entryNames()
    await judge('patient')
    for (const name of entryNames()) if (!kept.includes(name)) rmSync(join(root, 'hypotheses/ledger', name))
    rmSync(join(root, 'reports/gauntlet/patient'), {recursive: true})
    write('next-one', {signal: 'ts_std(open, $n) / close', params: '{n: [5, 6]}', primary: '{n: 5}'})
    expect((await judge('next-one')).trials.N).toBe(1000)
  })
})
