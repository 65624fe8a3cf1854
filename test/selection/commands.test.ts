import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openDesk} from '../../src/cli/open-desk.ts'
import {AssetCtx, Book, Restrictions, SelectionHistory, Universe} from '../../src/contracts/market.ts'
import {SelectedAssets} from '../../src/contracts/selection.ts'
import type {Desk} from '../../src/desk.ts'
import {DAY_MS, isoOf} from '../../src/kernel/instant.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {init} from '../../src/operations/init.ts'
import {select} from '../../src/operations/select.ts'
import {selectExplain} from '../../src/operations/select-explain.ts'
import {selectHistory} from '../../src/operations/select-history.ts'
import {request, writeBars} from '../ingest/workspace.ts'

const START = Date.UTC(2024, 0, 1)
const DAYS = 100
const at = (day: number): number => START + day * DAY_MS
const COINS = ['AAA', 'BBB', 'CCC', 'DDD']
const END = isoOf(at(DAYS))

const RULE = `artifact: selection@1
screens:
  lookback_days: 20
  min_history_days: 20
  min_median_daily_notional_usd: 1000
  max_stale_share: 0.05
  max_gap_share: 0.01
score:
  liquidity: {weight: 1, direction: higher, lookback_days: 20, transform: rank}
rebalance: {every_days: 7, anchor: 2024-01-01, buffer: 1, min_hold_days: 0}
capital_usd: 10000
top: 2
`

let root = ''
const desk = (asOf = END): Promise<Desk> => openDesk({root, asOf, dryRun: false, quiet: true, needsWorkspace: true})
const rule = (text: string): void => writeFileSync(join(root, 'configs/selection.yaml'), text)
const ruleWith = (screens: string): void => rule(RULE.replace('  max_gap_share', `  ${screens}\n  max_gap_share`))
const list = (): string => readFileSync(join(root, 'configs/selected_assets.yaml'), 'utf8')

/** DDD stops trading on day 70; the others differ in volume only. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'qo-select-'))
  const open = await openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: false})
  await init(open, {exchange: 'hyperliquid'})
  const bars = COINS.flatMap((coin, c) =>
    Array.from({length: DAYS}, (_, day) => ({
      ...{coin, ts: at(day), close: 10 + c},
      volume: coin === 'DDD' && day >= 70 ? 0 : 1000 * (4 - c),
    })),
  )
  const path = writeBars(root, 'bars.csv', bars)
  await ingestFile(await desk(), request(path, {venue: 'hyperliquid'}))
  rule(RULE)
  // These days are looked at from inside the window that the first look would seal.
  const far =
    'artifact: vaults@1\nvaults: [{id: V-far, venue: hyperliquid, start: 2099-01-01T00:00:00.000Z, end: 2099-02-01T00:00:00.000Z, tier: V0}]\n'
  writeFileSync(join(root, 'configs/vaults.yaml'), far)
})
afterAll(() => rmSync(root, {recursive: true, force: true}))

describe('qo select', () => {
  it('leaves the list, its report and its picture, and the same bytes when asked again', async () => {
    const first = await select(await desk())
    const before = [list(), ...first.paths.map((path) => readFileSync(join(root, path), 'utf8'))]
    const again = await select(await desk())
    expect([list(), ...again.paths.map((path) => readFileSync(join(root, path), 'utf8'))]).toEqual(before)
    expect(first.selected.map(({asset}) => asset)).toEqual(['hyperliquid:AAA', 'hyperliquid:BBB'])
    expect(first.excluded).toEqual([
      {asset: 'hyperliquid:CCC', reason: 'rank', value: 3, limit: null, rank: 3},
      {asset: 'hyperliquid:DDD', reason: 'dead', value: null, limit: null, rank: null},
    ])
    expect(first.warnings.length).toBe(1)
    expect(first.inactiveScreens).toEqual(['delisted'])
  })

  it('leaves the old list as it is when every candidate is excluded', async () => {
    const before = list()
    ruleWith('min_listing_age_days: 500')
    await expect(select(await desk())).rejects.toMatchObject({code: 'selection.nothing_selected', exitCode: 4})
    rule(`${RULE}universe: {quote: USDT}\n`)
    await expect(select(await desk())).rejects.toMatchObject({code: 'selection.empty_universe', exitCode: 4})
    rule(RULE.replace('weight: 1', 'weight: 0'))
    await expect(select(await desk())).rejects.toMatchObject({code: 'artifact.invalid', exitCode: 3})
    rule(RULE.replace('liquidity', 'liquidty'))
    await expect(select(await desk())).rejects.toMatchObject({code: 'artifact.invalid', exitCode: 3})
    rule(RULE.replace('buffer: 1', 'buffer: 1, max_turnover: 0.4'))
    await expect(select(await desk())).rejects.toMatchObject({code: 'artifact.invalid', exitCode: 3})
    rule(RULE)
    await expect(select(await desk(isoOf(at(0))))).rejects.toMatchObject({code: 'lake.no_bars', exitCode: 4})
    expect(list()).toBe(before)
  })
})

describe('qo select explain', () => {
  it('tells the place of a chosen asset, and what would bring an unchosen one in', async () => {
    const chosen = await selectExplain(await desk(), 'aaa')
    expect(chosen).toMatchObject({asset: 'hyperliquid:AAA', selected: true, rank: 1, reason: null})
    expect(chosen.stays).toEqual([{from: isoOf(at(21)), to: null}])
    expect(chosen.screens.every(({passed}) => passed)).toBe(true)
    const third = await selectExplain(await desk(), 'hyperliquid:CCC')
    expect(third).toMatchObject({selected: false, rank: 3, reason: {reason: 'rank', value: 3}})
    expect(third.components).toEqual([{name: 'liquidity', value: 24_000, contribution: 1 / 3, place: 3, of: 3}])
    expect(third.cutoff).toBeCloseTo(2 / 3, 12)
    expect(third.changes.length).toBe(2)
  })

  it('shows every screen of a dead asset, and nothing before it was born', async () => {
    const dead = await selectExplain(await desk(), 'DDD')
    expect(dead.screens.filter(({passed}) => !passed).map(({reason}) => reason)).toEqual([
      ...['dead', 'stale_share', 'median_daily_notional'],
    ])
    expect(dead.reason?.reason).toBe('dead')
  })

  it('names the nearest name for an unknown one', async () => {
    await expect(selectExplain(await desk(), 'AAB')).rejects.toMatchObject({
      ...{code: 'selection.unknown_asset', exitCode: 2, suggestions: expect.arrayContaining(['qo select explain AAA'])},
    })
  })
})

describe('qo select --history', () => {
  it('appends each date once and leaves the manifest of the table', async () => {
    const result = await selectHistory(await desk(), at(0))
    expect(result.paths).toContain('data/manifests/selection-hyperliquid.json')
    const manifest = JSON.parse(readFileSync(join(root, 'data/manifests/selection-hyperliquid.json'), 'utf8'))
    await selectHistory(await desk(), at(0))
    const open = await desk()
    const rows = await open.lake.read({
      ...{table: SelectionHistory, venue: 'hyperliquid', asOf: open.asOf, purpose: {kind: 'research'}},
    })
    expect(rows.count).toBe(manifest.rows)
    const ts = rows.columns['ts'] as Float64Array
    const selected = rows.columns['selected'] as Float64Array
    const names = (rows.columns['asset'] as readonly string[]).filter((_, i) => ts[i] === at(28) && selected[i] === 1)
    expect(names).toEqual(['hyperliquid:AAA', 'hyperliquid:BBB'])
    expect(existsSync(join(root, 'reports/selection/history.svg'))).toBe(true)
  })

  it('ends with the newest bar: a year later it holds the same dates, and says what it left out', async () => {
    const open = await desk()
    const {rebalances} = await selectHistory(open, at(0))
    const late = await selectHistory({...open, asOf: open.asOf + 365 * 86_400_000}, at(0))
    expect(late.rebalances).toEqual(rebalances)
    expect(late.warnings.some((text) => text.includes('later rebalances are not replayed'))).toBe(true)
  })

  it('refuses dates behind the last bar, and leaves nothing', async () => {
    const page = readFileSync(join(root, 'reports/selection/history.md'), 'utf8')
    const open = await desk()
    const late = {...open, asOf: open.asOf + 365 * 86_400_000}
    await expect(selectHistory(late, open.asOf + 60 * 86_400_000)).rejects.toMatchObject({
      ...{code: 'selection.nothing_to_replay', exitCode: 4},
    })
    expect(readFileSync(join(root, 'reports/selection/history.md'), 'utf8')).toBe(page)
  })
})

describe('tables beside the bars', () => {
  const append = async (table: typeof Book | typeof Universe, columns: object, lists = {}): Promise<void> => {
    const {coin} = columns as {coin: string[]}
    await (await desk()).lake.append({
      ...{table, venue: 'hyperliquid', source: 'test'},
      rows: {count: coin.length, columns: columns as never, lists},
    })
  }
  const all = (value: number, count = COINS.length): Float64Array => new Float64Array(count).fill(value)
  const reasons = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await select(await desk())).excluded.map(({asset, reason}) => [asset.slice(12), reason]))

  it('are inactive until they are there, then exclude by what they say and whoever they do not name', async () => {
    ruleWith('exclude_isolated_only: true')
    expect((await select(await desk())).inactiveScreens).toEqual(['delisted', 'isolated_only'])
    const coin = ['AAA', 'BBB']
    await append(Restrictions as never, {
      ...{coin, ts: all(at(50), 2), only_isolated: Float64Array.of(1, 0), at_oi_cap: all(Number.NaN, 2)},
      available_at: all(at(50), 2),
    })
    const result = await select(await desk())
    expect(result.selected.map(({asset}) => asset)).toEqual(['hyperliquid:BBB'])
    expect(result.inactiveScreens).toEqual(['delisted'])
    expect(await reasons()).toMatchObject({AAA: 'isolated_only', CCC: 'no_data:isolated_only', DDD: 'dead'})
    ruleWith('exclude_at_open_interest_cap: true')
    expect((await select(await desk())).inactiveScreens).toEqual(['delisted', 'open_interest_cap'])
  })

  it('measure open interest and books as they were known at the close of each day', async () => {
    const coin = ['AAA', 'BBB', 'CCC']
    await append(AssetCtx as never, {
      ...{coin, ts: all(at(98) + 1, 3), open_interest: Float64Array.of(1e6, 5e6, 1e9)},
      available_at: all(at(98) + 1, 3),
    })
    // The decision falls on day 98, a millisecond before any of it was known. One position is 5,000.
    rule(RULE.replace('lookback_days: 20\n', 'lookback_days: 20\n  max_share_of_open_interest: 0.0002\n'))
    await expect(select(await desk())).rejects.toMatchObject({code: 'selection.nothing_selected'})
    await append(AssetCtx as never, {
      ...{coin, ts: all(at(98), 3), open_interest: Float64Array.of(1e6, 5e6, 1e9)},
      available_at: all(at(98), 3),
    })
    const chosen = (await select(await desk())).selected.map(({asset}) => asset.slice(12))
    expect(await reasons()).toMatchObject({AAA: 'share_of_open_interest'})
    expect(chosen).toEqual(['BBB', 'CCC'])

    ruleWith('min_depth_positions: 1')
    const level = (px: number, sz: number): Float64Array[] => coin.map((_, i) => Float64Array.of(px, sz * (i + 1)))
    const px = coin.map(() => Float64Array.of(9.999, 9.9))
    const ask = coin.map(() => Float64Array.of(10.001, 10.1))
    const sz = level(300, 1e9).map((_, i) => Float64Array.of(300 * (i + 1), 1e9))
    await append(
      Book as never,
      {coin, ts: all(at(97), 3), feed: coin.map(() => 'full'), digest: coin, available_at: all(at(97), 3)},
      {bid_px: px, bid_sz: sz, ask_px: ask, ask_sz: sz, bid_n: sz, ask_n: sz},
    )
    // 300, 600 and 900 coins at 10 within 10 bps; the billion behind them is farther away.
    expect(await reasons()).toMatchObject({AAA: 'depth'})
    expect((await select(await desk())).selected.map(({asset}) => asset.slice(12))).toEqual(['BBB', 'CCC'])
    rule(RULE)
  })

  it('stop the selection when the list of the venue lacks what traded there', async () => {
    const coin = ['AAA', 'BBB', 'CCC', 'DDD']
    const snapshot = (names: string[], day: number) =>
      append(Universe, {
        ...{coin: names, ts: all(at(day), names.length), delisted: all(0, names.length)},
        ...{sz_decimals: all(2, names.length), max_leverage: all(10, names.length)},
        ...{first_seen: all(at(0), names.length), last_seen: all(at(day), names.length)},
        available_at: all(at(day), names.length),
      })
    await snapshot(coin, 80)
    const {warnings} = await select(await desk())
    expect(warnings).toEqual([])
    expect((await select(await desk(isoOf(at(79))))).warnings.length).toBe(1)
    await snapshot(['AAA', 'CCC', 'DDD'], 90)
    const before = list()
    await expect(select(await desk())).rejects.toMatchObject({code: 'selection.universe_contradicted', exitCode: 4})
    expect(list()).toBe(before)
  })
})

describe('a survivor list', () => {
  it('taints the list and every later one', async () => {
    const bars = [{coin: 'EEE', ts: at(0), close: 1, volume: 1}]
    rule(RULE)
    await ingestFile(await desk(), request(writeBars(root, 'more.csv', bars), {venue: 'hyperliquid', survivor: true}))
    const result = await select(await desk(isoOf(at(85))))
    const file = await (await desk()).files.read(SelectedAssets)
    expect(file.survivor_source).toBe(true)
    expect(result.warnings[0]).toMatch(/^tainted/)
  })
})
