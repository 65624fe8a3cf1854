import {existsSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, expect, it} from 'vitest'
import {cycle, deskOf, fillLake, startVenue, tradeWorkspace, validate} from './paper-cycle.ts'

const {root, state} = tradeWorkspace('hyperliquid')
const elsewhere = tradeWorkspace()
afterAll(() => {
  rmSync(root, {recursive: true, force: true})
  rmSync(elsewhere.root, {recursive: true, force: true})
})

it('trades recorded prices of another venue on paper, by itself, and goes on from the account it left', async () => {
  const source = await startVenue(elsewhere.state)
  const desk = await deskOf(root)
  await fillLake(desk, source, 'hyperliquid')
  await source.stop()
  await validate(desk)

  const first = await cycle(desk)
  await desk.processes.stopStarted()
  expect(first).toMatchObject({state: 'done', venue: 'hyperliquid', differences: []})
  expect(first.asOf).toBe('2026-11-01T00:00:00.000Z')
  for (const {position, target, wanted} of first.orders) expect([position, target]).toEqual([wanted, wanted])
  // Venue and guard were its own: both are gone, and the account is kept.
  for (const file of ['sim.json', 'guard.json']) expect(existsSync(join(state, file))).toBe(false)

  const again = await deskOf(root)
  const second = await cycle(again)
  await again.processes.stopStarted()
  expect(second).toMatchObject({state: 'nothing', account: first.account, differences: []})
  for (const order of second.orders) {
    expect(order.position).toBe(first.orders.find(({coin}) => coin === order.coin)!.position)
  }
}, 120_000)
