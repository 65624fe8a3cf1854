import {spawn} from 'node:child_process'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Random} from '../../src/kernel/random.ts'
import type {RunningSim} from '../../src/sim/serve.ts'
import {
  aboveTouch,
  belowTouch,
  eventLog,
  guardJournal,
  haltState,
  holdings,
  info,
  intentFor,
  paperWorkspace,
  post,
  runGuard,
  startGuard,
  startVenue,
  until,
} from '../guard/paper-desk.ts'

const repository = join(import.meta.dirname, '../..')
const TSX = import.meta.resolve('tsx')
let desk: {root: string; state: string}
let sim: RunningSim

beforeEach(async () => {
  desk = paperWorkspace()
  sim = await startVenue(desk.state)
})
afterEach(() => sim.stop())

function qo(...args: string[]): Promise<{status: number | null; json: Record<string, unknown>}> {
  return new Promise((resolve) => {
    const command = ['--import', TSX, join(repository, 'bin/dev.js'), ...args, '--root', desk.root, '--json']
    const child = spawn(process.execPath, command, {stdio: ['ignore', 'pipe', 'inherit']})
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.on('close', (status) => resolve({status, json: JSON.parse(out)}))
  })
}

describe('twenty operators engage at once', () => {
  it('runs one sequence under one id, and every one of them exits 0', async () => {
    const guard = await startGuard(desk)
    const px = await aboveTouch(sim, 'BTC')
    await guard.port.request({type: 'submit', orders: [intentFor({coin: 'BTC', px, sz: '0.02', tif: 'Ioc'})]})
    await guard.stop('SIGKILL')
    const answers = await Promise.all(
      Array.from({length: 20}, (_, i) => qo('killswitch', 'engage', '--reason', `hand-${i}`)),
    )
    expect(new Set(answers.map(({json}) => json['id'])).size).toBe(1)
    expect(answers.map(({status}) => status)).toEqual(answers.map(() => 0))
    expect(answers.filter(({json}) => json['joined'] === false)).toHaveLength(1)
    await until('clean', async () => (await haltState(desk.state)) === 'HALTED_CLEAN', 120_000)
    const engaged = (await eventLog(desk.state)).filter(({kind}) => kind === 'engaged')
    expect(engaged).toHaveLength(1)
    expect(readdirSync(join(desk.root, 'reports/risk'))).toHaveLength(1)
    expect((await holdings(sim, guard.endpoint.account)).positions).toEqual({})
  })
})

describe('the guard is killed again and again in the middle of a halt', () => {
  it('ends clean, and the venue holds no order and no position', async () => {
    const chance = new Random('kill-the-halting-guard')
    const guard = await startGuard(desk)
    for (const coin of ['BTC', 'ETH']) {
      const px = await aboveTouch(sim, coin)
      const sz = coin === 'BTC' ? '0.05' : '0.5'
      const resting = intentFor({coin, px: await belowTouch(sim, coin), sz, tif: 'Alo'})
      await guard.port.request({type: 'submit', orders: [intentFor({coin, px, sz, tif: 'Ioc'}), resting]})
    }
    const {id} = await guard.port.request({type: 'halt', cause: 'operator', reason: 'drill', policy: 'flatten'})
    await guard.stop('SIGKILL')
    for (let i = 0; i < 12; i++) {
      const {child, exit} = runGuard(desk.root, ['--halt'])
      const timer = setTimeout(() => child.kill('SIGKILL'), 400 + chance.below(2600))
      await exit
      clearTimeout(timer)
    }
    expect(await runGuard(desk.root, ['--halt']).exit).toBe(0)
    expect((await eventLog(desk.state)).findLast(({kind}) => kind === 'state')?.body).toMatchObject({
      id,
      state: 'HALTED_CLEAN',
    })
    expect(await holdings(sim, guard.endpoint.account)).toEqual({orders: [], positions: {}})
  })
})

describe('a hundred and twenty orders under faults', () => {
  it('leaves no duplicate, no ghost and nothing unknown', async () => {
    const chance = new Random('orders-under-faults')
    const guard = await startGuard(desk)
    const faults = ['ex.timeout.accepted', 'ex.timeout.dropped', 'ex.500', 'ex.reply.slow', 'http.429', 'info.500']
    const sent: string[] = []
    for (let i = 0; i < 120; i++) {
      const coin = chance.unit() < 0.5 ? 'BTC' : 'ETH'
      const intent = intentFor({
        coin,
        px: await belowTouch(sim, coin),
        sz: coin === 'BTC' ? '0.001' : '0.02',
        tif: 'Alo',
      })
      if (chance.unit() < 0.35) {
        const id = faults[chance.below(faults.length)]!
        const scope = id.startsWith('ex.') ? {scope: 'order'} : {}
        await post(sim, '/_sim/fault', {id, ...scope, durMs: 5500})
      }
      const {results} = await guard.port.request({type: 'submit', orders: [intent]})
      if (results[0]?.verdict.pass) sent.push(intent.cloid)
      await post(sim, '/_sim/fault/clear', {})
      if (sent.length % 10 === 0) await guard.port.request({type: 'cancel', cloids: sent.slice(-10)})
    }
    const {account} = guard.endpoint
    for (const cloid of sent) {
      const {order} = await guard.port.request({type: 'order', cloid})
      const truth = (await info(sim, {type: 'orderStatus', user: account, oid: cloid})) as {
        status: string
        order?: {status: string}
      }
      const isThere = truth.status === 'order'
      expect([cloid, isThere]).toEqual([cloid, !['never_placed', 'expired', 'rejected'].includes(order!.phase)])
      expect(order!.phase).not.toBe('unknown')
    }
    expect((await guard.port.request({type: 'status'})).unresolved).toBe(0)
    const history = (await guardJournal(desk.root)).filter(({kind}) => kind === 'send')
    expect(new Set(history.map(({body}) => body['nonce'])).size).toBe(history.length)
    await guard.stop()
  })
})
