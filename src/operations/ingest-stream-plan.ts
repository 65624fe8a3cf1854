import {SelectedAssets} from '../contracts/selection.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {Interval} from '../kernel/instant.ts'
import {parseDuration} from '../kernel/instant.ts'
import {nearestName} from '../kernel/nearest-name.ts'
import {type Channel, type Stream, streamsOf} from '../sensory/stream/streams.ts'
import type {Listed} from '../sensory/venue-rows.ts'
import {readIngestConfig} from './read-lake.ts'

/** What the command line asks for; null and empty mean as in configs/ingest.yaml. */
export interface StreamRequest {
  readonly forMs: number | null
  /** epoch ms */
  readonly until: number | null
  readonly coins: readonly string[]
  readonly fromSelected: boolean
  readonly channels: readonly Channel[]
  readonly commitEveryMs: number | null
  readonly connectTimeoutMs: number
  readonly stopRequested: () => boolean
}

export interface StreamPlan {
  readonly venue: string
  readonly channels: readonly Channel[]
  readonly intervals: readonly Interval[]
  readonly coins: readonly string[]
  readonly streams: readonly Stream[]
  /** coins were not named: one that is listed later is taken up */
  readonly followsListing: boolean
  readonly commitEveryMs: number
}

/** Subscriptions that the venue allows an address; all of them fit one socket. */
const MOST_STREAMS = 1000

/**
 * Which streams to record. Every coin is looked up in the venue's own list first, by its exact name: one wrong coin in a
 * subscription kills the whole socket without a word.
 *
 * @throws Fault `stream.unknown_coin` `stream.delisted` `stream.too_many` `stream.no_coins` (usage);
 *         `artifact.missing` (contract) without a selection
 */
export async function planStreams(
  desk: Desk,
  venue: string,
  listed: readonly Listed[],
  request: StreamRequest,
): Promise<StreamPlan> {
  const {stream, coins: configured} = await readIngestConfig(desk)
  const named = request.fromSelected ? await selectedCoins(desk, venue) : request.coins
  const asked = named.length > 0 ? named : configured
  const live = listed.filter(({delisted}) => !delisted).map(({coin}) => coin)
  // Only a coin that was typed or selected must be there: a configured list outlives a delisting.
  const coins = asked.length === 0 ? live : named.length > 0 ? asked : asked.filter((coin) => live.includes(coin))
  for (const coin of coins) if (!live.includes(coin)) throw notRecordable(coin, venue, listed, live)
  if (coins.length === 0) throw noCoins(venue)
  const channels = request.channels.length > 0 ? request.channels : stream.channels
  const intervals = stream.intervals as Interval[]
  const streams = streamsOf([...new Set(coins)], channels, intervals)
  if (streams.length > MOST_STREAMS) throw tooMany(streams.length, coins.length)
  return {
    venue,
    channels,
    intervals,
    coins: [...new Set(coins)],
    streams,
    followsListing: asked.length === 0,
    commitEveryMs: request.commitEveryMs ?? parseDuration(stream.commit_every),
  }
}

async function selectedCoins(desk: Desk, venue: string): Promise<string[]> {
  const {selected} = await desk.files.read(SelectedAssets)
  const prefix = `${venue}:`
  const coins = selected.map(({asset}) => (asset.startsWith(prefix) ? asset.slice(prefix.length) : asset))
  if (coins.length === 0) throw noCoins(venue)
  return coins
}

function notRecordable(coin: string, venue: string, listed: readonly Listed[], live: readonly string[]): Fault {
  if (listed.some((one) => one.coin === coin)) {
    return new Fault('stream.delisted', {
      family: 'usage',
      what: `${venue} has delisted ${coin}; nothing was connected.`,
      why: 'A delisted coin sends no market: its history comes by REST.',
      next: [`qo ingest --coins ${coin}`, 'leave it out of --coins'],
    })
  }
  const near = nearestName(coin, live)
  return new Fault('stream.unknown_coin', {
    family: 'usage',
    what: `${venue} lists no '${coin}'; nothing was connected.`,
    why: `Names are the venue's own, with their case, and one wrong name in a subscription ends the whole socket.${
      near === null ? '' : ` The nearest name is ${near}.`
    }`,
    next: [...(near === null ? [] : [`qo ingest stream --coins ${near}`]), 'check the name against the venue'],
  })
}

const noCoins = (venue: string): Fault =>
  new Fault('stream.no_coins', {
    family: 'usage',
    what: `There is no coin of ${venue} to record.`,
    why: 'None of the coins asked for, or in configs/ingest.yaml, is listed there now.',
    next: ['name some with --coins', 'check coins in configs/ingest.yaml'],
  })

const tooMany = (streams: number, coins: number): Fault =>
  new Fault('stream.too_many', {
    family: 'usage',
    what: `${coins} coins make ${streams} subscriptions; nothing was connected.`,
    why: `The venue allows ${MOST_STREAMS} an address.`,
    next: ['fewer coins with --coins or --from-selected', 'fewer channels with --channels, or fewer candle intervals'],
  })
