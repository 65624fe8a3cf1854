import {chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {afterEach, beforeAll, describe, expect, it, vi} from 'vitest'
import {Backtest} from '../../src/contracts/backtest.ts'
import {parseArtifact} from '../../src/io/files.ts'
import {walkPanel} from './panels.ts'

const repository = join(import.meta.dirname, '../..')
const root = mkdtempSync(join(tmpdir(), 'qo-backtest-'))
const qo = (...args: string[]) => runCommand([...args, '--root', root, '--json'], {root: repository})
const DAY = 86_400_000

const hypothesis = `artifact: hypothesis@1
id: coin-flip
family: noise
author: test
claim: "The coin that fell the most yesterday rises the most today."
mechanism: "None: these are independent random walks."
falsified_by: "It holds nowhere, by construction."
universe: {from: [COIN0, COIN1, COIN2, COIN3], min_assets: 2}
bar: 1d
features: {fall: "-returns(close, $lookback)"}
signal: cs_rank(fall)
portfolio: {construct: proportional, neutral: dollar, gross: 1, max_weight: 0.5, rebalance: 1d, no_trade_band: 0.01}
params: {lookback: [1, 2, 3]}
primary: {lookback: 2}
capital_usd: 25000
gauntlet: {sr_target: 3}
`

/** The files of a report and what is in them. */
const report = (id: string): Map<string, string> => {
  const folder = join(root, 'reports/backtest', id)
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}
const entries = (): Record<string, unknown>[] =>
  readdirSync(join(root, 'hypotheses/ledger'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(root, 'hypotheses/ledger', name), 'utf8')))

beforeAll(async () => {
  const bars = 500
  const panel = walkPanel({assets: 4, bars, venue: 'hyperliquid'})
  const at = (name: 'open' | 'high' | 'low' | 'close' | 'volume', a: number, t: number): number =>
    panel.series.get(name)![a]![t]!
  const rows = panel.assets.flatMap((coin, a) =>
    Array.from({length: bars}, (_, t) =>
      [
        panel.ts[t],
        coin,
        at('open', a, t),
        at('high', a, t),
        at('low', a, t),
        at('close', a, t),
        at('volume', a, t),
      ].join(','),
    ),
  )
  const csv = join(root, 'candles.csv')
  writeFileSync(csv, ['ts,symbol,open,high,low,close,volume', ...rows].join('\n'))
  await qo('init')
  const {result} = await qo('ingest', 'file', csv, '--as', 'ohlcv', '--venue', 'hyperliquid', '--interval', '1d')
  expect(result).toMatchObject({ok: true})
  writeFileSync(join(root, 'hypotheses/coin-flip.yaml'), hypothesis)
}, 120_000)

describe('a rule that can never trade', () => {
  it.each([
    ['divides', {'cs_rank(fall)': 'cs_rank(fall / (fall - fall))'}, 'feature.no_value', 'divides.signal has'],
    [
      'remembers',
      {'lookback: [1, 2, 3]': 'lookback: [1, 2, 900]', 'primary: {lookback: 2}': 'primary: {lookback: 900}'},
      'feature.no_value',
      'remembers.features.fall has',
    ],
    ['waits', {'min_assets: 2': 'min_assets: 5'}, 'backtest.universe_too_small', 'waits.universe.min_assets is 5'],
  ])('%s: is refused by name and place, and is no trial', async (id, changes, code, place) => {
    const text = Object.entries(changes).reduce((file, [was, is]) => file.replace(was, is), hypothesis)
    const path = join(root, 'hypotheses', `${id}.yaml`)
    writeFileSync(path, text.replace('id: coin-flip', `id: ${id}`))
    const {stdout} = await qo('backtest', `hypotheses/${id}.yaml`)
    rmSync(path)
    expect(JSON.parse(stdout)).toMatchObject({error: {code, what: expect.stringContaining(place)}})
    expect(existsSync(join(root, 'reports/backtest', id))).toBe(false)
    expect(existsSync(join(root, 'hypotheses/ledger'))).toBe(false)
  })
})

describe('qo backtest', () => {
  it('leaves a tear sheet whose parts add up, and is in the ledger before it ran', async () => {
    const {result, error} = await qo('backtest', 'hypotheses/coin-flip.yaml')
    expect(error).toBeUndefined()
    expect(Object.keys(result as object).slice(0, 2)).toEqual(['artifact', 'ok'])
    const files = report('coin-flip')
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['backtest.json', 'report.md', 'report.html', 'equity.svg', 'drawdown.svg', 'months.svg']),
    )
    const figures = parseArtifact(Backtest, 'backtest.json', files.get('backtest.json')!)
    const {net, gross, costs, months} = figures
    expect(net.annual_return).toBeCloseTo(gross.annual_return - costs.total, 10)
    expect(net.sharpe!).toBeLessThan(gross.sharpe!)
    expect(months.reduce((value, {net: r}) => value * (1 + r), 1) - 1).toBeCloseTo(net.total_return, 10)
    expect(figures.params).toEqual({lookback: 2})
    expect(figures.trials).toBe(3)
    // A book of gross 1 with a maintenance margin of 5 % survives about 95 % against it.
    expect(figures.trades.liquidation_distance).toBeGreaterThan(0.8)
    expect(figures.trades.liquidation_distance).toBeLessThan(0.95)
    expect(figures.flags).toContain('funding:assumed')
    expect(entries()).toEqual([
      expect.objectContaining({kind: 'run', stage: 'backtest', n_points: 3, result_sha: null}),
      expect.objectContaining({
        kind: 'run',
        stage: 'backtest',
        n_points: 3,
        returns_ref: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    ])
  })

  it('reads no bar of the vault, which it seals when there is none', async () => {
    const {window} = parseArtifact(Backtest, 'backtest.json', report('coin-flip').get('backtest.json')!)
    const vaults = readFileSync(join(root, 'configs/vaults.yaml'), 'utf8')
    const start = /start: "?([^"\n]+)"?/.exec(vaults)![1]!
    expect(window.to <= start).toBe(true)
    expect(Date.parse(start)).toBeLessThan(Date.UTC(2024, 0, 1) + 499 * DAY)
  })

  it('shows the same targets under each belief about fills, under stress and by regime', () => {
    const {net, fills, stresses, regimes, engine} = parseArtifact(
      Backtest,
      'backtest.json',
      report('coin-flip').get('backtest.json')!,
    )
    expect(engine).toBe('weights')
    expect(fills.map(({model}) => model)).toEqual(['taker', 'touch', 'queue', 'penetration'])
    expect(fills[0]).toMatchObject({sharpe: net.sharpe, annual_return: net.annual_return})
    expect(fills[1]!.trading_costs).toBeLessThan(fills[0]!.trading_costs)
    expect(stresses.map(({name}) => name)).toEqual([
      'costs doubled',
      'impact doubled',
      'one bar late',
      'worst settlement',
      'auto-deleveraging',
    ])
    for (const name of ['costs doubled', 'impact doubled', 'auto-deleveraging'])
      expect(stresses.find((stress) => stress.name === name)!.annual_return).toBeLessThan(net.annual_return)
    expect(regimes.reduce((sum, {share}) => sum + share, 0)).toBeCloseTo(1, 12)
    expect(report('coin-flip').get('report.html')).toContain('Under each belief about fills')
  })

  it('routes the same targets through the event engine, beside the judged run', async () => {
    const {result} = await qo('backtest', 'coin-flip', '--engine', 'event')
    expect(result).toMatchObject({ok: true, engine: 'event', trials: 3})
    const read = (id: string) => parseArtifact(Backtest, 'backtest.json', report(id).get('backtest.json')!)
    const [fast, event] = [read('coin-flip'), read('coin-flip-event')]
    // A lot is worth up to a dollar on an account of 25,000, and impact grows with the account here.
    expect(Math.abs(event.net.annual_return - fast.net.annual_return)).toBeLessThan(0.03)
    expect(event.trades.fills).toBeGreaterThan(100)
  })

  it('leaves the same bytes when it is run again', async () => {
    const before = report('coin-flip')
    await qo('backtest', 'coin-flip')
    expect(report('coin-flip')).toEqual(before)
  })

  it('keeps a run without costs apart and says that it is one', async () => {
    const {result} = await qo('backtest', 'coin-flip', '--costs', 'none')
    expect(result).toMatchObject({costs_model: 'none', costs: {total: 0}})
    expect(report('coin-flip-without-costs').get('report.md')).toContain('Costs are switched off')
  })

  it('leaves nothing in a dry run', async () => {
    writeFileSync(join(root, 'hypotheses/other.yaml'), hypothesis.replace('id: coin-flip', 'id: other'))
    const count = entries().length
    const {result} = await qo('backtest', 'other', '--dry-run')
    expect(result).toMatchObject({artifact: 'research-plan@1', trials: [{hypothesis: 'other', points: 3}]})
    expect(entries()).toHaveLength(count)
    expect(readdirSync(join(root, 'reports/backtest'))).not.toContain('other')
  })

  it.each([
    ['a file that is not there', 'nowhere', () => undefined, 'artifact.missing', 3],
    [
      'an input the lake lacks',
      'carry',
      (t: string) => t.replace('-returns(close, $lookback)', 'ts_mean(funding, $lookback)'),
      'backtest.inputs_missing',
      4,
    ],
    [
      'a vault that is not declared',
      'vaulted',
      (t: string) => t.replace('sr_target: 3', 'sr_target: 3, vault: V-none'),
      'backtest.no_vault',
      3,
    ],
    [
      'a rebalance between bars',
      'off-grid',
      (t: string) => t.replace('rebalance: 1d', 'rebalance: 36h'),
      'portfolio.rebalance_off_grid',
      3,
    ],
    ['an unknown key', 'unknown', (t: string) => `${t}colour: red\n`, 'artifact.invalid', 3],
  ])('refuses %s', async (_, id, change, code, exitCode) => {
    const text = change(hypothesis.replace('id: coin-flip', `id: ${id}`))
    if (text !== undefined) writeFileSync(join(root, `hypotheses/${id}.yaml`), text)
    const {stdout} = await qo('backtest', id)
    expect(JSON.parse(stdout)).toMatchObject({ok: false, error: {code}})
    expect(process.exitCode).toBe(exitCode)
    process.exitCode = 0
  })
})

/** An executable that stands for Python: it answers the probe, then whatever the test says. */
function pythonSaying(name: string, body: string): string {
  const path = join(root, name)
  writeFileSync(path, `#!/bin/sh\ncase "$2" in *find_spec*) exit 0;; esac\ncat > "${path}.stdin"\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

describe('qo backtest with vectorbt', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    process.exitCode = 0
  })

  it.each([
    ['there is no Python', '/nowhere/python', 'backtest.vectorbt_missing'],
    ['this Python lacks it', '/bin/false', 'backtest.vectorbt_missing'],
  ])('says by name that %s, before a trial is counted', async (_, python, code) => {
    vi.stubEnv('QO_PYTHON', python)
    const count = entries().length
    const {stdout} = await qo('backtest', 'coin-flip', '--engine', 'vectorbt')
    expect(JSON.parse(stdout)).toMatchObject({ok: false, error: {code}})
    expect(process.exitCode).toBe(3)
    expect(entries()).toHaveLength(count)
  })

  it.each([
    ['nothing', 'echo "ValueError: no" >&2; exit 1'],
    ['too few values', 'echo \'{"value": [1, 2], "orders": []}\''],
  ])('refuses an engine that answers %s', async (_, body) => {
    vi.stubEnv('QO_PYTHON', pythonSaying(`python-${body.length}`, body))
    const {stdout} = await qo('backtest', 'coin-flip', '--engine', 'vectorbt')
    expect(JSON.parse(stdout)).toMatchObject({ok: false, error: {code: 'backtest.vectorbt_failed'}})
    expect(existsSync(join(root, 'reports/backtest/coin-flip-vectorbt'))).toBe(false)
  })

  it('reports what the engine answers', async () => {
    const {window} = parseArtifact(Backtest, 'backtest.json', report('coin-flip').get('backtest.json')!)
    const bars = (Date.parse(window.to) - Date.UTC(2024, 0, 1)) / DAY
    const value = Array.from({length: bars}, (__, t) => 25_000 * (t < 10 ? 1 : 1.1))
    const answer = JSON.stringify({value, orders: [[9, 0, 1, 100, 2]]})
    vi.stubEnv('QO_PYTHON', pythonSaying('python-whole', `echo '${answer}'`))
    const {result} = await qo('backtest', 'coin-flip', '--engine', 'vectorbt')
    expect(result).toMatchObject({engine: 'vectorbt', trades: {fills: 1}, fills: [], stresses: []})
    expect((result as Backtest).net.total_return).toBeCloseTo(0.1, 12)
    const asked = JSON.parse(readFileSync(join(root, 'python-whole.stdin'), 'utf8'))
    expect(asked.open).toHaveLength(4)
    expect(asked.fees).toBeCloseTo(0.00045, 15)
  })

  it('leaves a cross-check whose files repeat the run: same equity, same orders', async () => {
    const {result} = await qo('backtest', 'coin-flip', '--cross-check', 'vectorbt')
    const folder = join(root, 'reports/backtest/coin-flip/cross-check')
    expect((result as Backtest).files).toContain('reports/backtest/coin-flip/cross-check/check_vectorbt.py')
    const read = (name: string): number[][] =>
      readFileSync(join(folder, name), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',').map((cell) => (cell === '' ? Number.NaN : Number(cell))))
    const [open, weights] = [read('open.csv'), read('weights.csv')]
    const {fees, slippage, init_cash, qo: mine} = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
    // The rule of the package in its own words: one cash account, sells first, targets of equity at the open.
    let [cash, orders] = [init_cash, 0]
    const units = [0, 0, 0, 0]
    const equity = open.map((row, t) => {
      const px = row.slice(1)
      const value = cash + units.reduce((sum, n, a) => sum + n * px[a]!, 0)
      const wanted = px.map((p, a) => (weights[t]![a + 1]! * value) / p - units[a]!)
      const sequence = [0, 1, 2, 3].filter((a) => Math.abs(wanted[a]!) > 0)
      for (const a of sequence.sort((x, y) => wanted[x]! * px[x]! - wanted[y]! * px[y]!)) {
        const side = Math.sign(wanted[a]!)
        const paid = wanted[a]! * px[a]! * (1 + side * slippage)
        cash -= paid + Math.abs(paid) * fees
        units[a]! += wanted[a]!
        orders++
      }
      return cash + units.reduce((sum, n, a) => sum + n * px[a]!, 0)
    })
    expect(orders).toBe(mine.orders)
    expect(Math.abs(equity.at(-1)! / mine.final_value - 1)).toBeLessThan(1e-9)
    expect(readFileSync(join(folder, 'check_vectorbt.py'), 'utf8').trim().split('\n')).toHaveLength(10)
  })
})
