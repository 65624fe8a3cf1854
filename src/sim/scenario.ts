import {Fault} from '../kernel/fault.ts'
import type {FaultId} from './fault-catalogue.ts'
import {type SocketCaps, VENUE_CAPS} from './feeds/socket-limits.ts'
import type {MarketEvent} from './market/market-event.ts'

/** A fault of a scenario; see FaultRequest for its fields. */
export interface PlannedFault {
  readonly id: FaultId
  readonly scope?: string
  readonly variant?: string
  readonly after?: number
  readonly count?: number
  readonly durMs?: number
}

/** How the venue treats its clients, and what happens to its market. Prices else depend on the seed only. */
export interface Scenario {
  readonly name: string
  /** request weight an address may spend in a minute */
  readonly weightPerMinute: number
  /** widens the scripted half-spread */
  readonly spread: number
  /** scales the size shown at each level */
  readonly depth: number
  /** who makes the market: agents that react to clients, or (absent) a script that does not */
  readonly market?: 'agents'
  /** what an address may do with sockets */
  readonly sockets: SocketCaps
  /** contracts that trade; without it those of the asset list */
  readonly contracts?: number
  /** the venue starts so much after the recorded past, ms */
  readonly startsAfterMs: number
  readonly events: readonly MarketEvent[]
  /** at fixed times after the venue's start */
  readonly faults: readonly (PlannedFault & {readonly afterMs: number})[]
  /** each once in every period, at times from the seed; those of `first` in its first half */
  readonly chaos: {
    readonly periodMs: number
    readonly first: readonly PlannedFault[]
    readonly any: readonly PlannedFault[]
  } | null
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** For demonstrations and tests that open many sockets one after the other. */
const GENEROUS: SocketCaps = {
  ...VENUE_CAPS,
  connections: 100,
  connectsPerMinute: 10_000,
  messagesPerMinute: 1_000_000,
}

const CALM: Scenario = {
  ...{name: 'calm', weightPerMinute: 1200, spread: 1, depth: 1, sockets: VENUE_CAPS, startsAfterMs: 0},
  ...{events: [], faults: [], chaos: null},
}

/** Faults that a handshake or a subscription meets: a client has to come back for them. */
const ON_RETURN: readonly PlannedFault[] = [
  {id: 'ws.handshake.429'},
  {id: 'ws.handshake.502'},
  {id: 'ws.handshake.slow', durMs: 12_000},
  {id: 'ws.badcoin'},
  {id: 'ws.ack.lost', count: 2},
  {id: 'ws.ack.late', count: 2, durMs: 2000},
]

const ANY_TIME: readonly PlannedFault[] = [
  {id: 'ws.drop.1006'},
  {id: 'ws.close.1000'},
  {id: 'ws.halfopen', durMs: 20_000},
  {id: 'ws.idle60', durMs: 65_000},
  {id: 'ws.snapshot.replay'},
  {id: 'ws.dup', count: 20},
  {id: 'ws.reorder', count: 3},
  {id: 'ws.gap', scope: 'trades', durMs: 4000},
  {id: 'ws.gap', scope: 'bbo', durMs: 8000},
  {id: 'book.stale', durMs: 8000},
  {id: 'book.crossed', durMs: 2000},
  {id: 'book.empty', durMs: 2000},
  {id: 'book.oneside', durMs: 2000},
  {id: 'json.malformed', count: 2},
  {id: 'json.truncated', count: 2},
  {id: 'json.huge'},
  {id: 'json.type', count: 2},
  {id: 'json.channel', count: 2},
  {id: 'json.enum', count: 2},
  {id: 'http.429', count: 3, durMs: 30_000},
  {id: 'http.500.null', count: 2},
  {id: 'http.502', count: 2},
  {id: 'http.504', count: 1},
  {id: 'candle.late', variant: 'flat'},
  {id: 'candle.late', variant: 'edited'},
  {id: 'funding.late', variant: 'late'},
  {id: 'funding.late', variant: 'twice'},
  {id: 'meta.change', variant: 'delisted'},
  {id: 'meta.change', variant: 'leverage'},
  {id: 'meta.change', variant: 'decimals'},
  {id: 'meta.change', variant: 'appended'},
]

const OUTAGE = {count: 1_000_000, durMs: 2 * MINUTE_MS, afterMs: 30_000} as const
const CRASH = {afterMs: MINUTE_MS, durMs: 90_000, recoverMs: 10 * MINUTE_MS, move: -0.08, depth: 0.1} as const

const SCENARIOS: readonly Scenario[] = [
  {...CALM, name: 'demo', weightPerMinute: 1_200_000, sockets: GENEROUS},
  CALM,
  {...CALM, name: 'thin', spread: 4, depth: 0.1},
  {...CALM, name: 'agents', market: 'agents'},
  {...CALM, name: 'trend', events: [{kind: 'drift', perHour: 0.01}]},
  {...CALM, name: 'flash-crash', events: [{kind: 'crash', ...CRASH}]},
  {
    ...CALM,
    name: 'venue-outage',
    faults: [
      {id: 'ws.drop.1006', ...OUTAGE},
      {id: 'ws.handshake.502', ...OUTAGE},
      {id: 'http.502', ...OUTAGE},
    ],
  },
  {
    ...CALM,
    name: 'funding-spike',
    startsAfterMs: 57 * MINUTE_MS,
    events: [{kind: 'premium', afterMs: 0, durMs: 3 * HOUR_MS, premium: 0.03}],
  },
  {
    ...CALM,
    name: 'delisting',
    faults: [{id: 'meta.change', variant: 'delisted', scope: 'JADE', afterMs: MINUTE_MS}],
  },
  {
    ...CALM,
    name: 'chaos',
    startsAfterMs: 57 * MINUTE_MS,
    chaos: {periodMs: 5 * MINUTE_MS, first: ON_RETURN, any: ANY_TIME},
  },
  {...CALM, name: 'wide', contracts: 178},
]

/** @throws Fault `sim.unknown_scenario` (usage) */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  if (found) return found
  throw new Fault('sim.unknown_scenario', {
    family: 'usage',
    what: `There is no scenario '${name}'.`,
    why: `The practice venue knows ${SCENARIOS.map((scenario) => scenario.name).join(', ')}.`,
    next: ['qo sim serve --scenario demo'],
  })
}
