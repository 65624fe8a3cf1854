import {afterEach, describe, expect, it} from 'vitest'
import {type Client, connect, type Received} from './socket-client.ts'
import {startVenue} from './venue-fixture.ts'

type Venue = Awaited<ReturnType<typeof startVenue>>
interface Trade {
  readonly coin: string
  readonly px: string
  readonly sz: string
  readonly time: number
  readonly tid: number
}

const open: {end: () => void}[] = []
const venues: Venue[] = []
afterEach(async () => {
  for (const client of open.splice(0)) client.end()
  for (const venue of venues.splice(0)) await venue.sim.stop()
})

async function start(options: Parameters<typeof startVenue>[0] = {}): Promise<Venue> {
  const venue = await startVenue({delivery: 'fast', ...options})
  venues.push(venue)
  return venue
}
async function client(venue: Venue): Promise<Client> {
  const one = await connect(venue.url)
  open.push(one)
  return one
}
/** Let venue time pass and everything arrive. */
async function pass(venue: Venue, one: Client, ms: number): Promise<void> {
  await venue.control('step', {ms})
  await one.settled()
}
const tape = async (venue: Venue, coin: string, from: number, to: number): Promise<Trade[]> =>
  (await venue.control<{trades: Trade[]}>('tape', {coin, from, to})).trades
const keyOf = ({coin, time, tid}: Trade): string => `${coin}|${time}|${tid}`
const trades = (one: Client): Trade[] => one.frames('trades').flatMap(({data}) => data as Trade[])
const times = (frames: readonly Received[]): number[] => frames.map(({data}) => (data as {time: number}).time)

describe('a subscription', () => {
  it('is acknowledged with the defaults filled in before its first frame', async () => {
    const venue = await start()
    const one = await client(venue)
    const ack = await one.subscribe({type: 'l2Book', coin: 'BTC'})
    expect(ack.data).toEqual({
      method: 'subscribe',
      subscription: {type: 'l2Book', coin: 'BTC', nSigFigs: null, mantissa: null, fast: false},
    })
    await pass(venue, one, 100)
    expect(
      one
        .frames()
        .map(({channel}) => channel)
        .slice(0, 2),
    ).toEqual(['subscriptionResponse', 'l2Book'])
  })

  it('to trades starts with recent ones and then carries every trade of the tape once', async () => {
    const venue = await start()
    const one = await client(venue)
    const from = venue.sim.state.clock.now()
    await one.subscribe({type: 'trades', coin: 'BTC'})
    for (const ms of [1, 777, 30_000, 61_111]) await pass(venue, one, ms)
    const to = times(one.frames('trades').map(({data}) => ({channel: '', data: (data as Trade[]).at(-1)}))).at(-1)! + 1
    const happened = (await tape(venue, 'BTC', from, to)).map(keyOf)
    const live = trades(one).filter(({time}) => time >= from)
    expect(happened.length).toBeGreaterThan(500)
    expect(new Set(live.map(keyOf))).toEqual(new Set(happened))
    expect(one.frames('trades')[0]!.data).toHaveLength(30)
  })
})

describe('the wire log', () => {
  it('holds every frame in and out', async () => {
    const venue = await start()
    const one = await client(venue)
    await one.subscribe({type: 'bbo', coin: 'ETH'})
    await pass(venue, one, 3000)
    const {entries} = await venue.control<{entries: {dir: string; text: string; sent: boolean}[]}>('log')
    expect(entries.filter(({dir}) => dir === 'out').map(({text}) => text)).toEqual(one.texts)
    expect(entries.filter(({dir}) => dir === 'in')).toHaveLength(2)
  })
})
