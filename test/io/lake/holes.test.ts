import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Candles, Trades} from '../../../src/contracts/market.ts'
import type {LakeGap, LakePort, LakeQuery} from '../../../src/desk.ts'
import {openFiles} from '../../../src/io/files.ts'
import {openLake} from '../../../src/io/lake/index.ts'
import {batchOf, ROWS, START} from './batches.ts'

const HOUR = 3_600_000
const LATE = Number.MAX_SAFE_INTEGER
const REFUSED = {code: 'lake.hole', exitCode: 4}

let root: string
let lake: LakePort
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-holes-'))
  lake = openLake(root, {files: openFiles(root), dryRun: false})
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

const gap = (from: number, to: number, rest: Partial<LakeGap> = {}): LakeGap => ({
  ...{coin: 'BTC', from: START + from * HOUR, to: START + to * HOUR, state: 'OPEN', cause: 'outage'},
  ...rest,
})
const read = (rest: Partial<LakeQuery> = {}) =>
  lake.read({table: Candles, venue: 'sim', interval: '1h', asOf: LATE, purpose: {kind: 'live'}, ...rest})
const mark = (gaps: LakeGap[], receivedAt = START + 10_000 * HOUR) =>
  lake.append({...batchOf(0), rows: {count: 0, columns: {}}, gaps, receivedAt})

describe('a read over a recorded hole', () => {
  it('is refused, and answered for those who allow it', async () => {
    await lake.append({...batchOf(0), gaps: [gap(ROWS, ROWS + 2)]})
    await lake.append(batchOf(2))
    await expect(read()).rejects.toMatchObject(REFUSED)
    expect((await read({holes: 'allow'})).count).toBe(2 * ROWS)
  })

  it('beside the hole is answered: other times, other coins, a decision before it', async () => {
    await lake.append({...batchOf(0), gaps: [gap(ROWS, ROWS + 2)]})
    await lake.append(batchOf(0, {coin: 'ETH'}))
    expect((await read({to: START + ROWS * HOUR})).count).toBe(2 * ROWS)
    expect((await read({coins: ['ETH']})).count).toBe(ROWS)
    expect((await read({asOf: START + ROWS * HOUR})).count).toBe(2 * ROWS)
    await expect(read({coins: ['BTC']})).rejects.toMatchObject(REFUSED)
  })

  it('is answered once its bars are there, though nobody said so', async () => {
    await lake.append({...batchOf(0), gaps: [gap(ROWS, 2 * ROWS)]})
    await expect(read()).rejects.toMatchObject(REFUSED)
    await lake.append(batchOf(1))
    expect((await read()).count).toBe(2 * ROWS)
    await expect(read({commit: 1})).rejects.toMatchObject(REFUSED)
  })

  it('that is gone for good is refused for ever', async () => {
    await lake.append({...batchOf(0), gaps: [gap(ROWS, ROWS + 2)]})
    await mark([gap(ROWS, ROWS + 2, {state: 'UNRECOVERABLE'})])
    await expect(read()).rejects.toMatchObject(REFUSED)
  })

  it('of a stream is answered after a commit called it backfilled, not before', async () => {
    const ts = Float64Array.of(START, START + 5 * HOUR)
    const flat = Float64Array.of(1, 1)
    const trades = {coin: ['BTC', 'BTC'], ts, available_at: ts, tid: ['1', '2'], px: flat, sz: flat}
    const batch = {table: Trades, venue: 'sim', source: 'sim-ws', receivedAt: START}
    const all = {interval: undefined as unknown as string, table: Trades}
    await lake.append({...batch, rows: {count: 2, columns: {...trades, aggressor: ['buy', 'sell']}}, gaps: [gap(1, 2)]})
    await expect(read(all)).rejects.toMatchObject(REFUSED)
    const filled = {...batch, receivedAt: START + 9 * HOUR, gaps: [gap(1, 2, {state: 'BACKFILLED'})]}
    await lake.append({...filled, rows: {count: 0, columns: {}}})
    expect((await read(all)).count).toBe(2)
    await expect(read({...all, asOf: START + 8 * HOUR})).rejects.toMatchObject(REFUSED)
  })

  it('is none of the business of research when it lies behind a seal', async () => {
    mkdirSync(join(root, 'configs'))
    const iso = (bar: number): string => new Date(START + bar * HOUR).toISOString()
    const vault = `{id: V-one, venue: sim, start: ${iso(20)}, end: ${iso(30)}, tier: V1}`
    writeFileSync(join(root, 'configs/vaults.yaml'), `artifact: vaults@1\nvaults:\n  - ${vault}\n`)
    await lake.append({...batchOf(0), gaps: [gap(ROWS, ROWS + 2)]})
    expect((await read({purpose: {kind: 'research'}})).count).toBe(20)
    await expect(read()).rejects.toMatchObject(REFUSED)
  })
})
