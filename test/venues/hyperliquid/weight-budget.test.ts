import {type ChildProcess, spawn} from 'node:child_process'
import {chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import fc from 'fast-check'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {hostWindow} from '../../../src/io/venues/hyperliquid/host-window.ts'
import {hostBudget} from '../../../src/io/venues/hyperliquid/weight-budget.ts'
import {
  EMPTY_WINDOW,
  type Lane,
  leftFor,
  refund,
  refuse,
  spend,
  usedIn,
  waitFor,
  windowAt,
} from '../../../src/io/venues/hyperliquid/weight-window.ts'

const LIMIT = 1200

describe('the minute of weight', () => {
  const full = (weight: number, at = 100_000) => spend(windowAt(EMPTY_WINDOW, at), weight)

  it('keeps room for what matters more: bulk to 900, reads to 1,000, the guard to 1,160, a cancel always', () => {
    const fits = (used: number, lane: Lane) => waitFor(full(used), lane, 20, LIMIT) === 0
    expect([fits(880, 'bulk'), fits(881, 'bulk')]).toEqual([true, false])
    expect([fits(980, 'read'), fits(981, 'read')]).toEqual([true, false])
    expect([fits(1140, 'guard'), fits(1141, 'guard')]).toEqual([true, false])
    expect(fits(5000, 'cancel')).toBe(true)
  })

  it('never lets bulk requests pass their mark within any sixty seconds', () => {
    const asks = fc.array(fc.record({gap: fc.nat(20_000), weight: fc.integer({min: 1, max: 300})}), {maxLength: 60})
    fc.assert(
      fc.property(asks, (list) => {
        let now = 0
        let window = EMPTY_WINDOW
        const sent: {at: number; weight: number}[] = []
        for (const {gap, weight} of list) {
          now += gap
          for (;;) {
            window = windowAt(window, now)
            const wait = waitFor(window, 'bulk', weight, LIMIT)
            if (wait === 0) break
            now += wait
          }
          window = spend(window, weight)
          sent.push({at: now, weight})
        }
        for (const {at} of sent) {
          const within = sent.filter((one) => one.at >= at && one.at < at + 60_000)
          expect(within.reduce((sum, {weight}) => sum + weight, 0)).toBeLessThanOrEqual(900)
        }
      }),
    )
  })

  it('counts a reservation until it is given back, and only once', () => {
    const reserved = full(103)
    const later = windowAt(reserved, 105_000)
    expect(usedIn(spend(refund(later, 100_000, 103), 21))).toBe(21)
    expect(usedIn(refund(windowAt(reserved, 300_000), 100_000, 103))).toBe(0)
  })

  it('lets a request dearer than the mark go when the minute is empty', () => {
    expect(waitFor(windowAt(EMPTY_WINDOW, 1), 'bulk', 103, 60)).toBe(0)
    expect(waitFor(full(1), 'bulk', 103, 60)).toBeGreaterThan(0)
  })

  it('pauses everybody but the guard after a 429, halves, and comes back by the healthy minute', () => {
    let window = full(0)
    for (let i = 0; i < 6; i++) window = refuse(window, 0.5, null)
    expect(window.health).toBe(1 / 8)
    expect(waitFor(window, 'bulk', 20, LIMIT)).toBe(15_000)
    expect([waitFor(window, 'guard', 20, LIMIT), waitFor(window, 'cancel', 1, LIMIT)]).toEqual([0, 0])
    expect([1, 2, 3, 4].map((minutes) => windowAt(window, 100_000 + minutes * 60_000).health)).toEqual([
      0.25, 0.5, 1, 1,
    ])
    expect(waitFor(refuse(full(0), 0.5, 40_000), 'read', 2, LIMIT)).toBe(40_000)
  })

  it('counts what was spent before a reboot as spent now', () => {
    const after = windowAt(full(600, 9_000_000), 20_000)
    expect([usedIn(after), leftFor(after, 'bulk', LIMIT)]).toEqual([600, 300])
    expect(usedIn(windowAt(after, 60_000))).toBe(600)
    expect(usedIn(windowAt(after, 90_000))).toBe(0)
  })
})

describe('the budget of a host', () => {
  let folder: string
  const children: ChildProcess[] = []
  const venue = {spent: 0}
  const server = createServer((_, response) => {
    venue.spent += 20
    response.end('{}')
  })
  let url: string

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'qo-budget-'))
    venue.spent = 0
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    chmodSync(folder, 0o700)
    rmSync(folder, {recursive: true, force: true})
  })

  /** A process that asks as fast as it may; resolves once it runs. */
  const hammer = async (): Promise<ChildProcess> => {
    const program = fileURLToPath(new URL('hammer.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', program, url, String(LIMIT)], {
      env: {...process.env, QO_BUDGET_DIR: folder},
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    await new Promise((resolve) => child.stdout!.once('data', resolve))
    return child
  }
  /** What they spend until the budget stops them, and a moment after. */
  const settled = async (mark: number): Promise<number> => {
    for (let i = 0; venue.spent < mark && i < 200; i++) await sleep(100)
    await sleep(700)
    return venue.spent
  }

  it('keeps four processes together under the mark, and lets a cancel and the guard through at once', async () => {
    await Promise.all([hammer(), hammer(), hammer(), hammer()])
    expect(await settled(1000)).toBe(1000)
    const budget = hostBudget(url, LIMIT, folder)
    expect(await budget.look()).toEqual({left: 0, perMinute: LIMIT, isShared: true})
    const begun = performance.now()
    await budget.take('cancel', 1)
    await budget.take('guard', 20)
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(venue.spent).toBe(1000)
  })

  it('is free at once after kill -9, whatever the process was doing', async () => {
    const budget = hostBudget(url, 1e9, folder)
    for (let i = 0; i < 3; i++) {
      const child = await hammer()
      await sleep(30 + i * 40)
      child.kill('SIGKILL')
      const begun = performance.now()
      await budget.take('read', 2)
      expect(performance.now() - begun).toBeLessThan(2000)
      expect((await budget.look()).isShared).toBe(true)
    }
  })

  it('loses no spend between many writers of one process', async () => {
    const budgets = Array.from({length: 4}, () => hostBudget(url, LIMIT, folder))
    await Promise.all(Array.from({length: 40}, (_, i) => budgets[i % 4]!.take('read', 10)))
    expect(await budgets[0]!.look()).toMatchObject({left: 500})
  })

  it('does not take a number that was cleared away while the process slept', async () => {
    const window = hostWindow(url, folder)
    const add = (weight: number) =>
      window.update((kept) => ({window: spend(windowAt(kept, window.now()), weight), value: undefined}))
    await add(1)
    const home = join(folder, readdirSync(folder)[0]!)
    let tries = 0
    await window.update((kept) => {
      // While this writer holds what it has read, others go far past.
      if (tries++ === 0) {
        for (let n = 2; n <= 80; n++) writeFileSync(join(home, String(n)), JSON.stringify(spend(kept, n)))
        for (let n = 1; n <= 40; n++) rmSync(join(home, String(n)), {force: true})
      }
      return {window: spend(windowAt(kept, window.now()), 1000), value: undefined}
    })
    const used = await window.update((kept) => ({window: null, value: usedIn(kept)}))
    expect([tries, used]).toEqual([2, 1 + 80 + 1000])
  })

  it('leaves everybody but the guard a twentieth while the count cannot be kept', async () => {
    for (const spoil of [
      () => chmodSync(folder, 0o755),
      () => {
        rmSync(folder, {recursive: true})
        writeFileSync(folder, 'in the way', {mode: 0o700})
      },
    ]) {
      spoil()
      const budget = hostBudget(url, LIMIT, folder)
      expect(await budget.look()).toEqual({left: 45, perMinute: 60, isShared: false})
      await budget.take('guard', 800)
      await budget.take('cancel', 1)
      rmSync(folder, {recursive: true, force: true})
      folder = mkdtempSync(join(tmpdir(), 'qo-budget-'))
    }
  })

  it('takes a state that cannot be read as a minute that is used up, and goes on from it', async () => {
    const budget = hostBudget(url, LIMIT, folder)
    await budget.take('read', 2)
    const home = join(folder, readdirSync(folder)[0]!)
    writeFileSync(join(home, '2'), '{"at":')
    expect(await budget.look()).toMatchObject({left: 0, isShared: true})
    await budget.take('cancel', 1)
    expect(readdirSync(home).map(Number)).toContain(3)
  })
})
