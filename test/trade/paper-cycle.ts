import {cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {openDesk} from '../../src/cli/open-desk.ts'
import {configurationHash, signalFingerprint} from '../../src/cognition/hypotheses/configuration-hash.ts'
import {Hypothesis} from '../../src/contracts/hypothesis.ts'
import {Candles, Universe} from '../../src/contracts/market.ts'
import type {TradeResult} from '../../src/contracts/trade.ts'
import type {Desk} from '../../src/desk.ts'
import {DAY_MS} from '../../src/kernel/instant.ts'
import {groundsOf} from '../../src/operations/grounds.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {type TradeRequest, trade} from '../../src/operations/trade.ts'
import {type RunningSim, serveSim} from '../../src/sim/serve.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const HISTORY_DAYS = 120

/** Coins of the practice market that the test trades. */
export const COINS = ['BTC', 'ETH', 'AGATE', 'AMBER', 'AZURITE', 'CORAL']

const RULE = {
  artifact: 'hypothesis@1',
  id: 'five-day-drift',
  family: 'trend',
  author: 'test',
  claim: 'A rule that always has an opinion on each of its assets.',
  mechanism: 'None is claimed: the test needs targets, not profit.',
  falsified_by: 'nothing; it is not an idea about a market',
  universe: {from: COINS, min_assets: 2},
  bar: '1d',
  signal: 'cs_rank(returns(close, 5)) - 0.4',
  portfolio: {construct: 'proportional', neutral: 'none', gross: 0.8, max_weight: 0.3, rebalance: '1d'},
  capital_usd: 25000,
}

/** A workspace with the shipped configs for the practice venue, limits that name the coins, and nothing running. */
export function tradeWorkspace(exchange = 'sim'): {root: string; state: string} {
  const root = mkdtempSync(join(tmpdir(), 'qo-trade-'))
  cpSync(join(repository, 'configs'), join(root, 'configs'), {recursive: true})
  const edit = (file: string, change: (text: string) => string): void =>
    writeFileSync(join(root, file), change(readFileSync(join(root, file), 'utf8')))
  edit('configs/qo.yaml', (text) => text.replace(/^exchange: .*/m, `exchange: ${exchange}`))
  edit('configs/risk_limits.yaml', (text) => text.replace(/allow: selected.*/, `allow: [${COINS.join(', ')}]`))
  edit('configs/execution.yaml', (text) =>
    text.replace('poll_s: 0.5', 'poll_s: 0.2').replace('cross_window: 0.5', 'cross_window: 0.9'),
  )
  const state = join(root, 'data/state')
  mkdirSync(state, {recursive: true, mode: 0o700})
  mkdirSync(join(root, 'hypotheses'))
  return {root, state}
}

export const deskOf = (root: string, options: {dryRun?: boolean; asOf?: string} = {}): Promise<Desk> =>
  openDesk({root, asOf: options.asOf, dryRun: options.dryRun ?? false, quiet: true, needsWorkspace: true})

export const startVenue = (state: string): Promise<RunningSim> =>
  serveSim({scenario: 'demo', seed: 7, port: 0, stateDir: state})

interface Candle {
  readonly coin: string
  readonly t: number
  readonly o: string
  readonly h: string
  readonly l: string
  readonly c: string
  readonly v: string
  readonly n: number
}
interface Listed {
  readonly name: string
  readonly szDecimals: number
  readonly maxLeverage: number
}

/** One question to the venue, past every client of ours. */
async function ask<Reply>(sim: RunningSim, request: Record<string, unknown>): Promise<Reply> {
  const response = await fetch(`${sim.endpoint.url}/info`, {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    body: JSON.stringify(request),
  })
  return (await response.json()) as Reply
}

/** The last days of the venue's candles and its instrument list, as `venue` in the lake. */
export async function fillLake(desk: Desk, sim: RunningSim, venue = 'sim'): Promise<void> {
  const {time} = await ask<{time: number}>(sim, {type: 'exchangeStatus'})
  const {universe} = await ask<{universe: Listed[]}>(sim, {type: 'meta'})
  const end = Math.floor(time / DAY_MS) * DAY_MS
  const bars: Candle[] = []
  for (const coin of COINS) {
    const req = {coin, interval: '1d', startTime: end - HISTORY_DAYS * DAY_MS, endTime: end - 1}
    const candles = await ask<Candle[]>(sim, {type: 'candleSnapshot', req})
    bars.push(...candles.filter(({t}) => t + DAY_MS <= end).map((bar) => ({...bar, coin})))
  }
  const column = (of: (bar: Candle) => number): Float64Array => Float64Array.from(bars, of)
  await desk.lake.append({
    ...{table: Candles, venue, interval: '1d', source: 'test'},
    rows: {
      count: bars.length,
      columns: {
        coin: bars.map(({coin}) => coin),
        ts: column(({t}) => t),
        open: column(({o}) => Number(o)),
        high: column(({h}) => Number(h)),
        low: column(({l}) => Number(l)),
        close: column(({c}) => Number(c)),
        volume: column(({v}) => Number(v)),
        trades: column(({n}) => n),
        available_at: column(({t}) => t + DAY_MS),
      },
    },
  })
  const listed = universe.filter(({name}) => COINS.includes(name))
  const all = (value: number): Float64Array => new Float64Array(listed.length).fill(value)
  await desk.lake.append({
    ...{table: Universe, venue, source: 'test'},
    rows: {
      count: listed.length,
      columns: {
        coin: listed.map(({name}) => name),
        ts: all(end - DAY_MS),
        sz_decimals: Float64Array.from(listed, ({szDecimals}) => szDecimals),
        max_leverage: Float64Array.from(listed, ({maxLeverage}) => maxLeverage),
        delisted: all(0),
        first_seen: all(end - HISTORY_DAYS * DAY_MS),
        last_seen: all(end),
        available_at: all(end - DAY_MS),
      },
    },
  })
}

/** A hypothesis file and a ledger that calls this very configuration validated. */
export async function validate(desk: Desk, change: Record<string, unknown> = {}): Promise<Hypothesis> {
  const rule = Hypothesis.schema.parse({...RULE, ...change})
  const path = await desk.files.write(Hypothesis, rule, `hypotheses/${rule.id}.yaml`)
  const ledger = await openLedger(desk)
  const sha = '1'.repeat(64)
  const identity = {
    ...{hypothesis: rule.id, family: rule.family, lineage: null, n_points: 1, code_commit: null, dirty: null},
    configuration: configurationHash(rule, (await groundsOf(desk))(rule)),
    fingerprint: signalFingerprint(rule),
  }
  await ledger.append({
    ...{kind: 'register', ...identity, yaml_sha: await desk.files.hash(path), data_sha: null, lake_commit: 1},
    ...{window: null, vault: null, sr_target: 1.5},
  })
  await ledger.append({
    ...{kind: 'verdict', ...identity, verdict: 'ELIGIBLE', failed_stage: null, decides_on: null},
    ...{data_sha: sha, result_sha: sha, detail: {capital_usd: rule.capital_usd}},
  })
  await ledger.append({
    ...{kind: 'unseal', ...identity, vault: 'V-test', attempt: 1, earlier_passes: 0, alpha: 0.05},
    ...{verdict: 'PASS', result_sha: sha},
  })
  return rule
}

export const cycle = (desk: Desk, over: Partial<TradeRequest> = {}): Promise<TradeResult> =>
  trade(desk, {mode: 'paper', deadlineMs: 15_000, stopRequested: () => false, ...over})

/** What the venue itself says about an account. */
export async function venueAccount(
  sim: RunningSim,
  user: string,
): Promise<{positions: Map<string, string>; orders: unknown[]; fills: {cloid?: string; sz: string; tid: number}[]}> {
  type Clearing = {assetPositions: {position: {coin: string; szi: string}}[]}
  const {assetPositions} = await ask<Clearing>(sim, {type: 'clearinghouseState', user})
  return {
    positions: new Map(assetPositions.map(({position}) => [position.coin, position.szi])),
    orders: await ask(sim, {type: 'frontendOpenOrders', user}),
    fills: await ask(sim, {type: 'userFills', user}),
  }
}
