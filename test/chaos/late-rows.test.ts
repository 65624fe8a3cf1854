import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Child, openLakeAt, qo, startQo} from './children.ts'
import {Practice} from './practice.ts'
import {keepScore} from './score.ts'

/** Time of this venue stands still between steps, so minutes pass at once. */
let practice: Practice
beforeEach(async () => {
  practice = await Practice.open({scenario: 'demo', words: ['--stepped']})
})
afterEach(() => practice.stop())

const step = (ms: number) => practice.control('step', {ms})
async function ingest(...words: string[]): Promise<Record<string, unknown>> {
  const child: Child = startQo(practice.root, ['ingest', ...words, '--json'], {env: practice.env})
  const {status} = await child.ended
  expect(status, child.out.text + child.out.errors).toBe(0)
  return JSON.parse(child.out.text) as Record<string, unknown>
}
const rowsOf = async (query: string, ...words: string[]): Promise<{text: string; rows: unknown[][]}> => {
  // The command would seal the newest half of so short a history before it answered.
  const {rows} = await openLakeAt(practice.root).sql(query, words.length > 0 ? Date.parse(words.at(-1)!) : Date.now())
  return {text: JSON.stringify(rows), rows}
}
const BARS = `SELECT coin, ts, open, high, low, close, volume, trades, available_at, received_at, ingest_id
  FROM candles WHERE coin IN ('BTC', 'JADE') AND "interval" = '1m' ORDER BY coin, ts`

describe('what comes late', () => {
  it('changes nothing as of before it came: candle.late, flat and edited', async () => {
    const asked = ['--tables', 'candles', '--coins', 'BTC,JADE', '--interval', '1m']
    await practice.fault('candle.late', {scope: 'JADE', variant: 'flat'})
    await practice.fault('candle.late', {scope: 'BTC', variant: 'edited'})
    await step(150_000)
    await ingest(...asked)
    const then = new Date(await practice.now()).toISOString()
    const before = await rowsOf(BARS, '--as-of', then)
    expect(before.rows.length).toBeGreaterThan(100)
    await step(240_000)
    const second = await ingest(...asked)
    const after = await rowsOf(BARS, '--as-of', then)
    const now = await rowsOf(BARS)
    expect(after.text).toBe(before.text)
    expect(now.text).not.toBe(before.text)
    expect(second['revised']).toBeGreaterThanOrEqual(1)
    // The late minute is there now, and no minute twice.
    const keys = now.rows.map(([coin, ts]) => `${coin as string} ${ts as number}`)
    expect(new Set(keys).size).toBe(keys.length)
    keepScore({
      ...{
        scenario: 'candle.late, flat and edited: --as-of before it',
        sent: now.rows.length,
        committed: now.rows.length,
      },
      ...{lost: 0, duplicated: keys.length - new Set(keys).size, recoverMs: null},
      seen: `${before.rows.length} bars as of then, the same bytes after; ${String(second['revised'])} revised`,
    })
  })

  it('is a payment once: funding.late, late and twice', async () => {
    const asked = ['--tables', 'funding', '--coins', 'BTC,ETH']
    await ingest(...asked)
    await practice.fault('funding.late', {scope: 'BTC', variant: 'late'})
    await practice.fault('funding.late', {scope: 'ETH', variant: 'twice'})
    await step(3_600_000 + 10_000)
    await ingest(...asked)
    await step(120_000)
    await ingest(...asked)
    const {rows} = await rowsOf(
      'SELECT coin, settles, count(*) AS n FROM funding GROUP BY coin, settles ORDER BY n DESC',
    )
    const newest = await rowsOf('SELECT coin, max(settles) AS at FROM funding GROUP BY coin ORDER BY coin')
    expect(newest.rows[0]![1]).toBe(newest.rows[1]![1])
    expect(rows[0]![2]).toBe(1)
    const {status} = await qo(practice.root, 'lake', 'verify', '--deep')
    expect(status).toBe(0)
    keepScore({
      ...{scenario: 'funding.late, late and twice', sent: rows.length, committed: rows.length, lost: 0, duplicated: 0},
      ...{recoverMs: null, seen: 'one row a settlement'},
    })
  })

  it.each([
    ['http.429', {count: 3}],
    ['http.500.null', {count: 2}],
    ['http.502', {count: 2}],
    ['http.504', {count: 2}],
    ['info.timeout', {count: 1, durMs: 15_000}],
  ])('%s: ingest gets through, and a second run finds nothing missing', async (id, more) => {
    const asked = ['--tables', 'candles', '--coins', 'BTC,ETH', '--interval', '1h']
    await practice.fault(id, {after: 2, ...more})
    const first = await ingest(...asked)
    const second = await ingest(...asked)
    expect(second).toMatchObject({added: 0, revised: 0})
    keepScore({
      ...{scenario: `${id}: qo ingest`, sent: Number(first['added']), committed: Number(first['added'])},
      ...{lost: Number(second['added']), duplicated: 0, recoverMs: null, seen: `${String(first['requests'])} requests`},
    })
  })
})
