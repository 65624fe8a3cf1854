import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {AS_OF, ideaText, workspace} from '../gauntlet/workspace.ts'

const repository = join(import.meta.dirname, '../..')
const opened: {root: string; remove: () => void}[] = []
let [clean, tainted] = ['', '']
const qo = (root: string, ...args: string[]) =>
  runCommand([...args, '--root', root, '--as-of', AS_OF], {root: repository})
const page = (root: string, path: string): string => readFileSync(join(root, path), 'utf8')
/** Text of the first paragraph, which the page prints larger than the rest. */
const first = (html: string): string => /<p class="first">([^<]*)/.exec(html)![1]!
const body = (markdown: string): string => markdown.split(/^# .*$/m)[1]!.trim()

beforeAll(async () => {
  const market = {days: 400, assets: 6, edge: 0.3, seed: 'caveats'}
  for (const survivor of [false, true]) opened.push(await workspace(market, {survivor}))
  ;[clean, tainted] = opened.map(({root}) => root) as [string, string]
  const over = {universe: '{from: [A0, A1, A2, A3, A4, A5], min_assets: 4}'}
  for (const root of [clean, tainted]) writeFileSync(join(root, 'hypotheses/honest.yaml'), ideaText('honest', over))
  const features = `{later: "lead(returns(close, 1), 1)", idle: "lead(close, 1)"}`
  writeFileSync(join(clean, 'hypotheses/seer.yaml'), ideaText('seer', {...over, features, signal: 'later + 0 * $n'}))
  writeFileSync(join(clean, 'hypotheses/bystander.yaml'), ideaText('bystander', {...over, features}))
  writeFileSync(
    join(clean, 'configs/features/mixed.yaml'),
    `artifact: feature-set@1\nid: mixed\nsummary: "features of a test"\nbar: 1d\nuniverse: ${over.universe}\nfeatures:\n  knows: lead(close, 1) / close\n  named: cs_rank(knows)\n  plain: log(volume)\n`,
  )
}, 60_000)
afterAll(() => {
  for (const {remove} of opened) remove()
})

describe('a tear sheet', () => {
  it('of a signal that reads later bars says before any figure that it is worth nothing, and why', async () => {
    const {stdout} = await qo(clean, 'backtest', 'seer')
    const nothing = /These figures are worth nothing: signal reads later bars \(lead\)/
    expect(stdout.split('\n')[0]).toMatch(nothing)
    const folder = 'reports/backtest/seer'
    expect(JSON.parse(page(clean, `${folder}/backtest.json`)).flags[0]).toBe('look_ahead:signal:lead')
    expect(first(page(clean, `${folder}/report.html`))).toMatch(nothing)
    expect(body(page(clean, `${folder}/report.md`)).split('\n')[0]).toMatch(nothing)
  })

  it('of survivors says so first, on the same bars on which another has nothing to say', async () => {
    const sold = await qo(tainted, 'backtest', 'honest')
    const nothing = /These figures are worth nothing: The list of assets was drawn up knowing who would survive/
    expect(sold.stdout.split('\n')[0]).toMatch(nothing)
    const folder = 'reports/backtest/honest'
    expect(JSON.parse(page(tainted, `${folder}/backtest.json`)).flags).toContain('universe:survivor')
    expect(first(page(tainted, `${folder}/report.html`))).toMatch(nothing)
    expect(body(page(tainted, `${folder}/report.md`)).split('\n')[0]).toMatch(nothing)
    const fair = await qo(clean, 'backtest', 'honest', '--json')
    expect(JSON.stringify(fair.result)).not.toMatch(/worth nothing|universe:survivor|look_ahead/)
  })

  it('of a signal beside which a feature reads later bars that nothing names does not accuse it', async () => {
    const {result} = await qo(clean, 'backtest', 'bystander', '--json')
    expect(JSON.stringify(result)).not.toContain('look_ahead')
  })
})

describe('a feature report', () => {
  it('says which features read later bars, through others too, and does not headline them', async () => {
    const {stdout} = await qo(clean, 'features', 'report', 'configs/features/mixed.yaml', '--horizons', '1,3')
    const nothing = /The figures of knows, named are worth nothing: knows reads later bars \(lead\)/
    expect(stdout.split('\n')[0]).toMatch(nothing)
    const folder = 'reports/features/mixed'
    expect(first(page(clean, `${folder}/report.html`))).toMatch(nothing)
    expect(JSON.parse(page(clean, `${folder}/report.json`)).flags).toEqual(
      expect.arrayContaining(['look_ahead:knows:lead', 'look_ahead:named:lead']),
    )
    expect(page(clean, `${folder}/report.md`)).toContain('Strongest: plain')
    const {result} = await qo(clean, 'features', 'report', 'configs/features/mixed.yaml', '--only', 'plain', '--json')
    expect(JSON.stringify(result)).not.toContain('look_ahead')
  })

  it('of survivors is worth nothing as a whole', async () => {
    const {result} = await qo(tainted, 'features', 'report', 'honest', '--horizons', '1', '--json')
    expect((result as {reports: {warnings: string[]}[]}).reports[0]!.warnings[0]).toMatch(
      /^All figures are worth nothing/,
    )
    expect(result).toMatchObject({
      reports: [{flags: expect.arrayContaining(['universe:survivor'])}],
    })
  })
})

describe('bars and lists that leave a figure open', () => {
  it('are named: what was aggregated, and a universe of unknown completeness', async () => {
    const {caveatsOf, caveatText} = await import('../../src/cognition/hypotheses/caveats.ts')
    const {walkPanel} = await import('./panels.ts')
    const panel = {
      ...walkPanel({assets: 2, bars: 5}),
      universe: 'derived',
      completeFrom: null,
      aggregatedFrom: '1h',
    } as const
    const compiled = {expressions: new Map(), future: []} as never
    const flags = caveatsOf(compiled, [], panel)
    expect(flags).toEqual(['universe:derived', 'bars:aggregated:1h'])
    expect(flags.map(caveatText)).toEqual([
      expect.stringMatching(/derived from the rows/),
      'Bars were aggregated from 1h.',
    ])
  })
})
