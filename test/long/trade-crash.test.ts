import {cpSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {Random} from '../../src/kernel/random.ts'
import type {RunningSim} from '../../src/sim/serve.ts'
import {expectWhole, intentsWritten, runTrade, stopGuard, until} from '../trade/killable.ts'
import {cycle, deskOf, fillLake, startVenue, tradeWorkspace, validate} from '../trade/paper-cycle.ts'

const ROUNDS = 20
const template = tradeWorkspace()
let sim: RunningSim
beforeAll(async () => {
  sim = await startVenue(template.state)
  const desk = await deskOf(template.root)
  await fillLake(desk, sim)
  await validate(desk)
})
afterAll(async () => {
  await sim.stop()
  rmSync(template.root, {recursive: true, force: true})
})

describe('kill -9 at any moment', () => {
  it(`leaves no duplicate and no orphan in ${ROUNDS} rounds on one account`, async () => {
    const root = mkdtempSync(join(tmpdir(), 'qo-chaos-'))
    cpSync(template.root, root, {recursive: true})
    const random = new Random('qo-test|trade-crash|v1')
    let killed = 0
    try {
      for (let round = 0; round < ROUNDS; round++) {
        // Another size of book each time, so that every round has orders to send.
        await validate(await deskOf(root), {capital_usd: 10_000 + 2000 * random.below(30)})
        const atOrder = intentsWritten(root) + 1 + random.below(8)
        const child = runTrade(root, 'operation')
        await until(() => intentsWritten(root) >= atOrder || child.exitCode !== null)
        await new Promise((resolve) => setTimeout(resolve, random.below(200)))
        killed += child.kill('SIGKILL') ? 1 : 0
        if (random.unit() < 0.5) await stopGuard(root, 'SIGKILL')
        await until(() => child.exitCode !== null || child.signalCode !== null)
      }
      const desk = await deskOf(root)
      const result = await cycle(desk)
      await expectWhole(root, sim, result)
      expect(killed).toBeGreaterThan(ROUNDS / 2)
      await desk.processes.stopStarted()
    } finally {
      await stopGuard(root)
      rmSync(root, {recursive: true, force: true})
    }
  })
})
