import {existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {Desk} from '../../src/desk.ts'
import type {Fault} from '../../src/kernel/fault.ts'
import type {RunningSim} from '../../src/sim/serve.ts'
import {removeTree} from '../remove-tree.ts'
import {COINS, cycle, deskOf, fillLake, startVenue, tradeWorkspace, validate, venueAccount} from './paper-cycle.ts'

const {root, state} = tradeWorkspace()
let sim: RunningSim
let desk: Desk
const openDesks: Desk[] = []
const fresh = async (options = {}): Promise<Desk> => {
  const made = await deskOf(root, options)
  openDesks.push(made)
  return made
}

beforeAll(async () => {
  sim = await startVenue(state)
  desk = await fresh()
  await fillLake(desk, sim)
})
afterAll(async () => {
  for (const one of openDesks) await one.processes.stopStarted()
  await sim.stop()
  await removeTree(root)
})

/** Everything below the workspace, without the folders that only hold state. */
const tree = (): string[] =>
  (readdirSync(root, {recursive: true}) as string[]).filter((path) => !path.startsWith('data/state')).sort()

describe('a paper cycle', () => {
  it('without a validated hypothesis wants nothing, sends nothing and says so', async () => {
    const result = await cycle(desk)
    expect(result).toMatchObject({state: 'nothing', orders: [], asOf: '2026-11-01T00:00:00.000Z'})
    expect(await desk.processes.liveGuard()).toBeNull()
    expect(readFileSync(join(root, result.report!), 'utf8')).toMatch(/No hypothesis is admitted/)
  })

  it('plans without leaving anything', async () => {
    await validate(desk)
    const before = tree()
    const plan = await cycle(await fresh({dryRun: true}))
    expect(plan.state).toBe('planned')
    expect(plan.orders.filter(({status}) => status === 'planned')).toHaveLength(COINS.length)
    expect(plan.expectedCostUsd).toBeGreaterThan(0)
    expect(tree()).toEqual(before)
    expect(existsSync(join(state, 'guard.json'))).toBe(false)
  })

  it('ends with the venue holding exactly the executable targets', async () => {
    const result = await cycle(desk)
    expect(result).toMatchObject({state: 'done', differences: [], vetoes: []})
    expect(result.orders.length).toBe(COINS.length)
    const {positions, orders} = await venueAccount(sim, result.account!)
    expect(orders).toEqual([])
    for (const {coin, target, position, before, filled, side} of result.orders) {
      expect(Number(positions.get(coin) ?? 0)).toBe(Number(target))
      expect(position).toBe(target)
      expect(Number(before) + (side === 'sell' ? -1 : 1) * Number(filled)).toBeCloseTo(Number(target), 9)
    }
    expect(result.costs!.fees).toBeGreaterThan(0)
    expect(Math.abs(result.costs!.total)).toBeLessThan(100)
    // Orders above the router's cap go out in several children.
    expect(result.orders.some(({cloids}) => cloids.length > 1)).toBe(true)
    const report = readFileSync(join(root, result.report!), 'utf8')
    expect(report).toMatch(/^---\nartifact: trade-report@1\n/)
    expect(report).not.toMatch(/\/tmp\/|pid/)
  })

  it('run again at once finds every position where it should be', async () => {
    const again = await cycle(await fresh())
    expect(again.state).toBe('nothing')
    expect(again.orders.map(({status}) => status)).toEqual(COINS.map(() => 'untraded'))
    for (const {rule, target, position} of again.orders) {
      expect(rule?.id).toBeOneOf(['at_target', 'no_trade_band'])
      expect(target).toBe(position)
    }
  })

  it('refuses a second cycle on the same account', async () => {
    const lease = await desk.lease('trade-paper')
    await expect(cycle(await fresh())).rejects.toMatchObject({code: 'trade.lease_held', exitCode: 6})
    await lease.release()
  })

  it('tells a refusal with the control, the number and the limit, and leaves that asset alone', async () => {
    const limits = join(root, 'configs/risk_limits.yaml')
    const shipped = readFileSync(limits, 'utf8')
    writeFileSync(limits, shipped.replace('per_coin: {}', 'per_coin: {AGATE: 0.08}'))
    // A larger book: every position must grow.
    await validate(desk, {id: 'ten-day-drift', capital_usd: 40000})
    const result = await cycle(await fresh())
    writeFileSync(limits, shipped)
    const agate = result.orders.find(({coin}) => coin === 'AGATE')!
    expect(agate).toMatchObject({status: 'vetoed', filled: '0', rule: {id: 'C10'}})
    expect(agate.target).toBe(agate.position)
    expect(result.vetoes[0]).toMatchObject({control: 'C10', asset: 'AGATE'})
    expect(result.vetoes[0]!.says).toMatch(/^C10 position limit refused buy .* AGATE .*against a limit of/)
    expect(result.state).toBe('partial')
    for (const {coin, target, position} of result.orders) if (coin !== 'AGATE') expect(position).toBe(target)
  })

  it('asked to stop, cancels, reconciles and leaves nothing resting', async () => {
    await validate(desk, {id: 'ten-day-drift', capital_usd: 90000})
    let looks = 0
    const result = await cycle(await fresh(), {deadlineMs: 20_000, stopRequested: () => ++looks > 2})
    expect(result.state).toBe('stopped')
    expect(result.differences).toEqual([])
    expect((await venueAccount(sim, result.account!)).orders).toEqual([])
    // A slow machine crosses in the round in which the latch comes down: then the guard's own control refuses the orders.
    expect(result.orders.some(({rule}) => rule?.id === 'stopped' || rule?.id === 'C02')).toBe(true)
  })

  it('stops placing orders when the latch comes down in the middle of it', async () => {
    await validate(desk, {id: 'twenty-day-drift', capital_usd: 90000})
    let looks = 0
    const note = {id: 'h-test', cause: 'operator', reason: 'test', policy: 'cancel', at: '', uptime: '', boot: ''}
    const result = await cycle(await fresh(), {
      deadlineMs: 20_000,
      stopRequested: () => {
        if (++looks === 3) desk.latch.engage(note)
        return false
      },
    })
    expect(result.state).toBe('halted')
    // The latch comes down between the look at it and the crossing: whoever crosses in that round is refused by the guard.
    expect(result.orders.some(({rule}) => rule?.id === 'stopped' || rule?.id === 'C02')).toBe(true)
    expect(readFileSync(join(root, result.report!), 'utf8')).toMatch(/halted/)
  })

  it('refuses under the latch before it reads anything else', async () => {
    writeFileSync(join(root, 'configs/qo.yaml'), 'not: [valid')
    await expect(cycle(desk)).rejects.toMatchObject({code: 'trade.halted', exitCode: 7})
  })
})

describe('a cycle that must not start', () => {
  const refusal = async (change: (root: string) => void, mode: 'paper' | 'live' = 'paper'): Promise<Fault> => {
    const other = tradeWorkspace()
    change(other.root)
    const outcome = await cycle(await deskOf(other.root), {mode}).catch((cause: unknown) => cause)
    rmSync(other.root, {recursive: true, force: true})
    return outcome as Fault
  }
  const limits = (text: string) => (at: string) => writeFileSync(join(at, 'configs/risk_limits.yaml'), text)

  it.each([
    ['an empty limits file', limits(''), 'artifact.invalid', 3],
    ['a limits file of another shape', limits('artifact: risk-limits@1\n'), 'artifact.invalid', 3],
    ['no limits file', (at: string) => rmSync(join(at, 'configs/risk_limits.yaml')), 'artifact.missing', 3],
    [
      'a broken execution file',
      (at: string) => writeFileSync(join(at, 'configs/execution.yaml'), 'artifact: execution@1\nurgent: 1\n'),
      'artifact.invalid',
      3,
    ],
    [
      'a research venue',
      (at: string) => writeFileSync(join(at, 'configs/qo.yaml'), 'artifact: qo@1\nexchange: binance\n'),
      'trade.research_venue',
      2,
    ],
  ])('refuses with %s', async (_, change, code, exitCode) => {
    expect(await refusal(change)).toMatchObject({code, exitCode})
  })

  it('names what is missing for real orders and tries nothing', async () => {
    const fault = await refusal(() => undefined, 'live')
    expect(fault).toMatchObject({code: 'trade.mode_not_ready', exitCode: 3})
    expect(fault.why).toMatch(/permit[\s\S]*ritual[\s\S]*pilot/)
  })
})
