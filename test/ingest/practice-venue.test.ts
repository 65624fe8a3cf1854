import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Candles, Funding} from '../../src/contracts/market.ts'
import type {Desk} from '../../src/desk.ts'
import {systemClock} from '../../src/io/clock.ts'
import {ingest} from '../../src/operations/ingest.ts'
import {startVenue} from '../sim/venue-fixture.ts'
import {deskAt, newWorkspace, removeWorkspace} from './workspace.ts'

let root: string
let desk: Desk
let venue: Awaited<ReturnType<typeof startVenue>>
beforeEach(async () => {
  venue = await startVenue()
  root = newWorkspace('sim')
  process.env['QO_BUDGET_DIR'] = join(root, 'budget')
  mkdirSync(join(root, 'data/state'), {recursive: true})
  writeFileSync(join(root, 'data/state/sim.json'), JSON.stringify(venue.sim.endpoint))
  desk = {...(await deskAt(root)), clock: {...systemClock, now: () => venue.sim.state.clock.now()}}
})
afterEach(async () => {
  delete process.env['QO_BUDGET_DIR']
  await venue.sim.stop()
  removeWorkspace(root)
})

const count = async (table: typeof Candles | typeof Funding, interval?: string): Promise<number> => {
  const scope = {venue: 'sim', asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'} as const, columns: []}
  return (await desk.lake.read({...scope, table, ...(interval ? {interval} : {}), holes: 'allow'})).count
}

describe('ingest from the practice venue', () => {
  it('brings the coins asked for, and an hour later only what is new', async () => {
    const few = {coins: ['BTC', 'JADE'], intervals: ['1h']} as const
    const first = await ingest(desk, few)
    expect(first).toMatchObject({failed: [], warnings: [], quarantined: 0, coins: 2})
    expect(first.tables.map(({table, gaps}) => [table, gaps])).toEqual([
      ['universe', 0],
      ['restrictions', 0],
      ['asset_ctx', 0],
      ['candles', 0],
      ['funding', 0],
    ])
    const [bars, payments] = [await count(Candles, '1h'), await count(Funding)]
    await venue.control('step', {ms: 3_600_000})
    await ingest(desk, few)
    expect([await count(Candles, '1h'), await count(Funding)]).toEqual([bars + 2, payments + 2])
  })

  it('gets through 429 and 500 without losing a row', async () => {
    await venue.control('fault', {id: 'http.429', after: 3, count: 1})
    await venue.control('fault', {id: 'info.500', after: 6, count: 2})
    const asked = {tables: ['candles'], intervals: ['1d']} as const
    expect(await ingest(desk, asked)).toMatchObject({failed: [], warnings: []})
    const whole = await count(Candles, '1d')
    expect(whole).toBeGreaterThan(1000)
    expect(await ingest(desk, asked)).toMatchObject({added: 0, revised: 0})
    expect(await count(Candles, '1d')).toBe(whole)
  })
})
