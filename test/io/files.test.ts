import {mkdtempSync, readdirSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {beforeEach, describe, expect, it} from 'vitest'
import {Hypothesis} from '../../src/contracts/hypothesis.ts'
import {QoConfig, Vaults} from '../../src/contracts/workspace.ts'
import {openFiles, parseArtifact} from '../../src/io/files.ts'
import {nearestAsset, nearestName} from '../../src/kernel/nearest-name.ts'

const parse = (text: string): unknown => parseArtifact(QoConfig, 'configs/qo.yaml', text)
const invalid = (why: RegExp) =>
  expect.objectContaining({code: 'artifact.invalid', exitCode: 3, why: expect.stringMatching(why)})

describe('a declared file', () => {
  it.each([
    [
      'an unknown key, with the nearest known one',
      'artifact: qo@1\nexchange: sim\nengin: qo\n',
      /:3:1 unknown key 'engin' \(did you mean 'engine'\?\)/,
    ],
    ['a wrong type', 'artifact: qo@1\nexchange: 7\n', /qo\.yaml:2:1[01]? /],
    ['a duplicate key', 'artifact: qo@1\nexchange: sim\nexchange: sim\n', /:3:1 /],
    ['broken YAML', 'artifact: qo@1\nexchange: [sim\n', /qo\.yaml:\d+:\d+ /],
    ['an alias bomb', 'artifact: &a qo@1\nexchange: *a\n', /aliases are not allowed/],
    ['an empty file', '', /qo\.yaml:1:1 /],
    ['a list', '- 1\n', /qo\.yaml:1:1 /],
    ['binary noise', '\u0000\u0001', /qo\.yaml:1:1/],
  ])('is refused for %s', (_, text, why) => {
    expect(() => parse(text)).toThrowError(invalid(why))
  })

  it('never answers bad text with anything but a named error', () => {
    fc.assert(
      fc.property(fc.string({maxLength: 200}), (text) => {
        expect(() => parse(text)).toThrowError(expect.objectContaining({code: 'artifact.invalid'}))
      }),
    )
  })

  it('points into lists', () => {
    const text =
      'artifact: vaults@1\nvaults:\n  - id: V-a\n    venue: sim\n    start: 2024-01-01T00:00:00.000Z\n    end: soon\n    tier: V0\n'
    expect(() => parseArtifact(Vaults, 'configs/vaults.yaml', text)).toThrowError(
      invalid(/vaults\.yaml:6:5 vaults\.0\.end/),
    )
  })
})

describe('writing', () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'qo-files-'))
  })

  it('leaves no temporary file behind and reads back what it wrote', async () => {
    const files = openFiles(root)
    await files.write(QoConfig, {artifact: 'qo@1', exchange: 'sim'})
    expect(await files.read(QoConfig)).toEqual({artifact: 'qo@1', exchange: 'sim', cloud: 'none', engine: 'qo'})
    expect(readdirSync(join(root, 'configs'))).toEqual(['qo.yaml'])
    expect(files.written).toEqual(['configs/qo.yaml'])
  })

  it('leaves nothing in a dry run', async () => {
    const files = openFiles(root, {dryRun: true})
    await files.write(QoConfig, {artifact: 'qo@1', exchange: 'sim'})
    expect(readdirSync(root)).toEqual([])
  })

  it('refuses to write what it would refuse to read', async () => {
    const bad = {artifact: 'qo@1', exchange: 'nowhere'} as unknown as QoConfig
    await expect(openFiles(root).write(QoConfig, bad)).rejects.toMatchObject({code: 'artifact.invalid'})
  })

  it('creates a file exactly once', async () => {
    const files = openFiles(root)
    expect(await files.createText('a/b.json', 'one')).toBe(true)
    expect(await files.createText('a/b.json', 'two')).toBe(false)
    expect(await files.readText('a/b.json')).toBe('one')
  })

  it('names a missing file and a file that is not text', async () => {
    const files = openFiles(root)
    await expect(files.read(QoConfig)).rejects.toMatchObject({code: 'artifact.missing', exitCode: 3})
    writeFileSync(join(root, 'x'), Uint8Array.of(0xff, 0xfe, 0x80))
    await expect(files.readText('x')).rejects.toMatchObject({code: 'file.not_utf8', exitCode: 3})
  })
})

describe('a missing file whose name somebody chose', () => {
  it('is answered with the name it is like, else with those there are, and never with a new file', async () => {
    const files = openFiles(mkdtempSync(join(tmpdir(), 'qo-names-')))
    await files.writeText('hypotheses/trend.yaml', 'x')
    await files.writeText('hypotheses/notes.txt', 'x')
    const near = {code: 'artifact.missing', exitCode: 3, suggestions: ['did you mean trend?']}
    await expect(files.read(Hypothesis, 'hypotheses/trnd.yaml')).rejects.toMatchObject(near)
    const far = {code: 'artifact.missing', suggestions: ['name one of hypotheses: trend']}
    await expect(files.read(Hypothesis, 'hypotheses/carry.yaml')).rejects.toMatchObject(far)
  })
})

describe('nearestAsset', () => {
  const perps = ['ETHFIUSDT', 'ETHUSDT', 'BTCUSDT', '1000PEPEUSDT', 'SOLUSDT']
  it.each([
    ['BTC', perps, 'BTCUSDT'],
    ['eth', perps, 'ETHUSDT'],
    ['PEPE', perps, '1000PEPEUSDT'],
    ['SLOUSDT', perps, 'SOLUSDT'],
    ['BTCUSDT', ['BTC', 'BT', 'ETH'], 'BTC'],
    ['XYZ', perps, null],
  ] as const)('takes %s for what it is called there', (name, known, meant) => {
    expect(nearestAsset(name, known)).toBe(meant)
  })
})

describe('nearestName', () => {
  it('finds a typo and stays silent about a stranger', () => {
    expect(nearestName('lookbak', ['lookback', 'rebalance'])).toBe('lookback')
    expect(nearestName('zebra', ['lookback', 'rebalance'])).toBeNull()
  })
})
