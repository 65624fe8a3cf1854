import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {type GauntletCheck, gauntletCheck} from '../../src/operations/gauntlet-check.ts'
import {deskAt, ideaText, workspace} from '../gauntlet/workspace.ts'
import {cloneOf, commitAll, copyLake, git} from './repository.ts'

const check = async (root: string, since: string | null = null, gate: GauntletCheck['gate'] = 'integrity') =>
  gauntletCheck(await deskAt(root), {files: [], since, gate})
const judge = async (root: string, since: string | null = null) =>
  gauntlet(await deskAt(root), {files: [], all: false, since})
const edit = (root: string, path: string, change: (text: string) => string): void =>
  writeFileSync(join(root, path), change(readFileSync(join(root, path), 'utf8')))
const filesIn = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), {recursive: true}).map(String).sort()

describe('a pull request on a workspace', () => {
  let [root, remove, base] = ['', () => {}, '']
  const clones: (() => void)[] = []
  /** a runner with the lake */
  const runner = (branch = 'main'): string => {
    const clone = cloneOf(root, branch)
    clones.push(clone.remove)
    copyLake(root, clone.root)
    return clone.root
  }

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 5 * 365, assets: 8, edge: 0.12, seed: 'workspace'}))
    rmSync(join(root, 'market.csv'))
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    writeFileSync(join(root, 'hypotheses/noise.yaml'), ideaText('noise', {signal: 'ts_mean(returns(close, 1), $n)'}))
    await judge(root)
    base = commitAll(root, 'two ideas, judged')
  })
  afterAll(() => {
    for (const done of [...clones, remove]) done()
  })

  it('is whole on a clone, and the check leaves the clone as it was', async () => {
    const clone = runner()
    const before = filesIn(clone, '.').filter((path) => !path.startsWith('.git/'))
    const {integrity, verdict, ok, comment} = await check(clone)
    expect(comment).toMatch(/\| noise \| FAIL \| rejected \| \d \|/)
    expect(comment).toMatch(/\| volume \| ELIGIBLE \| eligible \| {2}\|/)
    expect(comment).toContain('`qo gauntlet hypotheses/volume.yaml`')
    expect(integrity.breaches).toEqual([])
    expect([ok, verdict.ok]).toEqual([true, false])
    expect(verdict.hypotheses.map((row) => [row.hypothesis, row.verdict?.verdict])).toEqual([
      ['noise', 'FAIL'],
      ['volume', 'ELIGIBLE'],
    ])
    expect(filesIn(clone, '.').filter((path) => !path.startsWith('.git/'))).toEqual(before)
    expect(git(clone, 'status', '--porcelain')).toBe('')
  })

  it('names the files that a runner lacks', async () => {
    const clone = cloneOf(root)
    clones.push(clone.remove)
    await expect(check(clone.root)).rejects.toMatchObject({code: 'lake.files_missing', exitCode: 4})
    await expect(check(clone.root)).rejects.toThrow(/data\/lake\/candles\/.*sha256/)
  })

  it('judges only what a branch touches, and says why', async () => {
    expect((await judge(root, base)).selection).toMatchObject({changed: [], unchanged: ['noise', 'volume']})
    writeFileSync(join(root, 'hypotheses/third.yaml'), ideaText('third', {signal: '-ts_mean(log(volume), $n)'}))
    const dry = {...(await deskAt(root)), dryRun: true}
    const {selection, planned} = await gauntlet(dry, {files: [], all: false, since: base})
    expect(selection!.changed).toEqual([
      {hypothesis: 'third', path: 'hypotheses/third.yaml', because: ['hypotheses/third.yaml']},
    ])
    expect(planned.map(({hypothesis}) => hypothesis)).toEqual(['third'])
    rmSync(join(root, 'hypotheses/third.yaml'))
    edit(root, 'configs/gauntlet.yaml', (text) => `${text}# a remark\n`)
    expect((await check(root, base)).selection!.changed.map(({because}) => because)).toEqual([
      ['configs/gauntlet.yaml'],
      ['configs/gauntlet.yaml'],
    ])
    git(root, 'checkout', '--', '.')
  })

  it('refuses a ref that is not there', async () => {
    await expect(check(root, 'origin/nowhere')).rejects.toMatchObject({code: 'git.unknown_ref', exitCode: 2})
    await expect(check(root, '--upload-pack=x')).rejects.toMatchObject({code: 'git.unknown_ref'})
  })

  it('finds what was edited, lost or never declared, each by its code', async () => {
    const clone = runner()
    const report = 'reports/gauntlet/noise'
    edit(clone, `${report}/report.md`, (text) => text.replace('FAIL.', 'ELIGIBLE.'))
    rmSync(join(clone, report, 'report.html'))
    const [series] = filesIn(clone, 'hypotheses/returns')
    rmSync(join(clone, 'hypotheses/returns', series!))
    writeFileSync(join(clone, 'hypotheses/returns/0123456789abcdef.json'), '{}\n')
    edit(clone, 'reports/gauntlet/volume/verdict.json', (text) =>
      text.replace('"allStages": true', '"allStages": false'),
    )
    edit(clone, 'hypotheses/volume.yaml', (text) => text.replace('[1, 2, 3]', '[2, 3]'))
    const {ok, integrity, comment} = await check(clone)
    expect(ok).toBe(false)
    expect(integrity.breaches.map(({code, path}) => `${code} ${path}`).sort()).toEqual(
      [
        `integrity.report_edited ${report}/report.md`,
        `integrity.report_missing ${report}/report.html`,
        `integrity.returns_lost hypotheses/returns/${series}`,
        'integrity.undeclared_trial hypotheses/returns/0123456789abcdef.json',
        'integrity.report_edited reports/gauntlet/volume/verdict.json',
        'integrity.unjudged hypotheses/volume.yaml',
      ].sort(),
    )
    expect(comment).toContain('**qo/integrity: broken.** 6 things are')
  })

  const tampered: [string, string, (clone: string) => void][] = [
    [
      'a ledger entry that is gone',
      'ledger.broken_chain',
      (clone) => rmSync(join(clone, 'hypotheses/ledger', filesIn(clone, 'hypotheses/ledger')[2]!)),
    ],
    [
      'an edited ledger entry',
      'ledger.broken_chain',
      (clone) =>
        edit(clone, `hypotheses/ledger/${filesIn(clone, 'hypotheses/ledger')[0]!}`, (text) =>
          text.replace('"n_points": 3', '"n_points": 1'),
        ),
    ],
    [
      'gates that were loosened',
      'integrity.unjudged',
      (clone) => edit(clone, 'configs/gauntlet.yaml', (text) => text.replace('min_hac_t: 3 ', 'min_hac_t: 1 ')),
    ],
    [
      'a vault that was moved',
      'integrity.window_moved',
      (clone) => edit(clone, 'configs/vaults.yaml', (text) => text.replace(/start: 20(..)-..-../, 'start: 2019-09-09')),
    ],
  ]
  it.each(tampered)('finds %s', async (_, code, tamper) => {
    const clone = runner()
    tamper(clone)
    const {ok, integrity} = await check(clone)
    expect(ok).toBe(false)
    expect(integrity.breaches.map((breach) => breach.code)).toContain(code)
  })

  it('passes a draft that was never run, and a claim that was reworded', async () => {
    const clone = runner()
    writeFileSync(join(clone, 'hypotheses/draft.yaml'), ideaText('draft', {signal: 'ts_mean(log(close), $n)'}))
    edit(clone, 'hypotheses/volume.yaml', (text) => text.replace('go on rising', 'rise on'))
    const {ok, integrity, verdict} = await check(clone, base, 'verdict')
    expect([ok, integrity.ok]).toEqual([false, true])
    expect(verdict.hypotheses.map(({hypothesis, note}) => [hypothesis, note])).toEqual([
      ['draft', 'a draft: it was never run'],
      ['volume', null],
    ])
  })
})
