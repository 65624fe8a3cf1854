import {lakeFreshness} from '../cockpit/lake-freshness.ts'
import {RiskLimits} from '../contracts/risk.ts'
import type {RitualCheck, RitualsConfig} from '../contracts/rituals.ts'
import type {TradeRow} from '../contracts/trade.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {readRituals} from './rituals-read.ts'
import {venueNow} from './trade-venue.ts'
import {venueClock} from './venue-clock.ts'

export interface Finding {
  readonly pass: boolean
  readonly finding: string
}

type Thresholds = RitualsConfig['thresholds']
type Check = (desk: Desk, thresholds: Thresholds, now: number) => Promise<Finding>

const GIB = 2 ** 30

/** Every item a machine can verify. What cannot be looked at does not pass. */
const CHECKS: Record<RitualCheck, Check> = {clock, disk, lake, guard, reconcile}

/** One item; a check that breaks is an item that fails, and says why. */
export async function runRitualCheck(id: RitualCheck, desk: Desk, limits: Thresholds, now: number): Promise<Finding> {
  try {
    return await CHECKS[id](desk, limits, now)
  } catch (error) {
    const why = error instanceof Fault ? `${error.what} ${error.why}` : (error as Error).message
    return {pass: false, finding: why.replaceAll('\n', ' ')}
  }
}

/**
 * Against venue time where a live venue has one; in any case the wall clock must advance with the monotonic one and not
 * stand before anything this workspace has already recorded.
 */
async function clock(desk: Desk, {clock_skew_s}: Thresholds, now: number): Promise<Finding> {
  const [wall, monotonic] = [desk.clock.now(), desk.clock.monotonic()]
  await desk.clock.sleep(50)
  const drift = Math.abs(desk.clock.now() - wall - (desk.clock.monotonic() - monotonic))
  if (drift > 1000 * clock_skew_s) return {pass: false, finding: `the wall clock jumped by ${Math.round(drift)} ms`}
  const newest = await newestRecord(desk)
  if (newest > now + 1000 * clock_skew_s) {
    return {
      pass: false,
      finding: `the wall clock is before ${isoOf(newest)}, which this workspace has already recorded`,
    }
  }
  const {exchange} = await desk.files.read(QoConfig)
  if (exchange !== 'hyperliquid') return {pass: true, finding: 'steady, and after every record (no venue clock to ask)'}
  const skew = (desk.clock.now() - (await venueNow(await desk.venue(exchange)))) / 1000
  return {
    pass: Math.abs(skew) <= clock_skew_s,
    finding: `${skew.toFixed(1)} s from venue time, limit ${clock_skew_s} s`,
  }
}

/** Latest time in the trade journal and in the rituals. */
async function newestRecord(desk: Desk): Promise<number> {
  const {records} = await readRituals(desk)
  const rows = await desk.journal('trade').read()
  return Math.max(0, rows.at(-1)?.ts ?? 0, ...records.map(({record}) => Date.parse(record.at)))
}

async function disk(desk: Desk, {disk_free_gib}: Thresholds): Promise<Finding> {
  const free = (await desk.machine.freeBytes()) / GIB
  return {pass: free >= disk_free_gib, finding: `${free.toFixed(1)} GiB free, at least ${disk_free_gib} wanted`}
}

/** Chain whole, every data file there with its hash, and the newest candle of the trading venue recent. */
async function lake(desk: Desk, {lake_bars_behind}: Thresholds): Promise<Finding> {
  const {exchange} = await desk.files.read(QoConfig)
  const commits = await desk.lake.commits()
  const time = await venueClock(desk, exchange)
  const candles = lakeFreshness(commits, time ?? 0).filter(
    ({table, venue}) => table === 'candles' && venue === exchange,
  )
  if (candles.length === 0) return {pass: false, finding: `the lake holds no candles of ${exchange}`}
  const {files, problems} = await desk.lake.verify('quick')
  if (problems[0]) return {pass: false, finding: `${problems[0].file}: ${problems[0].problem}`}
  const freshest = candles.reduce((best, table) => ((table.barsBehind ?? 0) < (best.barsBehind ?? 0) ? table : best))
  const behind = freshest.barsBehind ?? 0
  const still = time === null ? ', and the practice venue stands still' : ''
  return {
    pass: behind <= lake_bars_behind,
    finding: `${files} files whole; newest ${freshest.interval} candle ${isoOf(freshest.newest)}, ${behind} bars behind${still}`,
  }
}

/** C01 and C02 as the guard would judge them now. */
async function guard(desk: Desk): Promise<Finding> {
  const latch = desk.latch.look()
  if (latch !== 'absent')
    return {pass: false, finding: latch === 'engaged' ? 'halted: a latch exists' : 'halted: the latch cannot be read'}
  await desk.files.read(RiskLimits)
  return {pass: true, finding: `no latch; ${RiskLimits.path} is valid`}
}

/** The last look at the venue found what the books said. */
async function reconcile(desk: Desk): Promise<Finding> {
  const rows = await desk.journal('trade').read()
  const last = rows.findLast(({kind}) => kind === 'reconcile')
  if (last === undefined) {
    const started = rows.some(({kind}) => kind === 'cycle_started')
    return started
      ? {pass: false, finding: 'a cycle was started and never reconciled'}
      : {pass: true, finding: 'no account was ever traded here'}
  }
  const {differences} = last.body as TradeRow<'reconcile'>
  const first = differences[0]
  return first === undefined
    ? {pass: true, finding: `no difference at ${isoOf(last.ts)}`}
    : {
        pass: false,
        finding: `${differences.length} difference(s) at ${isoOf(last.ts)}: ${first.kind} ${first.asset}, expected ${first.expected}, venue ${first.venue}`,
      }
}
