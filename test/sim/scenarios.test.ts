import {describe, expect, it} from 'vitest'
import {FAULT_IDS} from '../../src/sim/fault-catalogue.ts'
import {client, listening, pass, start, type Venue} from './feeds-fixture.ts'

const MINUTE_MS = 60_000
const mid = async (venue: Venue, coin: string): Promise<number> =>
  Number((await venue.info<Record<string, string>>({type: 'allMids'}))[coin])
const shown = async (venue: Venue, coin: string): Promise<number> => {
  const {levels} = await venue.info<{levels: {sz: string}[][]}>({type: 'l2Book', coin})
  return levels.flat().reduce((sum, {sz}) => sum + Number(sz), 0)
}

describe('a scenario', () => {
  it('crashes every price by 8 % in 90 seconds on a tenth of the book', async () => {
    const venue = await start({scenario: 'flash-crash'})
    const calm = await start({scenario: 'calm'})
    await venue.control('step', {ms: MINUTE_MS - 1000})
    await calm.control('step', {ms: MINUTE_MS - 1000})
    const before = await mid(venue, 'JADE')
    expect(before).toBe(await mid(calm, 'JADE'))
    for (const one of [venue, calm]) await one.control('step', {ms: 91_500})
    const [crashed, untouched] = [await mid(venue, 'JADE'), await mid(calm, 'JADE')]
    expect(crashed / untouched).toBeGreaterThan(0.915)
    expect(crashed / untouched).toBeLessThan(0.925)
    expect((await shown(venue, 'JADE')) / (await shown(calm, 'JADE'))).toBeCloseTo(0.1, 1)
  })

  it('trends: every price gains a per cent an hour on the same path without a trend', async () => {
    const [venue, calm] = [await start({scenario: 'trend'}), await start({scenario: 'calm'})]
    for (const one of [venue, calm]) await one.control('step', {ms: 600 * MINUTE_MS})
    expect((await mid(venue, 'BTC')) / (await mid(calm, 'BTC'))).toBeCloseTo(Math.exp(0.1), 2)
  })

  it('spikes funding at the first settlement, three minutes after its start', async () => {
    const venue = await start({scenario: 'funding-spike'})
    const from = venue.sim.state.clock.now()
    await venue.control('step', {ms: 4 * MINUTE_MS})
    const rows = await venue.info<{fundingRate: string; premium: string}[]>({
      type: 'fundingHistory',
      coin: 'BTC',
      startTime: from,
    })
    expect(Number(rows[0]!.fundingRate)).toBeGreaterThan(0.003)
  })

  it('is out for two minutes: sockets torn, handshakes and requests refused, then all is well', async () => {
    const {one, venue} = await listening([{type: 'bbo', coin: 'BTC'}], {scenario: 'venue-outage'})
    await venue.control('step', {ms: 31_000})
    expect((await one.closed()).code).toBe(1006)
    await expect(client(venue)).rejects.toThrow('HTTP 502')
    expect((await venue.post('/info', {type: 'meta'})).status).toBe(502)
    await venue.control('step', {ms: 120_000})
    expect((await client(venue)).isOpen()).toBe(true)
    expect((await venue.post('/info', {type: 'meta'})).status).toBe(200)
  })

  it('delists a contract after a minute', async () => {
    const venue = await start({scenario: 'delisting'})
    const isDelisted = async (): Promise<boolean | undefined> => {
      const {universe} = await venue.info<{universe: {name: string; isDelisted?: true}[]} & Record<string, unknown>>({
        type: 'meta',
      })
      return universe.find(({name}) => name === 'JADE')!.isDelisted
    }
    expect(await isDelisted()).toBeUndefined()
    await venue.control('step', {ms: MINUTE_MS})
    expect(await isDelisted()).toBe(true)
  })

  it('has 178 contracts that trade, and 600–750 frames a second for one who wants them all', async () => {
    const venue = await start({scenario: 'wide'})
    const {universe} = await venue.info<{universe: {name: string; isDelisted?: true}[]} & Record<string, unknown>>({
      type: 'meta',
    })
    const coins = universe.filter(({isDelisted}) => !isDelisted).map(({name}) => name)
    expect(coins).toHaveLength(178)
    const one = await client(venue)
    for (const coin of coins) {
      for (const subscription of [
        {type: 'l2Book', coin, fast: true},
        ...['bbo', 'trades', 'activeAssetCtx'].map((type) => ({type, coin})),
      ]) {
        one.send({method: 'subscribe', subscription})
      }
    }
    await one.settled()
    const before = one.texts.length
    await pass(venue, one, 20_000)
    const perSecond = (one.texts.length - before) / 20
    expect(perSecond).toBeGreaterThan(600)
    expect(perSecond).toBeLessThan(750)
  })
})

describe('chaos', () => {
  /** Faults the venue itself can show; those of orders belong to another scenario. */
  const EXPECTED = FAULT_IDS.filter((id) => !id.startsWith('ex.') && !id.startsWith('info.'))

  it('arms each kind of fault within five minutes, at other times for another seed', async () => {
    const armed = async (seed: number): Promise<{id: string; at: number}[]> => {
      const venue = await start({scenario: 'chaos', seed})
      const {faults} = await venue.control<{faults: {request: {id: string; at: number}}[]}>('state')
      const begin = venue.sim.state.clock.now()
      return faults.map(({request: {id, at}}) => ({id, at: at - begin}))
    }
    const plan = await armed(7)
    expect(new Set(plan.map(({id}) => id))).toEqual(new Set(EXPECTED))
    expect(Math.max(...plan.map(({at}) => at))).toBeLessThan(5 * MINUTE_MS)
    expect(await armed(7)).toEqual(plan)
    expect(await armed(8)).not.toEqual(plan)
  })

  it('strikes a client that comes back and asks with every kind, and the client can go on', async () => {
    const venue = await start({scenario: 'chaos'})
    const begin = venue.sim.state.clock.now()
    const subscriptions = [
      {type: 'l2Book', coin: 'BTC', fast: true},
      {type: 'bbo', coin: 'BTC'},
      {type: 'trades', coin: 'BTC'},
      {type: 'candle', coin: 'BTC', interval: '1m'},
    ]
    // Two seconds of venue time at a time: whoever lost the socket, or hears nothing, dials again.
    let one: Awaited<ReturnType<typeof client>> | null = null
    let silent = 0
    for (let now = begin; now < begin + 6 * MINUTE_MS; now += 2000) {
      if (one === null || !one.isOpen()) {
        silent = 0
        const dialled = client(venue).catch(() => null)
        one = await Promise.race([dialled, new Promise<null>((resolve) => setTimeout(() => resolve(null), 100))])
        for (const subscription of subscriptions) one?.send({method: 'subscribe', subscription})
      }
      const before = one?.texts.length ?? 0
      await venue.control('step', {ms: 2000})
      await venue.post('/info', {type: 'allMids'})
      silent = (one?.texts.length ?? 0) > before ? 0 : silent + 1
      if (silent >= 3) {
        one?.end()
        one = null
      }
    }
    const {faults} = await venue.control<{faults: {request: {id: string; at: number}; hits: number}[]}>('state')
    const first = faults.filter(({request}) => request.at < begin + 5 * MINUTE_MS)
    const met = new Set(first.filter(({hits}) => hits > 0).map(({request}) => request.id))
    expect([...EXPECTED].filter((id) => !met.has(id))).toEqual([])
  })
})
