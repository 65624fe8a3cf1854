import {mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {beforeAll, describe, expect, it} from 'vitest'
import {configurationHash, pointHash} from '../../src/cognition/hypotheses/configuration-hash.ts'
import {Hypothesis} from '../../src/contracts/hypothesis.ts'
import type {Desk} from '../../src/desk.ts'
import {openFiles} from '../../src/io/files.ts'
import {openGit} from '../../src/io/git.ts'
import {groundsOf} from '../../src/operations/grounds.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {identityOf} from '../../src/operations/ledger-git.ts'

const repository = join(import.meta.dirname, '../..')
const root = mkdtempSync(join(tmpdir(), 'qo-hypothesis-'))
const qo = (...args: string[]) => runCommand([...args, '--root', root, '--json'], {root: repository})
const fileOf = (id: string): string => join(root, 'hypotheses', `${id}.yaml`)

beforeAll(async () => {
  await qo('init', '--exchange', 'sim')
})

/** The shipped trend file under another id, changed. */
function write(id: string, change: (text: string) => string): string {
  const text = readFileSync(fileOf('trend'), 'utf8').replace(/^id: .*$/m, `id: ${id}`)
  writeFileSync(fileOf(id), change(text))
  return `hypotheses/${id}.yaml`
}

describe('qo hypothesis new', () => {
  it.each(['trend', 'cross-sectional', 'carry', 'reversal'])('begins a %s idea that lints clean', async (family) => {
    const id = `new-${family}`
    const {result} = await qo('hypothesis', 'new', id, '--family', family)
    expect(result).toMatchObject({artifact: 'hypothesis-new@1', ok: true, path: `hypotheses/${id}.yaml`})
    const linted = await qo('hypothesis', 'lint', id)
    expect(linted.result).toMatchObject({ok: true, files: [{id, gridPoints: 4, error: null, warnings: []}]})
  })

  it('never overwrites, and refuses an id that is no file name', async () => {
    const again = JSON.parse((await qo('hypothesis', 'new', 'trend')).stdout) as object
    expect(again).toMatchObject({ok: false, error: {code: 'hypothesis.exists'}})
    const bad = JSON.parse((await qo('hypothesis', 'new', '../evil')).stdout) as object
    expect(bad).toMatchObject({ok: false, error: {code: 'hypothesis.bad_id'}})
  })
})

describe('qo hypothesis lint', () => {
  it('finds the four shipped ideas clean, with grids of 4 to 9 points', async () => {
    const ids = ['cross-sectional-momentum', 'funding-carry', 'short-term-reversal', 'trend']
    const {result} = await qo('hypothesis', 'lint', ...ids)
    const {ok, files} = result as {ok: boolean; files: {id: string; gridPoints: number; warnings: object[]}[]}
    expect(ok).toBe(true)
    expect(files.map(({id}) => id)).toEqual(ids)
    for (const {gridPoints, warnings} of files) {
      expect(gridPoints).toBeGreaterThanOrEqual(4)
      expect(gridPoints).toBeLessThanOrEqual(9)
      expect(warnings).toEqual([])
    }
  })

  it.each([
    [
      'unknown-key',
      (text: string) => text.replace('capital_usd', 'capital_us'),
      'artifact.invalid',
      /:\d+:1 unknown key 'capital_us' \(did you mean 'capital_usd'\?\)/,
    ],
    [
      'nested-key',
      (text: string) => text.replace('  rebalance:', '  rebalence:'),
      'artifact.invalid',
      /did you mean 'rebalance'/,
    ],
    [
      'wrong-type',
      (text: string) => text.replace('capital_usd: 25000', 'capital_usd: much'),
      'artifact.invalid',
      /:\d+:\d+ capital_usd/,
    ],
    ['duplicate-key', (text: string) => `${text}bar: 1h\n`, 'artifact.invalid', /:\d+:\d+ /],
    ['broken-yaml', (text: string) => text.replace('params:', 'params: ['), 'artifact.invalid', /:\d+:\d+ /],
    [
      'no-quotes',
      (text: string) => text.replace(/^signal: .*$/m, 'signal: close > open ? 1 : 0'),
      'artifact.invalid',
      /needs quotes/,
    ],
    [
      'typo',
      (text: string) => text.replace('clip(', 'clop('),
      'feature.unknown_operator',
      /signal:1:1 .*did you mean 'clip'/,
    ],
    [
      'no-param',
      (text: string) => text.replace('$lookback)', '$lookbak)'),
      'feature.unknown_parameter',
      /features.drift:1:20 .*'\$lookback'/,
    ],
    [
      'not-primary',
      (text: string) => text.replace('primary: {lookback: 60', 'primary: {lookback: 61'),
      'hypothesis.primary_not_in_grid',
      /one value for every name/,
    ],
    [
      'twice',
      (text: string) => text.replace('lookback: [30,', 'lookback: [30, 30,'),
      'hypothesis.repeated_value',
      /counted as a trial once/,
    ],
    [
      'idle',
      (text: string) => text.replace('params:', 'params:\n  idle: [1, 2]'),
      'hypothesis.unused_param',
      /counts as a trial/,
    ],
  ] as const)('says what is wrong with %s, and where', async (id, change, code, why) => {
    const path = write(id, change)
    const {stdout} = await qo('hypothesis', 'lint', path)
    const {ok, error} = JSON.parse(stdout) as {ok: boolean; error: {code: string; what: string; why: string}}
    expect({ok, code: error.code}).toEqual({ok: false, code})
    expect(error.what).toContain(path)
    expect(error.why).toMatch(why)
    writeFileSync(fileOf(id), readFileSync(fileOf('trend'), 'utf8').replace(/^id: .*$/m, `id: ${id}`))
  })

  it('warns of an operator that reads the future, with a caret, and of a feature nobody uses', async () => {
    const path = write('cheat', (text) => text.replace('  drift: ', '  spare: gradient(close)\n  drift: '))
    const {result} = await qo('hypothesis', 'lint', path)
    const [file] = (result as {files: {ok: boolean; warnings: {code: string; why: string}[]}[]}).files
    expect(file!.ok).toBe(true)
    expect(file!.warnings.map(({code}) => code)).toEqual(['feature.look_ahead', 'hypothesis.unused_feature'])
    expect(file!.warnings[0]!.why).toMatch(/features\.spare:1:1 gradient reads later bars\n.*\n {2}\^/)
  })
})

describe('a registered hypothesis', () => {
  it('is a new version once its rule is edited: lint names it, its state starts over, its trials stay', async () => {
    write('kept', (text) => text)
    const files = openFiles(root)
    const desk = {
      root,
      files,
      git: openGit(root, {files, dryRun: false}),
      state: openFiles(join(root, 'data/state')),
      clock: {now: () => 1},
    } as unknown as Desk
    const hypothesis = await files.read(Hypothesis, 'hypotheses/kept.yaml')
    const {append} = await openLedger(desk)
    await append({
      kind: 'register',
      ...identityOf(hypothesis, await groundsOf(desk)),
      code_commit: null,
      dirty: null,
      yaml_sha: await files.hash('hypotheses/kept.yaml'),
      data_sha: null,
      lake_commit: 0,
      window: null,
      vault: null,
      sr_target: 1.5,
    })
    expect((await qo('hypothesis', 'show', 'kept')).result).toMatchObject({state: 'registered', history: [{seq: 1}]})
    expect((await qo('hypothesis', 'lint', 'kept')).result).toMatchObject({files: [{warnings: []}]})
    write('kept', (text) => text.replace('[30, 60, 90]', '[30, 60, 120]'))
    expect((await qo('hypothesis', 'show', 'kept')).result).toMatchObject({
      state: 'draft',
      history: [{to: 'registered'}],
    })
    expect((await qo('hypothesis', 'lint', 'kept')).result).toMatchObject({
      ok: true,
      files: [
        {
          warnings: [
            {code: 'hypothesis.rewritten', what: expect.stringContaining('hypotheses/kept.yaml')},
            // It was never committed, so nobody can read any more what was registered.
            {code: 'hypothesis.history_rewritten'},
          ],
        },
      ],
    })
  })
})

describe('qo hypothesis list and show', () => {
  it('lists states and the trials of whole families', async () => {
    const {result} = await qo('hypothesis', 'list')
    const {hypotheses} = result as {hypotheses: {id: string; state: string; family: string; trials: number}[]}
    const trend = hypotheses.find(({id}) => id === 'trend')
    expect(trend).toMatchObject({state: 'draft', family: 'trend', trials: 6})
  })

  it('calls a space, a comment or another claim the same configuration, and another number a new one', async () => {
    const configuration = async (change: (text: string) => string): Promise<string> => {
      write('same', change)
      return ((await qo('hypothesis', 'show', 'same')).result as {configuration: string}).configuration
    }
    const original = await configuration((text) => text)
    expect(await configuration((text) => text.replace('clip(drift / (risk', 'clip( (drift) /(risk'))).toBe(original)
    expect(await configuration((text) => text.replaceAll('drift', 'slope'))).toBe(original)
    expect(await configuration((text) => text.replace('[30, 60, 90]', '[90, 30, 60]'))).toBe(original)
    expect(
      await configuration(
        (text) => `# thought again\n${text.replace(/^claim: .*$/m, 'claim: "something else entirely"')}`,
      ),
    ).toBe(original)
    expect(await configuration((text) => text.replace('[30, 60, 90]', '[30, 60, 91]'))).not.toBe(original)
    expect(await configuration((text) => text.replace('rebalance: 7d', 'rebalance: 6d'))).not.toBe(original)
  })

  it('knows a grid point again in another grid', async () => {
    const files = openFiles(root)
    write('narrow', (text) => text)
    const narrow = await files.read(Hypothesis, 'hypotheses/narrow.yaml')
    write('narrow', (text) => text.replace('[30, 60, 90]', '[30, 60, 90, 120]'))
    const wide = await files.read(Hypothesis, 'hypotheses/narrow.yaml')
    const point = {lookback: 60, risk: 30}
    const ground = {venue: 'sim', selection: null}
    expect(configurationHash(wide, ground)).not.toBe(configurationHash(narrow, ground))
    expect(pointHash(wide, point, ground)).toBe(pointHash(narrow, point, ground))
    expect(pointHash(wide, {...point, risk: 60}, ground)).not.toBe(pointHash(narrow, point, ground))
  })

  it('shows what it claims, what it needs and that nothing has happened yet', async () => {
    const {result} = await qo('hypothesis', 'show', 'hypotheses/funding-carry.yaml')
    expect(result).toMatchObject({
      artifact: 'hypothesis-show@1',
      state: 'draft',
      primary: {lookback: 7},
      warmupBars: 30,
      inputs: ['close', 'funding'],
      lookAhead: [],
      history: [],
    })
  })

  it('cannot read what is not there', async () => {
    const {stdout} = await qo('hypothesis', 'show', 'nobody')
    expect(JSON.parse(stdout)).toMatchObject({ok: false, error: {code: 'artifact.missing'}})
  })
})
