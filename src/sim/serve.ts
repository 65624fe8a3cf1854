import {readFile, rm} from 'node:fs/promises'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import type {SimEndpoint} from '../contracts/workspace.ts'
import {Fault} from '../kernel/fault.ts'
import {VenueClock} from './clock.ts'
import {startSchedule} from './fault-schedule.ts'
import {Faults} from './faults.ts'
import {Feeds} from './feeds/feeds.ts'
import {SocketLimits} from './feeds/socket-limits.ts'
import {WireLog} from './feeds/wire-log.ts'
import {type OpenedMarket, openMarket} from './open-market.ts'
import {readSaved, restore, type Saved, snapshot, writeAtomically} from './persistence.ts'
import {WeightWindow} from './rate-limit.ts'
import {scenarioNamed} from './scenario.ts'
import {type Served, venueServer} from './server.ts'
import {newVenueState, type VenueState} from './venue-state.ts'

export interface SimOptions {
  readonly scenario: string
  readonly seed: number
  /** 0: any free port */
  readonly port: number
  /** venue time to start at, epoch ms; default: the close of the newest complete bar */
  readonly startAt?: number
  /** folder for sim.json and sim-account.json; absent: nothing is left or resumed */
  readonly stateDir?: string
  /** a sim-history@1 file to go on from instead of the generated market */
  readonly history?: string
  /** folder of recorded books and trades to play back instead of a generated market */
  readonly replay?: string
  /** time stands still until /_sim/step */
  readonly stepped?: boolean
  /** `fast`: frames of the sockets arrive the moment they are made, not 100–300 ms later */
  readonly delivery?: 'lagged' | 'fast'
  /** file for every frame in and out, JSON lines; absent: only the newest are kept, in memory */
  readonly wireLog?: string
}

export interface RunningSim {
  readonly endpoint: SimEndpoint
  readonly state: VenueState
  /** accounts are on disk and the endpoint file is gone when this resolves */
  stop(): Promise<void>
}

const ANSWER_MS = 2000

/**
 * Start the practice venue on loopback.
 *
 * @throws Fault `sim.unknown_scenario`, `sim.two_markets`, `sim.recording_missing` (usage), `sim.history_invalid`,
 *         `sim.state_corrupt`, `sim.other_market` (contract), `sim.recording_invalid` (data), `sim.port_taken` (venue)
 */
export async function serveSim(options: SimOptions): Promise<RunningSim> {
  const {stateDir} = options
  const endpointFile = stateDir === undefined ? null : join(stateDir, 'sim.json')
  const accountFile = stateDir === undefined ? null : join(stateDir, 'sim-account.json')
  scenarioNamed(options.scenario)
  if (endpointFile) await refuseSecond(endpointFile)
  const log = new WireLog(options.wireLog ?? null)
  let market = ''
  const open = async (wanted: SimOptions, isFirst: boolean): Promise<Venue> => {
    const opened = await openMarket(wanted, scenarioNamed(wanted.scenario))
    const saved = isFirst && accountFile !== null ? await readSaved(accountFile, opened.market) : null
    market = opened.market
    return openVenue(wanted, opened, saved, log)
  }
  const save =
    accountFile === null ? () => Promise.resolve() : openSaver(accountFile, () => snapshot(served.state, market))
  let current = options
  const served: Served = {
    ...(await open(options, true)),
    log,
    saved: () => save(),
    reset: async (wanted) => {
      const next = {...current, ...wanted}
      const fresh = await open(next, false)
      served.feeds.stop()
      current = next
      Object.assign(served, fresh)
      startSchedule(served)
    },
  }
  startSchedule(served)
  const server = venueServer(served)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(portTaken(options.port, cause)))
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const {scenario} = served.state
  const endpoint: SimEndpoint = {
    artifact: 'sim-endpoint@1',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pid: process.pid,
    scenario: scenario.name,
    seed: options.seed,
    network: 'testnet',
    weightPerMinute: scenario.weightPerMinute,
  }
  if (endpointFile) await writeAtomically(endpointFile, `${JSON.stringify(endpoint, null, 2)}\n`)

  return {
    endpoint,
    get state() {
      return served.state
    },
    stop: async () => {
      served.feeds.stop()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await save()
      await log.close()
      if (endpointFile) await rm(endpointFile, {force: true})
    },
  }
}

/** What a reset replaces. */
type Venue = Pick<Served, 'state' | 'faults' | 'feeds' | 'limits' | 'weight'>

function openVenue(
  options: SimOptions,
  {listing, end, endsAt}: OpenedMarket,
  saved: Saved | null,
  log: WireLog,
): Venue {
  const {seed} = options
  const scenario = scenarioNamed(options.scenario)
  // A recording starts where it starts; the generated market may start later, for something to happen soon.
  const earliest = end + (endsAt === null ? scenario.startsAfterMs : 0)
  const start = Math.max(options.startAt ?? 0, saved?.clock ?? 0, earliest)
  const state = newVenueState(
    scenario,
    listing(start),
    new VenueClock(start, {stepped: options.stepped === true}),
    endsAt,
  )
  if (saved) restore(state, saved)
  const faults = new Faults(seed)
  const feeds = new Feeds(state, faults, log, {seed, isFast: options.delivery === 'fast'})
  const limits = new SocketLimits(scenario.sockets)
  return {state, faults, feeds, limits, weight: new WeightWindow(scenario.weightPerMinute)}
}

/** One write at a time; requests that arrive while one runs share the next. */
function openSaver(path: string, text: () => string): () => Promise<void> {
  let running: Promise<void> | null = null
  let queued: Promise<void> | null = null
  const write = (): Promise<void> => {
    running = writeAtomically(path, text()).finally(() => {
      running = null
    })
    return running
  }
  return () => {
    if (running === null) return write()
    queued ??= running.then(() => {
      queued = null
      return write()
    })
    return queued
  }
}

/** Two venues on one account file would each undo the other's trades. */
async function refuseSecond(endpointFile: string): Promise<void> {
  const running = await readFile(endpointFile, 'utf8')
    .then(JSON.parse, () => null)
    .catch(() => null)
  if (!(await answers(running as SimEndpoint | null))) return
  const {pid} = running as SimEndpoint
  throw new Fault('sim.already_running', {
    family: 'venue',
    what: `The practice venue of this workspace already runs as process ${pid}.`,
    why: `${endpointFile} names it, and two venues cannot keep one set of accounts.`,
    next: [`kill ${pid}`, 'use the one that runs'],
  })
}

/** A file that a killed venue left behind names a process that is gone, or another program's. */
async function answers(endpoint: SimEndpoint | null): Promise<boolean> {
  if (typeof endpoint?.url !== 'string') return false
  try {
    const response = await fetch(`${endpoint.url}/_sim/state`, {signal: AbortSignal.timeout(ANSWER_MS)})
    const {time} = (await response.json()) as {time?: unknown}
    return typeof time === 'number'
  } catch {
    return false
  }
}

function portTaken(port: number, cause: Error): Fault {
  return new Fault('sim.port_taken', {
    family: 'venue',
    what: `The practice venue cannot listen on 127.0.0.1:${port}.`,
    why: cause.message,
    next: ['qo sim serve --port 0'],
    cause,
  })
}
