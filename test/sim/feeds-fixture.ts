import {afterEach} from 'vitest'
import {type Client, connect} from './socket-client.ts'
import {startVenue} from './venue-fixture.ts'

export type Venue = Awaited<ReturnType<typeof startVenue>>
export interface Trade {
  readonly coin: string
  readonly side: string
  readonly px: string
  readonly sz: string
  readonly time: number
  readonly tid: number
}
export interface Logged {
  readonly dir: string
  readonly channel: string | null
  readonly coin: string | null
  readonly text: string
  readonly sent: boolean
  readonly fault: string | null
  readonly time: number
}

const clients: Client[] = []
const venues: Venue[] = []
afterEach(async () => {
  for (const one of clients.splice(0)) one.end()
  for (const venue of venues.splice(0)) await venue.sim.stop()
})

/** A stepped venue whose frames arrive at once. Stopped after the test. */
export async function start(options: Parameters<typeof startVenue>[0] = {}): Promise<Venue> {
  const venue = await startVenue({delivery: 'fast', ...options})
  venues.push(venue)
  return venue
}

export async function client(venue: Venue): Promise<Client> {
  const one = await connect(venue.url)
  clients.push(one)
  return one
}

/** Let venue time pass and everything arrive. */
export async function pass(venue: Venue, one: Client, ms: number): Promise<void> {
  await venue.control('step', {ms})
  await one.settled()
}

export const tape = async (venue: Venue, coin: string, from: number, to: number): Promise<Trade[]> =>
  (await venue.control<{trades: Trade[]}>('tape', {coin, from, to})).trades

export const keyOf = ({coin, time, tid}: Trade): string => `${coin}|${time}|${tid}`

export const tradesOf = (one: Client): Trade[] => one.frames('trades').flatMap(({data}) => data as Trade[])

export const logOf = async (venue: Venue): Promise<Logged[]> =>
  (await venue.control<{entries: Logged[]}>('log', {limit: 20_000})).entries

/** A venue and one client that listens to these. */
export async function listening(subscriptions: readonly object[], options: Parameters<typeof startVenue>[0] = {}) {
  const venue = await start(options)
  const one = await client(venue)
  for (const subscription of subscriptions) await one.subscribe(subscription)
  return {venue, one}
}
