import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {beforeAll, describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {compileFeatureSet} from '../../src/cognition/features/compile-hypothesis.ts'
import {evaluateFeatures} from '../../src/cognition/features/evaluate.ts'
import {FeatureSet} from '../../src/contracts/features.ts'
import {DAY_MS} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'
import {everywhere, randomPanel} from '../cognition/features/panels.ts'

const repository = join(import.meta.dirname, '../..')
const root = mkdtempSync(join(tmpdir(), 'qo-features-'))
const qo = (...args: string[]) => runCommand([...args, '--root', root, '--json'], {root: repository})

interface File {
  id: string
  status: string
  lacks: {input: string; table: string}[]
  features: {name: string; feature: string; rows: number; coverage: number; warmup_bars: number}[]
}
const filesOf = (result: unknown): File[] => (result as {files: File[]}).files

const hypothesis = (id: string, signal: string): void =>
  writeFileSync(
    join(root, `hypotheses/${id}.yaml`),
    `artifact: hypothesis@1
id: ${id}
family: trend
author: test
claim: "a claim that is long enough"
mechanism: "a mechanism that is long enough"
falsified_by: "an observation that is long enough"
universe: {from: [AAA, BBB, CCC]}
bar: 1d
features:
  risk: ts_std(returns(close, 1), $n)
signal: ${signal}
portfolio: {construct: sign, rebalance: 1d}
params: {n: [5, 10]}
primary: {n: 10}
capital_usd: 1000
`,
  )

/** Sixty days of three coins. */
function candles(): string {
  const random = new Random('features test')
  const lines = ['ts,symbol,open,high,low,close,volume']
  for (const symbol of ['AAA', 'BBB', 'CCC']) {
    let px = 100
    for (let day = 0; day < 60; day++) {
      const next = px * Math.exp(0.02 * random.normal())
      const row = [px, Math.max(px, next) * 1.01, Math.min(px, next) * 0.99, next, 1e6 * (1 + random.unit())]
      lines.push([Date.UTC(2024, 0, 1) + day * DAY_MS, symbol, ...row].join(','))
      px = next
    }
  }
  return `${lines.join('\n')}\n`
}

beforeAll(async () => {
  await qo('init', '--exchange', 'hyperliquid')
  for (const id of ['cross-sectional-momentum', 'short-term-reversal', 'trend']) {
    writeFileSync(join(root, `hypotheses/${id}.yaml`), '')
  }
  // Sixty days are few: the first look would seal half of them.
  const far =
    'artifact: vaults@1\nvaults: [{id: V-far, venue: hyperliquid, start: 2099-01-01T00:00:00.000Z, end: 2099-02-01T00:00:00.000Z, tier: V0}]\n'
  writeFileSync(join(root, 'configs/vaults.yaml'), far)
  const csv = join(root, 'candles.csv')
  writeFileSync(csv, candles())
  const {result} = await qo('ingest', 'file', csv, '--as', 'ohlcv', '--venue', 'hyperliquid', '--interval', '1d')
  expect(result).toMatchObject({ok: true})
  hypothesis('honest', 'cs_rank(returns(close, $n)) / risk')
  hypothesis('carry', 'ts_mean(funding, $n) * risk')
  hypothesis('cheat', 'lead(close, 1) / close / risk')
})

describe('qo features', () => {
  it.each([
    ['a window longer than the data', 'ts_mean(close, 400) / risk', /needs 40\d bars/],
    ['a division by a series that is zero', 'close / (close - close)', /division by zero/],
  ])('stops at %s, and writes nothing', async (_, signal, why) => {
    hypothesis('empty', signal)
    const {stdout} = await qo('features', 'empty')
    rmSync(join(root, 'hypotheses/empty.yaml'))
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ok: false, error: {code: 'feature.no_value', why: expect.stringMatching(why)}},
    })
    expect(existsSync(join(root, 'data/manifests/features/empty.json'))).toBe(false)
  })

  it('computes what it can, and lists a hypothesis whose input the lake lacks with the table', async () => {
    const {result} = await qo('features', 'honest', 'carry')
    expect(result).toMatchObject({artifact: 'features@1', ok: true, computed: 1, stored: 0, lacking: 1})
    const [honest, carry] = filesOf(result)
    expect(carry).toMatchObject({status: 'lacking', lacks: [{input: 'funding', table: 'funding'}], features: []})
    expect(honest!.features.map(({name, rows, warmup_bars}) => [name, rows, warmup_bars])).toEqual([
      ['risk', 150, 10],
      ['signal', 150, 10],
    ])
    expect(honest!.features[0]!.coverage).toBeCloseTo(50 / 60, 12)
  })

  it('computes nothing twice, and leaves the same bytes', async () => {
    const paths = ['data/manifests/features/honest.json', 'reports/features/honest.md'].map((path) => join(root, path))
    const before = paths.map((path) => readFileSync(path, 'utf8'))
    const {result} = await qo('features', 'hypotheses/honest.yaml')
    expect(result).toMatchObject({computed: 0, stored: 1, lacking: 0})
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(before)
  })

  it('stores rows under their identity, available at the close of their bar', async () => {
    const query = `select name, count(*) n, count(distinct asset) assets, min(available_at - ts) lag from features group by 1 order by 1`
    const {result} = await qo('lake', 'sql', `"${query}"`)
    expect(JSON.stringify(result)).toContain('["risk",150,3,86400000]')
  })

  it('shares values between hypotheses that say the same', async () => {
    hypothesis('twin', 'cs_rank(delta(close, $n))')
    const {result} = await qo('features', 'twin')
    const [twin] = filesOf(result)
    const honest = JSON.parse(readFileSync(join(root, 'data/manifests/features/honest.json'), 'utf8')) as File
    expect(twin!.features[0]!.feature).toBe(honest.features[0]!.feature)
    const {result: counted} = await qo('lake', 'sql', `"select count(*) n from features where name = 'risk'"`)
    expect(JSON.stringify(counted)).toContain('150')
  })

  it('leaves nothing in a dry run', async () => {
    hypothesis('planned', 'ts_mean(close, $n) / risk')
    const {result} = await qo('features', 'planned', '--dry-run')
    expect(result).toMatchObject({ok: true})
    expect(existsSync(join(root, 'reports/features/planned.md'))).toBe(false)
  })

  it('knows a named set, and refuses a broken one with line and column', async () => {
    const set = join(root, 'configs/features/small.yaml')
    const text = `artifact: feature-set@1
id: small
summary: "two features for a test"
bar: 1d
universe: {from: [AAA, BBB, CCC]}
features:
  range: high / low - 1
  place: cs_rank(range)
`
    writeFileSync(set, text)
    const {result} = await qo('features', 'configs/features/small.yaml')
    expect(filesOf(result)[0]!.features.map(({name, rows}) => [name, rows])).toEqual([
      ['range', 180],
      ['place', 180],
    ])
    writeFileSync(set, text.replace('summary', 'sumary'))
    const {stdout} = await qo('features', 'configs/features/small.yaml')
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: {code: 'artifact.invalid', why: expect.stringContaining('small.yaml:3:1')},
    })
  })
})

describe('the shipped sets', () => {
  it('name no asset, so they mean the same on each exchange that init offers', async () => {
    const folder = join(repository, 'configs/features')
    for (const name of readdirSync(folder))
      expect(readFileSync(join(folder, name), 'utf8'), name).not.toMatch(/\bref\(/)
    for (const name of readdirSync(join(repository, 'hypotheses')).filter((file) => file.endsWith('.yaml')))
      expect(readFileSync(join(repository, 'hypotheses', name), 'utf8'), name).not.toMatch(/\bref\(/)
  })

  it('have a market beta of 1 on average, by their own market', () => {
    const set = FeatureSet.schema.parse(parse(readFileSync(join(repository, 'configs/features/desk.yaml'), 'utf8')))
    const panel = randomPanel('desk', 5, 120, 0)
    const values = evaluateFeatures(compileFeatureSet(set), panel, everywhere(panel), {}, ['market_beta'])
    const last = values.get('market_beta')!.map((column) => column[119]!)
    expect(last.reduce((sum, beta) => sum + beta, 0) / last.length).toBeCloseTo(1, 9)
  })
})

describe('qo features audit', () => {
  it('finds an honest rule clean and a look-ahead INVALID, with the guilty expression and exit 5', async () => {
    const clean = await qo('features', 'audit', 'honest')
    expect(clean.result).toMatchObject({ok: true, audits: [{verdict: 'CLEAN', leaks: 0, guilty: null}]})
    const {result} = await qo('features', 'audit', 'cheat', 'carry')
    expect(result).toMatchObject({
      artifact: 'features-audit@1',
      ok: false,
      audits: [
        {verdict: 'INVALID', guilty: expect.stringMatching(/^cheat\.signal: [\s\S]*lead reads later bars[\s\S]*\^/)},
        {verdict: 'LACKING'},
      ],
    })
    expect(process.exitCode).toBe(5)
    process.exitCode = 0
  })
})

describe('qo features audit of a set', () => {
  it('names every feature that leaks, those that only pass a leak on too, and no clean one', async () => {
    writeFileSync(
      join(root, 'configs/features/leaks.yaml'),
      `artifact: feature-set@1\nid: leaks\nsummary: "features of a test"\nbar: 1d\nuniverse: {from: [AAA, BBB, CCC]}\nfeatures:\n  plain: high / low - 1\n  next: lead(close, 1)\n  passed: cs_rank(next)\n  middle: centred_mean(close, 5)\n  whole: close / whole_mean(close)\n`,
    )
    const {result} = await qo('features', 'audit', 'configs/features/leaks.yaml')
    rmSync(join(root, 'configs/features/leaks.yaml'))
    const [{leaking, guilty}] = (result as {audits: [{leaking: string[]; guilty: string}]}).audits
    expect(leaking).toEqual(['next', 'passed', 'middle', 'whole'])
    for (const operator of ['lead', 'centred_mean', 'whole_mean'])
      expect(guilty).toContain(`${operator} reads later bars`)
    expect(guilty).toContain('leaks.features.passed: ')
    expect(process.exitCode).toBe(5)
    process.exitCode = 0
  })
})

describe('qo features list', () => {
  it('names every operator, every input with its table, and every feature of the workspace', async () => {
    for (const id of ['cross-sectional-momentum', 'short-term-reversal', 'trend']) {
      hypothesis(id, 'close / risk')
    }
    const set = join(root, 'configs/features/small.yaml')
    writeFileSync(set, readFileSync(set, 'utf8').replace('sumary', 'summary'))
    const {result} = await qo('features', 'list')
    const {operators, inputs, features} = result as {
      operators: {name: string; signature: string}[]
      inputs: {name: string; table: string}[]
      features: {name: string; source: string}[]
    }
    expect(operators.find(({name}) => name === 'ts_quantile')?.signature).toBe('ts_quantile(x, n, q)')
    expect(operators.length).toBeGreaterThan(60)
    expect(inputs).toContainEqual({name: 'funding', table: 'funding'})
    expect(features.map(({source}) => source)).toContain('configs/features/desk.yaml')
  })
})

// Last: a report seals a vault, and what comes after it has fewer bars.
describe('a set with a feature that never has a value', () => {
  it.each([
    ['a window longer than the data', 'ts_mean(close, 400)', /needs 400 bars/],
    ['an input that the lake has no value of', 'ts_mean(trades, 5)', /reads 'trades', which has no value/],
    ['a logarithm of nothing', 'log(close - close - 1)', /logarithm of nothing/],
  ])('with %s is refused like a hypothesis, and nothing is written', async (_, feature, why) => {
    const set = join(root, 'configs/features/blank.yaml')
    writeFileSync(
      set,
      `artifact: feature-set@1\nid: blank\nsummary: "features of a test"\nbar: 1d\nuniverse: {from: [AAA, BBB, CCC]}\nfeatures:\n  range: high / low - 1\n  never: ${feature}\n`,
    )
    for (const command of [['features'], ['features', 'report']]) {
      const {stdout} = await qo(...command, 'configs/features/blank.yaml')
      const found = {code: 'feature.no_value', what: expect.stringMatching(/^blank\.features\.never has no value/)}
      expect(JSON.parse(stdout), command.join(' ')).toMatchObject({
        ...{ok: false, error: {...found, why: expect.stringMatching(why)}},
      })
    }
    rmSync(set)
    expect(existsSync(join(root, 'data/manifests/features/blank.json'))).toBe(false)
    expect(existsSync(join(root, 'reports/features/blank'))).toBe(false)
    expect(existsSync(join(root, 'reports/features/blank.md'))).toBe(false)
    process.exitCode = 0
  })
})
