import {readFile} from 'node:fs/promises'
import {SimHistory} from '../contracts/venue.ts'
import {Fault} from '../kernel/fault.ts'
import {listingFromFile} from './history-file.ts'
import {generatedListing, type ListedAsset, replayListing} from './listing.ts'
import {HISTORY_END} from './market/generated-history.ts'
import {readRecording} from './market/replay-recording.ts'
import type {Scenario} from './scenario.ts'

export interface MarketChoice {
  readonly seed: number
  /** a sim-history@1 file to go on from instead of the generated market */
  readonly history?: string
  /** folder of recorded books and trades to play instead of a generated market */
  readonly replay?: string
}

export interface OpenedMarket {
  readonly listing: readonly ListedAsset[]
  /** names the price path in the saved accounts */
  readonly market: string
  /** the earliest instant the venue can start at */
  readonly end: number
  /** last instant the market knows; null when it goes on for ever */
  readonly endsAt: number | null
}

/**
 * The market of a venue: a recording, a file of bars that goes on, or the generated one.
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
  const listing = generatedListing(seed, scenario)
  // Events and more contracts make other prices: a position of one market means nothing on the other.
  const isPlain = scenario.events.length === 0 && scenario.contracts === undefined
  return {listing, market: `${isPlain ? 'generated' : scenario.name}:${seed}`, end: HISTORY_END, endsAt: null}
}

/** Venue time starts at the first book: what was recorded before it is history. */
async function openRecording(folder: string, seed: number): Promise<OpenedMarket> {
  const coins = await readRecording(folder)
  const first = Math.min(...coins.map(({books}) => books.times[0]!))
  const last = Math.max(...coins.flatMap(({books, trades}) => [books.times.at(-1)!, trades.at(-1)?.time ?? 0]))
  const market = `replay:${coins.map(({name}) => name).join('+')}:${first}-${last}`
  return {listing: replayListing(coins, seed), market, end: first, endsAt: last}
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
  const listing = listingFromFile(parsed, seed, scenario)
  return {listing, market: 'file', end: Date.parse(parsed.end), endsAt: null}
}
