import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openDesk} from '../../src/cli/open-desk.ts'
import type {Desk} from '../../src/desk.ts'
import {DAY_MS, isoOf} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {init} from '../../src/operations/init.ts'
import {select} from '../../src/operations/select.ts'
import {selectExplain} from '../../src/operations/select-explain.ts'
import {runSelection} from '../../src/operations/select-universe.ts'
import {request, writeBars} from '../ingest/workspace.ts'

const START = Date.UTC(2024, 0, 1)
const DAYS = 200
const TURN = 122
const COINS = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE']
const at = (day: number): number => START + day * DAY_MS
const RULE = `artifact: selection@1
screens: {lookback_days: 20, min_history_days: 20, min_median_daily_notional_usd: 1, max_stale_share: 0.05, max_gap_share: 0.01}
score:
  liquidity: {weight: 1, direction: higher, lookback_days: 20, transform: rank}
rebalance: {every_days: 7, anchor: 2024-01-01, buffer: 0, min_hold_days: 0}
decay: {window_days: 40}
capital_usd: 10000
top: 5
`

let root = ''
const desk = (): Promise<Desk> =>
  openDesk({root, asOf: isoOf(at(DAYS)), dryRun: false, quiet: true, needsWorkspace: true})
const random = new Random('decay-command')
const moves = COINS.map(() => Array.from({length: DAYS}, () => 0.02 * random.normal()))

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'qo-decay-'))
  await init(await openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: false}), {
    exchange: 'hyperliquid',
  })
  const bars = COINS.flatMap((coin, c) => {
    let px = 100
    return moves[c]!.map((move, day) => {
      px *= Math.exp(move)
      return {coin, ts: at(day), close: px, volume: 1000}
    })
  })
  await ingestFile(await desk(), request(writeBars(root, 'bars.csv', bars), {venue: 'hyperliquid'}))
  writeFileSync(join(root, 'configs/selection.yaml'), RULE)
})
afterAll(() => rmSync(root, {recursive: true, force: true}))

/** Plans that know most of the next move, of AAA only until the turn. */
async function plan(open: Desk): Promise<void> {
  const journal = open.journal('trade')
  for (let day = 40; day < DAYS - 1; day++) {
    const cycle = `shadow-${day}`
    await journal.append(at(day + 1), 'cycle_started', {
      ...{cycle, epoch: 1, mode: 'shadow', as_of: isoOf(at(day + 1)), account: 'a', venue_time: at(day + 1)},
      ...{equity: '1000', positions: {}},
    })
    const targets = COINS.map((coin, c) => {
      const knows = coin === 'AAA' && day >= TURN ? -1 : 1
      const weight = 0.1 * (knows * Math.sign(moves[c]![day + 1]!))
      return {coin, weight, before: '0', wanted: '0', target: '0', rule: null, parts: {idea: weight}}
    })
    await journal.append(at(day + 1), 'plan', {cycle, targets})
  }
}

describe('decay by the trade journal', () => {
  it('is inactive without a plan, and leaves out by the evidence of its plans who has lost the edge', async () => {
    const before = await select(await desk())
    expect(before.inactiveScreens).toContain('decayed')
    expect(before.selected.length).toBe(5)
    await plan(await desk())
    const after = await select(await desk())
    expect(after.inactiveScreens).not.toContain('decayed')
    expect(after.excluded).toEqual([
      expect.objectContaining({asset: 'hyperliquid:AAA', reason: 'decayed', limit: 0.1, rank: null}),
    ])
    expect(after.excluded[0]!.value).toBeLessThan(0.05)
    const report = readFileSync(join(root, after.paths.find((path) => path.endsWith('.md'))!), 'utf8')
    expect(report).toContain('| hyperliquid:AAA | edge decayed')
  })

  it('shows the evidence of an asset, its half-life included', async () => {
    const {edges, reason} = await selectExplain(await desk(), 'AAA')
    expect(reason?.reason).toBe('decayed')
    expect(edges).toEqual([expect.objectContaining({family: 'idea', shrink: 0})])
    expect(edges[0]!.reference).toBeGreaterThan(0.2)
    expect(edges[0]!.recent).toBeLessThan(0)
    expect(edges[0]!.halfLife!.days).toBeLessThan(1000)
  })

  it('is not seen by research: no verdict depends on the journal of a machine', async () => {
    const request = {venue: 'hyperliquid', asOf: at(DAYS)}
    const {replay, monitor} = await runSelection(await desk(), {...request, purpose: {kind: 'research'}})
    expect(monitor).toBeNull()
    expect(replay.rebalances.at(-1)!.since.size).toBe(5)
  })
})
