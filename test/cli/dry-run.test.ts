import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {ideaText, workspace} from '../gauntlet/workspace.ts'

const repository = join(import.meta.dirname, '../..')
let root = ''
let remove = (): void => {}
const qo = (...args: string[]) =>
  runCommand([...args, '--root', root, '--as-of', '2024-01-15T00:00:00Z'], {root: repository})
const vaults = (): string => readFileSync(join(root, 'configs/vaults.yaml'), 'utf8')
const left = (): string[] =>
  (readdirSync(root, {recursive: true}) as string[]).filter((path) => !/^\.git|^data.lake/.test(path)).sort()

beforeAll(async () => {
  const made = await workspace({days: 900, assets: 6, edge: 0.3, seed: 'dry run'})
  root = made.root
  remove = made.remove
  writeFileSync(join(root, 'hypotheses/idea.yaml'), ideaText('idea'))
  const days = Array.from({length: 900}, (_, d) => new Date(Date.UTC(2020, 0, 1 + d)).toISOString())
  const csv = days.map((day, d) => `${day},${(0.01 * Math.sin(d) + 0.001).toFixed(6)}`)
  writeFileSync(join(root, 'record.csv'), `time,returns\n${csv.join('\n')}\n`)
})
afterAll(() => remove())

/** What only a run can know. */
const FIGURES = /sharpe|"mean|rank_ic|premium|spread"|turnover|coverage|drawdown|rows"|verdict/i

describe('a dry run of a research command', () => {
  it.each([
    ['backtest', ['backtest', 'idea'], 3, 'reports/backtest/idea/'],
    ['features report', ['features', 'report', 'idea'], 3, 'reports/features/idea/'],
    ['features', ['features', 'idea'], null, 'reports/features/idea.md'],
    ['select --survivorship', ['select', '--survivorship'], null, 'reports/selection/survivorship.md'],
    ['select --offset-test', ['select', '--offset-test'], null, 'reports/selection/offset-test.md'],
    ['select --history', ['select', '--history', '2017-01-01'], null, 'reports/selection/history.md'],
    ['lake sql', ['lake', 'sql', '"SELECT max(ts) AS newest, avg(close) FROM candles"'], null, null],
  ])('%s tells what would be read, counted, sealed and written, and no figure', async (_, args, points, path) => {
    const before = [left(), vaults()]
    const {result, stdout} = await qo(...args, '--dry-run', '--json')
    expect(result).toMatchObject({
      artifact: 'research-plan@1',
      ok: true,
      reads: [
        {what: expect.stringContaining(args[1] === 'sql' ? 'query' : 'sim'), until: expect.stringMatching(/^2017-/)},
      ],
      trials: points === null ? [] : [{hypothesis: 'idea', points}],
      seals: [{venue: 'sim', end: '2018-06-19T00:00:00.000Z'}],
      writes: expect.arrayContaining(['configs/vaults.yaml', ...(path === null ? [] : [path])]),
    })
    expect(stdout).not.toMatch(FIGURES)
    expect((await qo(...args, '--dry-run')).stdout).toContain('would seal V-sim-201806')
    expect([left(), vaults()]).toEqual(before)
    expect(existsSync(join(root, 'hypotheses/ledger'))).toBe(false)
  })

  it('reads an imported record as the import would, and judges nothing of it', async () => {
    const csv = join(root, 'record.csv')
    const {result, stdout} = await qo('hypothesis', 'import', '--csv', csv, '--trials', '9', '--dry-run', '--json')
    expect(result).toMatchObject({
      ...{artifact: 'research-plan@1', ok: true, trials: [], seals: []},
      reads: [{what: expect.stringContaining('900 returns, one a day')}],
      writes: expect.arrayContaining(['reports/imports/record/import.json']),
    })
    expect(stdout).not.toMatch(FIGURES)
    const wrong = await qo(
      'hypothesis',
      'import',
      '--csv',
      csv,
      '--trials',
      '9',
      '--column',
      'x',
      '--dry-run',
      '--json',
    )
    expect(JSON.parse(wrong.stdout)).toMatchObject({ok: false})
  })

  it('plans power without naming files that it does not leave', async () => {
    expect((await qo('gauntlet', 'power', 'idea', '--dry-run', '--json')).result).toMatchObject({paths: []})
  })

  it('is judged by nobody: the run after it makes the vault that was planned', async () => {
    const {result} = await qo('backtest', 'idea', '--dry-run', '--json')
    const [planned] = (result as {seals: {start: string}[]}).seals
    expect((await qo('backtest', 'idea', '--json')).error).toBeUndefined()
    expect(vaults()).toContain(planned!.start)
    expect((await qo('backtest', 'idea', '--dry-run', '--json')).result).toMatchObject({
      ...{seals: [], reads: [{until: planned!.start}]},
    })
  })
})
