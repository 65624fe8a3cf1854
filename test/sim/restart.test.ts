import {spawn} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {openProcesses} from '../../src/io/processes.ts'
import {openVenue} from '../../src/io/venues/open-venue.ts'
import {HISTORY_END} from '../../src/sim/market/generated-history.ts'
import {first, startVenue, wire} from './venue-fixture.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'qo-sim-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

const accountFile = () => join(folder, 'sim-account.json')
const endpointFile = () => join(folder, 'sim.json')

describe('a venue that is stopped and started again', () => {
  it('has the same accounts, positions, open orders, nonces and clock', async () => {
    const before = await startVenue({stateDir: folder})
    const {bid, ask} = await before.touch('JADE')
    await before.act(before.order('JADE', true, '50', ask.px, 'Ioc'))
    const low = wire((Number(bid.px) * 0.9).toPrecision(4))
    const oid = first(await before.act(before.order('JADE', true, '60', low, 'Gtc'))).resting!.oid
    await before.control('step', {ms: 90_000})
    const nonce = before.sim.state.clock.now() + 10
    await before.act({type: 'noop'}, {nonce})
    const views = ['clearinghouseState', 'openOrders', 'userFills', 'userRateLimit', 'extraAgents']
    const seen = await Promise.all(views.map((type) => before.info({type, user: before.user})))
    await before.sim.stop()
    expect(existsSync(endpointFile())).toBe(false)
    expect(statSync(accountFile()).mode & 0o077).toBe(0)

    const after = await startVenue({stateDir: folder})
    try {
      expect(after.sim.state.clock.now()).toBe(HISTORY_END + 90_000)
      expect(await Promise.all(views.map((type) => after.info({type, user: after.user})))).toEqual(seen)
      expect((await after.act({type: 'noop'}, {nonce})).response).toBe(`Invalid nonce: duplicate nonce ${nonce}`)
      expect(first(await after.act(after.order('JADE', true, '60', low, 'Gtc'))).resting!.oid).toBeGreaterThan(oid)
      expect(await after.control('audit')).toMatchObject({ok: true, breaches: []})
    } finally {
      await after.sim.stop()
    }
  })

  it('has a trade on disk before it acknowledges it', async () => {
    const venue = await startVenue({stateDir: folder})
    try {
      const {ask} = await venue.touch('JADE')
      await venue.act(venue.order('JADE', true, '50', ask.px, 'Ioc'))
      expect(readFileSync(accountFile(), 'utf8')).toContain('Open Long')
    } finally {
      await venue.sim.stop()
    }
  })

  it('refuses the accounts of another price path, and a file it cannot read', async () => {
    await (await startVenue({stateDir: folder})).sim.stop()
    await expect(startVenue({stateDir: folder, seed: 8})).rejects.toMatchObject({
      code: 'sim.other_market',
      exitCode: 3,
    })
    writeFileSync(accountFile(), '{"artifact":"sim-acc')
    await expect(startVenue({stateDir: folder})).rejects.toMatchObject({code: 'sim.state_corrupt', exitCode: 3})
  })

  it('refuses to run twice on one set of accounts', async () => {
    const venue = await startVenue({stateDir: folder})
    try {
      await expect(startVenue({stateDir: folder})).rejects.toMatchObject({code: 'sim.already_running', exitCode: 6})
    } finally {
      await venue.sim.stop()
    }
  })
})

describe('paper trading on recorded prices', () => {
  it('goes on from the last recorded price at the close of the newest bar', async () => {
    const end = Date.parse('2025-03-01T00:00:00Z')
    const bars = Array.from({length: 60}, (_, i) => {
      const close = 100 + Math.sin(i)
      return {ts: end - (60 - i) * 86_400_000, open: close, high: close * 1.02, low: close * 0.98, close, volume: 1e6}
    })
    const path = join(folder, 'history.json')
    const asset = {name: 'SOL', sz_decimals: 2, max_leverage: 20, last_px: 101.23, interval: '1d', bars}
    writeFileSync(path, JSON.stringify({artifact: 'sim-history@1', end: new Date(end).toISOString(), assets: [asset]}))
    const venue = await startVenue({history: path})
    try {
      expect(await venue.info({type: 'exchangeStatus'})).toMatchObject({time: end})
      const {bid, ask} = await venue.touch('SOL')
      expect(Number(bid.px)).toBeGreaterThan(100)
      expect(Number(ask.px)).toBeLessThan(102.5)
      const candles = await venue.info<unknown[]>({
        type: 'candleSnapshot',
        req: {coin: 'SOL', interval: '1d', startTime: 0, endTime: end},
      })
      expect(candles).toHaveLength(61)
      const filled = first(await venue.act(venue.order('SOL', true, '10', ask.px, 'Ioc'))).filled
      expect(filled!.totalSz).toBe('10.0')
    } finally {
      await venue.sim.stop()
    }
  })

  it('says why a history file is not one', async () => {
    const path = join(folder, 'history.json')
    writeFileSync(path, '{"artifact":"sim-history@1"}')
    await expect(startVenue({history: path})).rejects.toMatchObject({code: 'sim.history_invalid', exitCode: 3})
  })
})

describe('the venue as a child process', () => {
  it('is started, found, read through the venue port, and gone when stopped', async () => {
    const processes = openProcesses(folder, folder)
    expect(await processes.liveSim()).toBeNull()
    await expect(openVenue('sim', folder)).rejects.toMatchObject({code: 'venue.not_running', exitCode: 6})
    const endpoint = await processes.startSim({scenario: 'calm', seed: 7})
    expect(await processes.liveSim()).toEqual(endpoint)
    const venue = await openVenue('sim', folder)
    expect(await venue.info({type: 'exchangeStatus'})).toHaveProperty('time')
    await processes.stopStarted()
    expect(await processes.liveSim()).toBeNull()
    expect(existsSync(endpointFile())).toBe(false)
    expect(existsSync(accountFile())).toBe(true)
  })

  it('passes its own Fault on, with its code and exit status', async () => {
    const processes = openProcesses(folder, folder)
    await expect(processes.startSim({scenario: 'nowhere', seed: 7})).rejects.toMatchObject({
      code: 'sim.unknown_scenario',
      exitCode: 2,
    })
  })

  it('that was killed is not live, whatever its endpoint file says', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    const endpoint = {url: 'http://127.0.0.1:9', scenario: 'demo', seed: 7, network: 'testnet', weightPerMinute: 1200}
    writeFileSync(endpointFile(), JSON.stringify({artifact: 'sim-endpoint@1', ...endpoint, pid: child.pid}))
    const processes = openProcesses(folder, folder)
    expect(await processes.liveSim()).toBeNull()
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    expect(await processes.liveSim()).toBeNull()
    writeFileSync(endpointFile(), 'not json')
    expect(await processes.liveSim()).toBeNull()
  })
})
