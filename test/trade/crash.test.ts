import {cpSync, existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import type {RunningSim} from '../../src/sim/serve.ts'
import {removeTree} from '../remove-tree.ts'
import {expectWhole, intentsWritten, journal, runTrade, stopGuard, until} from './killable.ts'
import {cycle, deskOf, fillLake, startVenue, tradeWorkspace, validate, venueAccount} from './paper-cycle.ts'

/** One venue and one filled workspace; every test works in a copy of it, with an account of its own. */
const template = tradeWorkspace()
const roots: string[] = []
let sim: RunningSim
beforeAll(async () => {
  sim = await startVenue(template.state)
  const desk = await deskOf(template.root)
  await fillLake(desk, sim)
  await validate(desk)
}, 120_000)
afterEach(async () => {
  for (const root of roots.splice(0)) {
    await stopGuard(root)
    await removeTree(root)
  }
})
afterAll(async () => {
  await sim.stop()
  rmSync(template.root, {recursive: true, force: true})
})

function workspace(): string {
  const root = mkdtempSync(join(tmpdir(), 'qo-crash-'))
  roots.push(root)
  cpSync(template.root, root, {recursive: true})
  return root
}

describe('a trade killed in mid-order', () => {
  it.each([
    ['the router, at its first order', 1, false],
    ['router and guard, with orders out', 6, true],
  ])(
    'leaves no duplicate and no orphan behind: %s',
    async (_, intents, killGuard) => {
      const root = workspace()
      const child = runTrade(root, 'operation')
      await until(() => intentsWritten(root) >= intents)
      child.kill('SIGKILL')
      if (killGuard) await stopGuard(root, 'SIGKILL')
      await until(() => child.signalCode !== null)

      const desk = await deskOf(root)
      const result = await cycle(desk)
      await desk.processes.stopStarted()

      await expectWhole(root, sim, result)
      expect(result.resolved.length).toBeGreaterThan(0)
    },
    120_000,
  )
})

describe('a trade that is asked to end', () => {
  it('cancels, reconciles, journals and exits 0', async () => {
    const root = workspace()
    const child = runTrade(root, 'command')
    await until(() => intentsWritten(root) >= 3)
    child.kill('SIGTERM')
    const status = await new Promise<number | null>((resolve) => child.once('exit', resolve))
    expect(status).toBe(0)
    const entries = await journal(root)
    expect(entries.at(-1)).toMatchObject({kind: 'cycle_ended', body: {state: 'stopped'}})
    const {account} = entries.find(({kind}) => kind === 'cycle_started')!.body as {account: string}
    expect((await venueAccount(sim, account)).orders).toEqual([])
    // What the cycle started, it stopped.
    expect(existsSync(join(root, 'data/state/guard.json'))).toBe(false)
  }, 120_000)
})
