import {readFile} from 'node:fs/promises'
import {SimHistory} from '../contracts/venue.ts'
import {Fault} from '../kernel/fault.ts'
import {listingFromFile} from './history-file.ts'
import {agentListing, generatedListing, type ListedAsset, replayListing} from './listing.ts'
import {AgentMarket} from './market/agent-market.ts'
import {HISTORY_END} from './market/generated-history.ts'
import {readRecording} from './market/replay-recording.ts'
import {ScriptedMarket} from './market/scripted-market.ts'
import {Tape} from './market/tape.ts'
import type {Scenario} from './scenario.ts'

export interface MarketChoice {
  readonly seed: number
  /** a sim-history@1 file to go on from instead of the generated market */
  readonly history?: string
  /** folder of recorded books and trades to play instead of a generated market */
  readonly replay?: string
}

export interface OpenedMarket {
  /** the contracts of a venue whose clock starts at `start` */
  readonly listing: (start: number) => readonly ListedAsset[]
  /** names the price path in the saved accounts */
  readonly market: string
  /** the earliest instant the venue can start at */
  readonly end: number
  /** last instant the market knows; null when it goes on for ever */
  readonly endsAt: number | null
}

/**
 * The market of a venue: a recording, or bars that go on (of a file, or generated) by a script or
 * with agents.
 *
 * @throws Fault `sim.history_invalid` (contract), `sim.two_markets`, `sim.recording_missing` (usage),
 *         `sim.recording_invalid` (data)
 */
export async function openMarket(choice: MarketChoice, scenario: Scenario): Promise<OpenedMarket> {
  const {seed, history, replay} = choice
  if (history !== undefined && replay !== undefined) {
    throw new Fault('sim.two_markets', {
      family: 'usage',
      what: 'A venue has one market: --history and --replay were both given.',
      why: 'Bars that go on and a recording that is played back would disagree on every price.',
      next: [`qo sim serve --replay ${replay}`, `qo sim serve --history ${history}`],
    })
  }
  if (replay !== undefined) return openRecording(replay, seed)
  if (history !== undefined) return openHistory(history, seed, scenario)
  const past = {end: HISTORY_END, endsAt: null}
  if (scenario.market === 'agents') {
    return {...past, listing: (start) => agentListing(seed, scenario, start), market: `agents:${seed}`}
  }
  // Events and more contracts make other prices: a position of one market means nothing on the other.
  const isPlain = scenario.events.length === 0 && scenario.contracts === undefined
  const market = `${isPlain ? 'generated' : scenario.name}:${seed}`
  return {...past, listing: () => generatedListing(seed, scenario), market}
}

/** Venue time starts at the first book: what was recorded before it is history. */
async function openRecording(folder: string, seed: number): Promise<OpenedMarket> {
  const coins = await readRecording(folder)
  const first = Math.min(...coins.map(({books}) => books.times[0]!))
  const last = Math.max(...coins.flatMap(({books, trades}) => [books.times.at(-1)!, trades.at(-1)?.time ?? 0]))
  const market = `replay:${coins.map(({name}) => name).join('+')}:${first}-${last}`
  return {listing: () => replayListing(coins, seed), market, end: first, endsAt: last}
}

async function openHistory(path: string, seed: number, scenario: Scenario): Promise<OpenedMarket> {
  let parsed: SimHistory
  try {
    parsed = SimHistory.schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new Fault('sim.history_invalid', {
      family: 'contract',
      what: `${path} is not a valid ${SimHistory.id}.`,
      why: (cause as Error).message,
      next: ['qo ingest', 'start the venue without --history for the generated market'],
      cause,
    })
  }
  const end = Date.parse(parsed.end)
  return scenario.market === 'agents'
    ? {
        listing: (begin) => listingFromFile(parsed, seed, (start) => new AgentMarket(start, scenario, begin)),
        ...{market: 'agents:file', end, endsAt: null},
      }
    : {
        listing: () =>
          listingFromFile(parsed, seed, (start) => new ScriptedMarket(new Tape(start, scenario.events), scenario)),
        ...{market: 'file', end, endsAt: null},
      }
}
