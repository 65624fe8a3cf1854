import {mkdirSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {RunningSim} from '../../src/sim/serve.ts'
import {
  aboveTouch,
  belowTouch,
  eventLog,
  guardJournal,
  haltState,
  holdings,
  intentFor,
  paperWorkspace,
  post,
  type RunningGuard,
  runGuard,
  startGuard,
  startVenue,
  touch,
  until,
  writeLimits,
} from './paper-desk.ts'

let desk: {root: string; state: string}
let sim: RunningSim
let guard: RunningGuard | null = null

beforeEach(async () => {
  desk = paperWorkspace()
  sim = await startVenue(desk.state)
})

afterEach(async () => {
  await guard?.stop('SIGKILL')
  guard = null
  await sim.stop()
})

const started = async (): Promise<RunningGuard> => {
  guard = await startGuard(desk)
  return guard
}

describe('the guard as a process', () => {
  it('keeps key and token to itself, says where it listens, and ends cleanly on SIGTERM', async () => {
    const {endpoint, stop} = await started()
    const modeOf = (path: string): string => (statSync(join(desk.state, path)).mode & 0o777).toString(8)
    expect([modeOf('guard'), modeOf('guard/key'), modeOf('guard/token')]).toEqual(['750', '400', '400'])
    expect(JSON.parse(readFileSync(join(desk.state, 'guard.json'), 'utf8'))).toEqual(endpoint)
    expect(readFileSync(join(desk.state, 'guard/key'), 'utf8').trim()).toMatch(/^0x[0-9a-f]{64}$/)
    guard = null
    expect(await stop()).toBe(0)
    expect(readdirSync(desk.state)).not.toContain('guard.json')
  })

  it('does not answer a client without the token', async () => {
    const {endpoint} = await started()
    const {connect} = await import('node:net')
    const said = await new Promise<string>((resolve) => {
      const socket = connect(endpoint.socket)
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        socket.write(
          `${JSON.stringify({type: 'hello', client: 'x', proof: '00'.repeat(32)})}\n{"id":1,"type":"status"}\n`,
        )
      })
      socket.on('close', () => resolve(text))
    })
    expect(said.trim().split('\n')).toHaveLength(1)
    expect(JSON.parse(said)).toMatchObject({type: 'challenge'})
  })

  it('writes verdict and signed bytes before the order leaves, and counts it once filled', async () => {
    const {port, endpoint} = await started()
    const intent = intentFor({coin: 'BTC', px: await aboveTouch(sim, 'BTC'), sz: '0.01', tif: 'Ioc'})
    const {results} = await port.request({type: 'submit', orders: [intent]})
    expect(results[0]).toMatchObject({verdict: {pass: true}, order: {phase: 'filled', filledSz: '0.01'}})
    expect((await holdings(sim, endpoint.account)).positions).toEqual({BTC: '0.01'})
    const kinds = (await guardJournal(desk.root)).map(({kind}) => kind)
    expect(kinds.filter((kind) => kind !== 'reconcile' && kind !== 'fill')).toEqual([
      'verdict',
      'send',
      'answer',
      'order',
    ])

    const {snapshot, fills} = await port.request({type: 'account'})
    expect(snapshot.positions).toMatchObject([{coin: 'BTC', szi: '0.01'}])
    expect(fills).toMatchObject([{cloid: intent.cloid, sz: '0.01', crossed: true}])
    expect((await port.request({type: 'account'})).fills).toEqual([])
  })

  it('refuses by control and sends nothing: too large, too far, not listed, twice', async () => {
    const {port, endpoint} = await started()
    const {bid} = await touch(sim, 'BTC')
    const below = await belowTouch(sim, 'BTC')
    const resting = intentFor({coin: 'BTC', px: below, sz: '0.001', tif: 'Alo'})
    const orders = [
      intentFor({coin: 'BTC', px: bid, sz: '10'}),
      intentFor({coin: 'BTC', px: '1', sz: '100'}),
      intentFor({coin: 'NOPE', px: '1', sz: '100'}),
      resting,
      resting,
    ]
    const {results} = await port.request({type: 'submit', orders})
    expect(results.map(({verdict}) => verdict.control)).toEqual(['C06', 'C08', 'C05', null, 'C17'])
    expect((await port.request({type: 'submit', orders: [resting]})).results[0]?.verdict.control).toBe('C17')
    expect((await holdings(sim, endpoint.account)).orders).toHaveLength(1)
    const {results: cancelled} = await port.request({type: 'cancel', cloids: [resting.cloid]})
    expect(cancelled).toMatchObject([{outcome: 'cancelled'}])
    expect((await port.request({type: 'order', cloid: resting.cloid})).order).toMatchObject({phase: 'cancelled'})
  })

  it('recognises a replayed intent after it was killed and started again', async () => {
    const first = await started()
    const intent = intentFor({coin: 'ETH', px: await belowTouch(sim, 'ETH'), sz: '0.1', tif: 'Alo'})
    await first.port.request({type: 'submit', orders: [intent]})
    await first.stop('SIGKILL')
    const second = await started()
    const {results} = await second.port.request({type: 'submit', orders: [intent]})
    expect(results[0]?.verdict.control).toBe('C17')
    expect((await second.port.request({type: 'sequence', strategy: 'test', bar: intent.bar, coin: 'ETH'})).next).toBe(1)
    expect((await holdings(sim, second.endpoint.account)).orders).toHaveLength(1)
  })
})

describe('an order without an answer', () => {
  it.each([
    ['ex.timeout.accepted', 1, 'open'],
    ['ex.timeout.dropped', 0, 'never_placed'],
    ['ex.500', undefined, undefined],
  ])('%s: exactly what the venue has is what the guard ends up saying', async (id, count, phase) => {
    const {port, endpoint} = await started()
    const px = await belowTouch(sim, 'BTC')
    await post(sim, '/_sim/fault', {id, scope: 'order', durMs: 8000})
    const {results} = await port.request({
      type: 'submit',
      orders: [intentFor({coin: 'BTC', px, sz: '0.001', tif: 'Alo'})],
    })
    const {orders} = await holdings(sim, endpoint.account)
    expect(results[0]?.order.phase).toBe(orders.length === 1 ? 'open' : 'never_placed')
    if (count !== undefined) expect([orders.length, results[0]?.order.phase]).toEqual([count, phase])
    expect((await port.request({type: 'status'})).unresolved).toBe(0)
    const sends = (await guardJournal(desk.root)).filter(({kind}) => kind === 'send')
    expect(sends).toHaveLength(1)
  })
})

describe('a halt', () => {
  it('cancels, flattens, verifies twice, and nothing passes afterwards', async () => {
    const {port, endpoint} = await started()
    const px = await aboveTouch(sim, 'BTC')
    await port.request({
      type: 'submit',
      orders: [
        intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'}),
        intentFor({coin: 'ETH', side: 'sell', px: await belowTouch(sim, 'ETH'), sz: '0.5', tif: 'Ioc'}),
        intentFor({coin: 'ETH', px: await belowTouch(sim, 'ETH'), sz: '0.1', tif: 'Alo'}),
      ],
    })
    expect(Object.keys((await holdings(sim, endpoint.account)).positions)).toEqual(['BTC', 'ETH'])

    const halt = await port.request({type: 'halt', cause: 'operator', reason: 'drill', policy: null})
    expect(halt).toMatchObject({latched: true, policy: 'flatten'})
    expect(readdirSync(join(desk.state, 'guard'))).toContain('HALT')
    const again = await port.request({type: 'halt', cause: 'operator', reason: 'again', policy: null})
    expect(again.id).toBe(halt.id)
    const refused = await port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.001'})]})
    expect(refused.results[0]?.verdict.control).toBe('C02')

    await until('clean', async () => (await port.request({type: 'status'})).state === 'HALTED_CLEAN')
    expect(await holdings(sim, endpoint.account)).toEqual({orders: [], positions: {}})
    const record = readFileSync(join(desk.root, `reports/risk/halt-${halt.id}.yaml`), 'utf8')
    expect(record).toMatch(/^artifact: halt@1\n/)
    expect(record).toContain('state: HALTED_CLEAN')
    expect(record.split('flattened:')[0]).toContain('coin: ETH')
    const states = (await eventLog(desk.state)).filter(({kind}) => kind === 'state').map(({body}) => body['state'])
    expect(states.at(0)).toBe('CANCELLING')
    expect(states.at(-1)).toBe('HALTED_CLEAN')
  })

  it('begins when somebody touches HALT from a shell, even as a folder', async () => {
    const {port} = await started()
    mkdirSync(join(desk.state, 'guard/HALT'))
    const refused = await port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px: '1', sz: '1'})]})
    expect(refused.results[0]?.verdict.control).toBe('C02')
    await until('clean', async () => (await haltState(desk.state)) === 'HALTED_CLEAN')
  })

  it('is taken up again by the next guard when this one is killed in the middle', async () => {
    const first = await started()
    const px = await aboveTouch(sim, 'BTC')
    await first.port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'})]})
    const {id} = await first.port.request({type: 'halt', cause: 'operator', reason: 'drill', policy: 'flatten'})
    await first.stop('SIGKILL')
    expect(await runGuard(desk.root, ['--halt']).exit).toBe(0)
    const clean = (await eventLog(desk.state)).findLast(({kind}) => kind === 'state')
    expect(clean?.body).toMatchObject({id, state: 'HALTED_CLEAN'})
    expect((await holdings(sim, first.endpoint.account)).positions).toEqual({})
  })

  it('begins by itself two seconds after the limits became unusable', async () => {
    const {port} = await started()
    writeLimits(desk.root, (text) => text.replace('leverage:', 'levrage:'))
    const refused = await port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px: '1', sz: '1'})]})
    expect(refused.results[0]?.verdict).toMatchObject({control: 'C01', action: 'halt'})
    await until('latched', async () => (await port.request({type: 'status'})).latched === true, 6000)
    expect((await eventLog(desk.state)).find(({kind}) => kind === 'engaged')?.body).toMatchObject({cause: 'limits'})
  })
})

describe('limits that cannot be used', () => {
  it('keep the guard from starting', async () => {
    writeLimits(desk.root, (text) => text.replace('gross: 2', 'gross: .nan'))
    const {line, exit} = runGuard(desk.root)
    expect(await line).toMatchObject({artifact: 'error@1', ok: false, error: {code: 'guard.no_limits'}})
    expect(await exit).toBe(3)
  })
})
