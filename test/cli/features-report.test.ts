import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {FeaturesReport} from '../../src/contracts/features-report.ts'
import {parseArtifact} from '../../src/io/files.ts'
import {workspace} from '../gauntlet/workspace.ts'

const repository = join(import.meta.dirname, '../..')
let root = ''
let remove = (): void => {}
const qo = (...args: string[]) =>
  runCommand([...args, '--root', root, '--json', '--as-of', '2024-01-15T00:00:00Z'], {root: repository})
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const reportOf = (id: string): FeaturesReport =>
  parseArtifact(FeaturesReport, 'report.json', read(`reports/features/${id}/report.json`))

const set = (id: string, features: string, from = 'selection'): void =>
  writeFileSync(
    join(root, `configs/features/${id}.yaml`),
    `artifact: feature-set@1\nid: ${id}\nsummary: "features of a test"\nbar: 1d\nuniverse: {from: ${from}, min_assets: 4}\nfeatures:\n${features}`,
  )
const ALL = '[A0, A1, A2, A3, A4, A5]'

beforeAll(async () => {
  const made = await workspace({days: 900, assets: 6, edge: 0.3, seed: 'features report'})
  root = made.root
  remove = made.remove
  set('known', '  said: log(volume)\n  noise: hour_of_day() + returns(close, 7)\n', ALL)
})
afterAll(() => remove())

describe('qo features report', () => {
  it('finds what was planted, in figures, Markdown, pictures and one page without anything fetched', async () => {
    const {result, error} = await qo('features', 'report', 'configs/features/known.yaml')
    expect(error).toBeUndefined()
    expect(result).toMatchObject({artifact: 'features-reports@1', ok: true, reports: [{id: 'known'}]})
    const report = reportOf('known')
    const [said, noise] = report.features
    // The volume of a day foretells the next return by .3 of its deviation.
    expect(said!.horizons[0]!.rank_ic.mean).toBeGreaterThan(0.15)
    expect(said!.horizons[0]!.rank_ic.p).toBeLessThan(report.chance_p)
    expect(said!.horizons[0]!.quantiles.at(-1)!).toBeGreaterThan(said!.horizons[0]!.quantiles[0]!)
    expect(Math.abs(noise!.horizons[0]!.rank_ic.mean!)).toBeLessThan(0.1)
    expect(report.coefficients).toBe(2 * said!.horizons.length)
    expect(said!.horizons.map(({horizon}) => horizon)).toEqual([1, 3, 7, 14, 28])
    for (const file of report.files) expect(existsSync(join(root, file)), file).toBe(true)
    const html = read('reports/features/known/report.html')
    expect(html.match(/<svg/g)).toHaveLength(14)
    expect(html).not.toMatch(/<script|<link|src=|url\(http|@import/)
    expect(read('reports/features/known/report.md')).toContain('![said: rank coefficient by horizon')
    expect(html).toContain('not in the ledger')
  })

  it('seals a vault first and reads nothing at or after its start', () => {
    const start = /start: "?([^"\n]+)"?/.exec(read('configs/vaults.yaml'))![1]!
    const {window, vault} = reportOf('known')
    expect(vault).toMatch(/^V-sim-/)
    expect(window.to <= start).toBe(true)
    expect(existsSync(join(root, 'hypotheses/ledger'))).toBe(false)
  })

  it('leaves the same bytes when it is run again', async () => {
    const folder = 'reports/features/known'
    const bytes = () => readdirSync(join(root, folder)).map((name) => read(`${folder}/${name}`))
    const before = bytes()
    await qo('features', 'report', 'configs/features/known.yaml')
    expect(bytes()).toEqual(before)
  })

  it('counts a look at a hypothesis as a trial before it is taken', async () => {
    writeFileSync(
      join(root, 'hypotheses/idea.yaml'),
      `artifact: hypothesis@1
id: idea
family: test
author: test
claim: "a claim that is long enough"
mechanism: "a mechanism that is long enough"
falsified_by: "an observation that is long enough"
universe: {from: ${ALL}}
bar: 1d
signal: cs_rank(ts_mean(volume, $n))
portfolio: {construct: rank_long_short, rebalance: 1d}
params: {n: [2, 5, 9]}
primary: {n: 2}
capital_usd: 1000
`,
    )
    const {result} = await qo('features', 'report', 'idea', '--horizons', '1,5', '--buckets', '3')
    expect(result).toMatchObject({reports: [{counted: true, params: {n: 2}, buckets: 3}]})
    const [entry] = readdirSync(join(root, 'hypotheses/ledger')).map((name) =>
      JSON.parse(read(`hypotheses/ledger/${name}`)),
    )
    expect(entry).toMatchObject({kind: 'run', stage: 'features-report', n_points: 3, result_sha: null})
  })

  it.each([
    ['a horizon that is none', ['configs/features/known.yaml', '--horizons', '3,1'], 'feature.horizons'],
    ['a horizon beyond the data', ['configs/features/known.yaml', '--horizons', '1,800'], 'feature.horizon_too_long'],
    [
      'a horizon beyond the usable bars',
      ['configs/features/known.yaml', '--horizons', '1,160'],
      'feature.horizon_too_long',
    ],
    ['a feature nobody named', ['configs/features/known.yaml', '--only', 'sayd'], 'feature.unknown_feature'],
    ['a universe of one', ['configs/features/one.yaml'], 'feature.universe_too_small'],
    ['an input the lake lacks', ['configs/features/carry.yaml'], 'feature.inputs_missing'],
  ])('refuses %s by name and leaves no report', async (_, args, code) => {
    set('one', '  x: close\n', '[A0]')
    set('carry', '  x: ts_mean(funding, 8)\n', ALL)
    const {stdout} = await qo('features', 'report', ...args)
    expect(JSON.parse(stdout)).toMatchObject({ok: false, error: {code}})
    expect(existsSync(join(root, 'reports/features/one'))).toBe(false)
    expect(existsSync(join(root, 'reports/features/carry'))).toBe(false)
    process.exitCode = 0
  })
})
