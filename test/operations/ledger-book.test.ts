import {execFileSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import type {LedgerBody} from '../../src/contracts/ledger.ts'
import type {Desk} from '../../src/desk.ts'
import {openFiles} from '../../src/io/files.ts'
import {openGit} from '../../src/io/git.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {gitVersions} from '../../src/operations/ledger-git.ts'

let root = ''
let now = Date.UTC(2025, 0, 1)
const git = (...args: string[]): string => execFileSync('git', args, {cwd: root, encoding: 'utf8'})
const commitAll = (message: string): void => {
  git('add', '-A')
  git('-c', 'user.name=qo', '-c', 'user.email=qo@localhost', 'commit', '--quiet', '-m', message)
}

/** The ports the ledger uses, on a real folder, with a clock that never shows the same time twice. */
function desk(): Desk {
  const files = openFiles(root)
  const clock = {now: () => now++}
  return {
    root,
    files,
    git: openGit(root, {files, dryRun: false}),
    state: openFiles(join(root, 'data/state')),
    clock,
  } as unknown as Desk
}

const run = (hypothesis: string, n_points = 4): LedgerBody => ({
  kind: 'run',
  hypothesis,
  family: 'trend',
  lineage: null,
  configuration: 'a'.repeat(64),
  fingerprint: 'f'.repeat(64),
  n_points,
  code_commit: null,
  dirty: null,
  stage: 'backtest',
  data_sha: null,
  window: null,
  seed: null,
  result_sha: null,
  returns_ref: null,
})
const entryFiles = (): string[] => readdirSync(join(root, 'hypotheses/ledger')).sort()

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-ledger-'))
  git('init', '--quiet', '--initial-branch=main')
  writeFileSync(join(root, '.gitignore'), 'data/state/\n')
})

describe('the ledger of a workspace', () => {
  it('is one small file per entry, chained, and reads back what was written', async () => {
    const book = await openLedger(desk())
    const first = await book.append(run('one'))
    const second = await book.append(run('two'))
    expect(entryFiles()).toEqual([`000001-${first.hash.slice(0, 12)}.json`, `000002-${second.hash.slice(0, 12)}.json`])
    expect(second.prev).toBe(first.hash)
    expect((await openLedger(desk())).entries).toEqual([first, second])
    expect(readFileSync(join(root, 'hypotheses/ledger', entryFiles()[0]!), 'utf8')).toMatch(
      /^\{\n {2}"artifact": "ledger-entry@1",\n {2}"seq": 1,/,
    )
  })

  it('merges two branches without a conflict, and the next entry names both heads', async () => {
    await (await openLedger(desk())).append(run('trunk'))
    commitAll('trunk')
    git('checkout', '--quiet', '-b', 'left')
    const left = await (await openLedger(desk())).append(run('left'))
    commitAll('left')
    git('checkout', '--quiet', 'main')
    const right = await (await openLedger(desk())).append(run('right'))
    commitAll('right')
    git('-c', 'user.name=qo', '-c', 'user.email=qo@localhost', 'merge', '--quiet', '--no-edit', 'left')
    const book = await openLedger(desk())
    expect(book.heads).toHaveLength(2)
    const joined = await book.append(run('joined'))
    expect(new Set([joined.prev, ...(joined.merges ?? [])])).toEqual(new Set([left.hash, right.hash]))
    expect((await openLedger(desk())).entries.map(({hypothesis}) => hypothesis).sort()).toEqual([
      'joined',
      'left',
      'right',
      'trunk',
    ])
  })

  it('names the file whose bytes were changed', async () => {
    const book = await openLedger(desk())
    await book.append(run('one', 40))
    const [name] = entryFiles() as [string]
    const path = join(root, 'hypotheses/ledger', name)
    writeFileSync(path, readFileSync(path, 'utf8').replace('"n_points": 40', '"n_points": 4'))
    await expect(openLedger(desk())).rejects.toMatchObject({
      code: 'ledger.broken_chain',
      exitCode: 4,
      what: expect.stringContaining(name),
    })
    writeFileSync(path, '{"artifact": "ledger-entry@1", "seq": ')
    await expect(openLedger(desk())).rejects.toMatchObject({code: 'artifact.invalid', exitCode: 3})
  })

  it('notices that its newest entry was committed and taken away', async () => {
    const book = await openLedger(desk())
    await book.append(run('one'))
    await book.append(run('two'))
    commitAll('two entries')
    const newest = entryFiles()[1]!
    rmSync(join(root, 'hypotheses/ledger', newest))
    await expect(openLedger(desk())).rejects.toMatchObject({
      code: 'ledger.broken_chain',
      what: expect.stringContaining(newest),
    })
    commitAll('hide it')
    await expect(openLedger(desk())).rejects.toMatchObject({code: 'ledger.broken_chain'})
  })
})

describe('gitVersions', () => {
  const text = (window: string): string => `artifact: hypothesis@1
id: idea
family: trend
author: test
claim: "a claim that is long enough"
mechanism: "a mechanism that is long enough"
falsified_by: "an observation that is long enough"
universe: {from: selection}
bar: 1d
signal: ts_mean(close, $n) - close
portfolio: {construct: sign, rebalance: 1d}
params: {n: ${window}}
primary: {n: 5}
capital_usd: 1000
`
  it('finds every configuration a file ever declared, also when the file is gone, and none that never parsed', async () => {
    mkdirSync(join(root, 'hypotheses'))
    const path = join(root, 'hypotheses/idea.yaml')
    for (const content of [text('[5]'), text('[ 5 ]  # a comment'), text('[5, 10]'), 'broken: ['])
      [writeFileSync(path, content), commitAll('edit')]
    rmSync(path)
    commitAll('bury it')
    const versions = (await gitVersions(desk(), () => ({venue: 'sim', selection: null})))!
    expect(new Set(versions.map(({configuration}) => configuration)).size).toBe(2)
    expect(new Set(versions.map(({n_points}) => n_points))).toEqual(new Set([1, 2]))
  })
})
