import {SimHistory} from '../contracts/venue.ts'
import type {Desk, VenuePort} from '../desk.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'
import {practiceHistory} from '../reflex/practice-history.ts'
import {readStatus} from '../reflex/read-venue.ts'
import {loadPanel} from './load-panel.ts'

/** Market of a practice venue that nobody started with another one. */
const DEFAULT = {scenario: 'demo', seed: 7}

/**
 * Start the practice venue on this workspace's prices: the generated market for `sim`, else the lake's last bars.
 *
 * Its clock starts at `asOf`, or where the accounts of the last run left it.
 */
export async function startPractice(desk: Desk, exchange: string, interval: Interval, asOf: number): Promise<void> {
  if (exchange === 'sim') {
    await desk.processes.startSim({...DEFAULT, seed: await lastSeed(desk), startAt: asOf})
    return
  }
  const inputs = ['open', 'high', 'low', 'close', 'volume'] as const
  const panel = await loadPanel(desk, {venue: exchange, interval, inputs, asOf, purpose: {kind: 'live'}})
  const history = await desk.files.write(SimHistory, practiceHistory(panel))
  await desk.processes.startSim({...DEFAULT, startAt: asOf, history})
}

/** Saved accounts belong to one price path: the venue goes on with the seed it was last run with. */
async function lastSeed(desk: Desk): Promise<number> {
  const path = 'data/state/sim-account.json'
  if (!(await desk.files.exists(path))) return DEFAULT.seed
  const saved = /"market":"generated:(\d+)"/.exec(await desk.files.readText(path))
  return saved ? Number(saved[1]) : DEFAULT.seed
}

/**
 * The decision time when none is given: the close of the newest complete bar by the venue's clock, or in the lake while
 * no venue runs. Null when there is neither.
 */
export async function newestClose(
  desk: Desk,
  exchange: string,
  interval: Interval,
  venueTime: number | null,
): Promise<number | null> {
  const barMs = INTERVAL_MS[interval]
  if (venueTime !== null) return Math.floor(venueTime / barMs) * barMs
  const commits = (await desk.lake.commits()).filter(({table, venue}) => table === 'candles' && venue === exchange)
  const closes = commits.flatMap(({files, interval: stored}) =>
    files.map(({max_ts}) => max_ts + INTERVAL_MS[(stored ?? interval) as Interval]),
  )
  return closes.length === 0 ? null : Math.floor(Math.max(...closes) / barMs) * barMs
}

/** The venue's clock, epoch ms. @throws Fault `venue.unreadable` (venue) */
export const venueNow = async (venue: VenuePort): Promise<number> =>
  readStatus(await venue.info({type: 'exchangeStatus'}))
