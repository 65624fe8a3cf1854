import {availableParallelism, loadavg} from 'node:os'
import {expect} from 'vitest'
import {type Child, qo, sleep} from './children.ts'
import {Practice, type Wire} from './practice.ts'
import {keepScore} from './score.ts'

/** The desk acts on a stale stream within this. */
const ACT_MS = 6000
const COINS = ['BTC', 'ETH']

interface Gap {
  readonly table: string
  readonly coin: string
  readonly cause: string
  readonly from: number
  readonly to: number | null
}
interface Recording {
  readonly from: string
  readonly to: string
  readonly reconnects: number
  readonly refused: number
  readonly connects: number
  readonly rejected: Readonly<Record<string, number>>
  readonly staleActions: {
    readonly total: number
    readonly told: readonly {what: string; action: string; silentMs: number}[]
  }
  readonly gaps: {readonly total: number; readonly open: number; readonly told: readonly Gap[]}
  readonly clockJumps: readonly {byMs: number}[]
  readonly timeToRecoverMs: {readonly max: number | null}
  readonly audit: {readonly lost: number} | null
  readonly coinsLeft: readonly string[]
}
interface Told {
  readonly recording: Recording
  readonly wire: readonly Wire[]
  /** wall clock when the fault was armed */
  readonly at: number
  readonly practice: Practice
}
export interface Case {
  readonly name: string
  readonly words?: readonly string[]
  /** make the fault, and wait until it has been got over */
  during(practice: Practice, child: Child): Promise<void>
  /** what must have been seen; returns the time from the fault to the next good state, ms */
  seen?(told: Told): number | null
}

/** The limit is the desk's, not the machine's: where much more wants to run than can, a miss is told and not judged. */
export function expectPrompt(ms: number): void {
  const isBusy = loadavg()[0]! > 2 * availableParallelism()
  if (isBusy && ms > ACT_MS) console.error(`busy machine: acted after ${Math.round(ms)} ms, not judged`)
  else expect(ms).toBeLessThanOrEqual(ACT_MS)
}

export const arms =
  (id: string, more: object = {}, waitMs = 6000) =>
  async (practice: Practice): Promise<void> => {
    await practice.fault(id, more)
    await sleep(waitMs)
  }

export const struck = (wire: readonly Wire[], id: string): Wire => {
  const first = wire.find(({fault}) => fault === id)
  expect(first, `${id} was never met`).toBeDefined()
  return first!
}

/** The connection was lost: from the first frame it cost to the first one of the next connection. */
export const reconnected =
  (id: string) =>
  ({recording, wire}: Told): number => {
    const hit = struck(wire, id)
    expect(recording.reconnects).toBeGreaterThan(0)
    const next = wire.find(
      ({conn, dir, sent, channel}) => conn > hit.conn && dir === 'out' && sent && channel === 'trades',
    )
    expect(recording.gaps.told.some(({table}) => table === 'trades')).toBe(true)
    return next!.wall - hit.wall
  }

/** Something went silent: acted on in time, by a subscription that was sent again or by a new connection. */
export const acted =
  (id: string, about: (line: Wire) => boolean) =>
  ({wire, recording}: Told): number => {
    const hit = struck(wire, id)
    const lastGood = wire
      .filter((line) => line.dir === 'out' && line.sent && line.wall <= hit.wall && about(line))
      .at(-1)!
    const action = wire.find(({wall, dir, text}) => dir === 'in' && wall > hit.wall && text.includes('subscribe'))
    expect(recording.staleActions.total).toBeGreaterThan(0)
    const ms = action!.wall - lastGood.wall
    expectPrompt(ms)
    return ms
  }

export const undisturbed =
  (id: string) =>
  ({recording, wire}: Told): null => {
    struck(wire, id)
    expect(recording).toMatchObject({reconnects: 0, refused: 0})
    return null
  }

export const rejects =
  (id: string) =>
  (told: Told): null => {
    struck(told.wire, id)
    expect(Object.values(told.recording.rejected).reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0)
    expect(told.recording.reconnects).toBe(0)
    return null
  }

/** No subscription was asked for twice on one connection without having been given up before. */
export function expectNoDoubleSubscription(wire: readonly Wire[]): void {
  expect(wire.filter(({text}) => text.includes('Already subscribed'))).toEqual([])
}

/** Met, and whatever else it did is judged by the tape. */
export const met =
  (id: string) =>
  ({wire}: Told): null => {
    struck(wire, id)
    return null
  }

/** Slow is not dead: nothing was given up. */
export function steady({recording}: Told): null {
  expect(recording).toMatchObject({reconnects: 0, rejected: {}})
  return null
}

/** The connection was replaced at least once; how long the longest hole took to close. */
export function replaced({recording}: Told): number | null {
  expect(recording.reconnects).toBeGreaterThan(0)
  return recording.timeToRecoverMs.max
}

/** One fault against one recorder: nothing lost but what a recorded hole says, nothing twice, every hash good. */
export async function runCase({name, words = ['--coins', COINS.join(',')], during, seen}: Case): Promise<void> {
  const practice = await Practice.open()
  try {
    const child = await practice.record(words)
    const at = Date.now()
    await during(practice, child)
    practice.proxy.calm()
    await sleep(1500)
    const recording = (await practice.finish(child)) as unknown as Recording
    const wire = await practice.wire()
    const left = new Set(recording.coinsLeft)
    const judged = await practice.judge(
      COINS.filter((coin) => !left.has(coin)),
      Date.parse(recording.from) + 1,
      Date.parse(recording.to) - 2000,
    )
    if (judged.lost > 0) console.error(name, judged.lostAt.slice(0, 20).join('\n'))
    const recoverMs = seen?.({recording, wire, at, practice}) ?? null
    const verified = await qo(practice.root, 'lake', 'verify', '--deep')
    keepScore({
      ...{scenario: name, sent: judged.sent, committed: judged.committed, lost: judged.lost},
      ...{duplicated: judged.duplicated, recoverMs},
      seen: `${recording.gaps.total} holes, ${judged.inGaps} trades in them`,
    })
    expect(judged).toMatchObject({lostAt: [], duplicated: 0})
    expect(judged.sent).toBeGreaterThan(20)
    expect(recording.audit).toMatchObject({lost: 0})
    expect(verified).toMatchObject({status: 0, json: {ok: true, problems: []}})
  } finally {
    await practice.stop()
  }
}
