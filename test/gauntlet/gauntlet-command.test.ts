import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {Candles} from '../../src/contracts/market.ts'
import type {Desk} from '../../src/desk.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {deskAt, ideaText, ingest, workspace} from './workspace.ts'

const run = async (root: string, files: string[] = [], all = false) => gauntlet(await deskAt(root), {files, all})
const unseal = async (root: string, id: string, desk?: Desk) => gauntletUnseal(desk ?? (await deskAt(root)), id)
const kinds = async (root: string): Promise<string[]> =>
  (await openLedger(await deskAt(root))).entries.map(({kind}) => kind)
const commitAll = async (root: string): Promise<void> => {
  const desk = await deskAt(root)
  const dirty = await desk.git.dirty(['hypotheses', 'configs'])
  if (dirty.length > 0) await desk.git.commit(dirty, 'a step of the test')
}
const text = (root: string, path: string): string => readFileSync(join(root, path), 'utf8')

describe('qo gauntlet in a workspace', () => {
  let [root, remove] = ['', () => {}]

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 5 * 365, assets: 8, edge: 0.12, seed: 'workspace'}))
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    writeFileSync(join(root, 'hypotheses/carry.yaml'), ideaText('carry', {signal: '-ts_mean(funding, $n)'}))
    writeFileSync(
      join(root, 'hypotheses/cheat.yaml'),
      ideaText('cheat', {signal: 'lead(returns(close, 1), 1)', params: '{}', primary: '{}'}),
    )
  })
  afterAll(() => remove())

  it('registers and runs every file before it judges any', async () => {
    const {verdicts, ok} = await run(root)
    expect(ok).toBe(false)
    const seen = Object.fromEntries(verdicts.map((v) => [v.hypothesis, [v.verdict, v.failedStage, v.decidesOn]]))
    expect(seen).toEqual({
      volume: ['ELIGIBLE', null, null],
      carry: ['INSUFFICIENT', 1, 'funding'],
      cheat: ['INVALID', 2, null],
    })
    expect(await kinds(root)).toEqual([
      ...['register', 'register', 'register'],
      ...['run', 'run'],
      ...['verdict', 'verdict', 'verdict'],
    ])
  })

  it('leaves a report that opens with the sentence, a page, pictures and JUnit', () => {
    const [report, page] = ['report.md', 'report.html'].map((file) => text(root, `reports/gauntlet/volume/${file}`))
    expect(report).toMatch(
      /^---\nartifact: gauntlet-report@1\nhypothesis: volume\n---\n\n# volume\n\nELIGIBLE\. All 9 stages/,
    )
    expect(report).toContain('qo gauntlet hypotheses/volume.yaml')
    expect(page).toContain('<svg')
    expect(page).not.toMatch(/<script|src="http/)
    expect(text(root, 'reports/gauntlet/junit.xml')).toContain('<testsuite name="cheat"')
    expect(text(root, 'reports/gauntlet/carry/report.md')).toContain('What would decide it: funding.')
  })

  it('gives the same verdict bytes when it is asked again, and spends nothing', async () => {
    const before = [text(root, 'reports/gauntlet/volume/verdict.json'), (await kinds(root)).length]
    const again = await run(root)
    expect(await run(root)).toEqual(again)
    expect([text(root, 'reports/gauntlet/volume/verdict.json'), (await kinds(root)).length]).toEqual(before)
  })

  it('computes a lost verdict again from the frozen window, to the byte', async () => {
    const before = text(root, 'reports/gauntlet/volume/verdict.json')
    rmSync(join(root, 'reports/gauntlet/volume/verdict.json'))
    await run(root)
    expect(text(root, 'reports/gauntlet/volume/verdict.json')).toBe(before)
    expect(await kinds(root)).toHaveLength(8)
  })

  it('sealed the newest part of the history before it looked at any of it', async () => {
    const desk = await deskAt(root)
    const [vault] = await desk.lake.vaults()
    expect(vault).toMatchObject({venue: 'sim', end: '2020-12-30T00:00:00.000Z', tier: 'V0', policy: 'keep'})
    const start = Date.parse(vault!.start)
    const rows = await desk.lake.read({
      ...{table: Candles, venue: 'sim', interval: '1d', asOf: desk.asOf},
      purpose: {kind: 'research'},
    })
    expect(Math.max(...(rows.columns['ts'] as Float64Array))).toBeLessThan(start)
    const {rows: counted} = await desk.lake.sql(`SELECT count(*) FROM candles WHERE ts >= ${start}`, desk.asOf)
    expect(Number(counted[0]![0])).toBe(0)
    expect(text(root, 'reports/gauntlet/volume/verdict.json')).toContain(`"to": "${vault!.start}"`.slice(0, 10))
  })

  it('refuses the vault to what is not ELIGIBLE, and to a tree that is not committed', async () => {
    await expect(unseal(root, 'volume')).rejects.toMatchObject({code: 'unseal.dirty_tree', exitCode: 3})
    await commitAll(root)
    await expect(unseal(root, 'cheat')).rejects.toMatchObject({code: 'unseal.not_eligible', exitCode: 5})
    expect(await kinds(root)).not.toContain('unseal-intent')
  })

  it('burns the attempt when it dies after the intent', async () => {
    const desk = await deskAt(root)
    const dead = Object.create(desk.lake, {
      read: {value: () => Promise.reject(new Error('the power went out'))},
    }) as Desk['lake']
    const broken: Desk = {...desk, lake: dead}
    await expect(unseal(root, 'volume', broken)).rejects.toThrow('the power went out')
    expect((await kinds(root)).at(-1)).toBe('unseal-intent')
  })

  it('answers PASS or FAIL at the next attempt, with no number from inside', async () => {
    await commitAll(root)
    const {verdicts, attempt, alpha, ok} = await unseal(root, 'volume')
    expect([attempt, ok, verdicts[0]!.verdict]).toEqual([2, true, 'PASS'])
    expect(alpha).toBeCloseTo(0.04 / 6, 12)
    const vaultStage = verdicts[0]!.stages.at(-1)!
    expect([vaultStage.id, vaultStage.checks.map(({value}) => value)]).toEqual([9, [null]])
    expect((await kinds(root)).slice(-2)).toEqual(['unseal-intent', 'unseal'])
  })

  it('gives a stored answer again and spends nothing', async () => {
    const before = text(root, 'reports/gauntlet/volume/unseal.json')
    const {verdicts, attempt} = await unseal(root, 'volume')
    expect([verdicts[0]!.verdict, attempt]).toEqual(['PASS', 2])
    expect(text(root, 'reports/gauntlet/volume/unseal.json')).toBe(before)
    expect((await kinds(root)).filter((kind) => kind === 'unseal-intent')).toHaveLength(2)
  })

  it('lets a validated hypothesis through without judging it again', async () => {
    const {verdicts, ok} = await run(root, ['volume'])
    expect([verdicts[0]!.verdict, ok]).toEqual(['PASS', true])
  })

  it('counts what an edited grid had tried before', async () => {
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume', {params: '{n: [1, 2, 3, 4]}'}))
    const {verdicts} = await run(root, ['volume'])
    expect(verdicts[0]!.trials).toMatchObject({N: 7, grid: 4})
    await commitAll(root)
    await expect(unseal(root, 'cheat')).rejects.toMatchObject({code: 'unseal.not_eligible'})
  })

  it('judges again under other gates, and the new trial count is the old one', async () => {
    const config = text(root, 'configs/gauntlet.yaml')
    writeFileSync(join(root, 'configs/gauntlet.yaml'), config.replace('min_hac_t: 3 ', 'min_hac_t: 99 '))
    const {verdicts} = await run(root, ['volume'])
    expect(verdicts[0]).toMatchObject({verdict: 'FAIL', failedStage: 5, trials: {N: 7}})
    writeFileSync(join(root, 'configs/gauntlet.yaml'), config)
  })
})

describe('a history that grows', () => {
  let [root, remove] = ['', () => {}]
  const market = {assets: 8, edge: 0.12, seed: 'a history that grows'}

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 400, ...market}))
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
  })
  afterAll(() => remove())

  it('is INSUFFICIENT with the day that would decide, and stays so until that day', async () => {
    const {verdicts} = await run(root)
    expect(verdicts[0]).toMatchObject({verdict: 'INSUFFICIENT', decidesOn: expect.stringMatching(/^2019-0/)})
    await ingest(root, {days: 600, ...market})
    expect((await run(root)).verdicts).toEqual(verdicts)
  })

  it('is judged on that day, on a vault that is planned anew because nobody had asked the old one', async () => {
    const [old] = await (await deskAt(root)).lake.vaults()
    await ingest(root, {days: 4 * 365, ...market})
    const {verdicts} = await run(root)
    const vaults = await (await deskAt(root)).lake.vaults()
    expect(verdicts[0]).toMatchObject({verdict: 'ELIGIBLE', trials: {N: 3}})
    expect(vaults).toHaveLength(1)
    expect(Date.parse(vaults[0]!.start)).toBeGreaterThan(Date.parse(old!.end))
  })

  it('keeps the vault that an eligible idea waits for, and refuses it once its alpha is spent', async () => {
    const desk = await deskAt(root)
    const ledger = await openLedger(desk)
    const {kind: _, ...identity} = {...ledger.entries.find((entry) => entry.kind === 'run')!}
    const {hypothesis, family, lineage, configuration, fingerprint, n_points, code_commit, dirty} = identity
    const who = {
      hypothesis: 'other',
      family: 'other',
      lineage,
      configuration,
      fingerprint,
      n_points,
      code_commit,
      dirty,
    }
    expect([hypothesis, family]).toEqual(['volume', 'volume'])
    const [vault] = await desk.lake.vaults()
    for (let attempt = 1; attempt <= 13; attempt++) {
      await ledger.append({
        kind: 'unseal-intent',
        ...who,
        ...{vault: vault!.id, attempt, earlier_passes: 0, alpha: 0.01, lake_commit: 1},
        window: {start: vault!.start, end: vault!.end},
      })
    }
    await commitAll(root)
    await expect(unseal(root, 'volume')).rejects.toMatchObject({code: 'vault.exhausted', exitCode: 4})
  })

  it('does not open a vault where there is no history to show what was asked', async () => {
    rmSync(join(root, '.git'), {recursive: true})
    await expect(unseal(root, 'volume')).rejects.toMatchObject({code: 'unseal.no_repository', exitCode: 3})
  })
})

describe('qo gauntlet on bad input', () => {
  let [root, remove] = ['', () => {}]

  beforeAll(async () => {
    ;({root, remove} = await workspace(null))
  })
  afterAll(() => remove())

  it('names the missing table when the lake is empty, and seals nothing', async () => {
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    const {verdicts} = await run(root)
    expect(verdicts[0]).toMatchObject({verdict: 'INSUFFICIENT', decidesOn: 'candles'})
    expect(await (await deskAt(root)).lake.vaults()).toEqual([])
  })

  it.each([
    ['an unknown key', 'min_labels: 100', 'min_label: 100'],
    ['a wrong type', 'min_labels: 100', 'min_labels: many'],
    ['a key given twice', 'min_labels: 100', 'min_labels: 100\n  min_labels: 5'],
    ['broken YAML', 'min_labels: 100', 'min_labels: [100'],
  ])('stops at a config with %s, naming line and column', async (_, good, bad) => {
    const config = text(root, 'configs/gauntlet.yaml')
    writeFileSync(join(root, 'configs/gauntlet.yaml'), config.replace(good, bad))
    await expect(run(root)).rejects.toMatchObject({
      code: 'artifact.invalid',
      exitCode: 3,
      why: expect.stringMatching(/configs\/gauntlet\.yaml:\d+:\d+/),
    })
    writeFileSync(join(root, 'configs/gauntlet.yaml'), config)
  })

  it('stops at a hypothesis that does not type-check, before anything is in the ledger', async () => {
    const before = await kinds(root)
    writeFileSync(join(root, 'hypotheses/broken.yaml'), ideaText('broken', {signal: 'ts_mean(clsoe, $n)'}))
    await expect(run(root)).rejects.toMatchObject({exitCode: 3, why: expect.stringContaining('^')})
    expect(await kinds(root)).toEqual(before)
    rmSync(join(root, 'hypotheses/broken.yaml'))
  })

  it('refuses two files with one id, and an empty folder', async () => {
    writeFileSync(join(root, 'hypotheses/twin.yaml'), ideaText('volume'))
    await expect(run(root)).rejects.toMatchObject({code: 'hypothesis.duplicate_id', exitCode: 3})
    rmSync(join(root, 'hypotheses/twin.yaml'))
    rmSync(join(root, 'hypotheses/volume.yaml'))
    await expect(run(root)).rejects.toMatchObject({code: 'gauntlet.no_hypotheses', exitCode: 3})
  })

  it('refuses a ledger in which a trial was edited away', async () => {
    const desk = await deskAt(root)
    const [file] = await desk.files.list('hypotheses/ledger')
    const path = join(root, 'hypotheses/ledger', file!)
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    writeFileSync(path, readFileSync(path, 'utf8').replace('"n_points": 3', '"n_points": 1'))
    await expect(run(root)).rejects.toMatchObject({code: 'ledger.broken_chain', exitCode: 4})
  })
})
