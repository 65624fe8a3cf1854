import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Trades} from '../../src/contracts/market.ts'
import {newWorkspace, removeWorkspace} from '../ingest/workspace.ts'
import {openLakeAt, qo, sleep} from './children.ts'
import {Practice, type Wire} from './practice.ts'
import {keepScore} from './score.ts'

/** One period of the scenario: every fault of the catalogue comes in it, in an order the seed draws. */
const RECORDED_MS = Number(process.env['QO_CHAOS_MS'] ?? 320_000)
const COINS = ['BTC', 'ETH', 'JADE']

describe.concurrent('the whole chaos scenario', () => {
  it.each([7, 11, 23])('with seed %i loses nothing but what a recorded hole says', async (seed) => {
    const folder = newWorkspace('sim')
    const log = join(folder, 'wire.jsonl')
    const practice = await Practice.open({scenario: 'chaos', seed, words: ['--wire-log', log]})
    try {
      const child = await practice.record(['--coins', COINS.join(',')])
      await sleep(RECORDED_MS)
      const peakMiB =
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.process.pid}/status`, 'utf8'))![1]) / 1024
      const recording = await practice.finish(child)
      const {faults} = await practice.control<{faults: {request: {id: string}; hits: number}[]}>('state')
      const [from, to] = [Date.parse(recording['from'] as string) + 1, Date.parse(recording['to'] as string) - 2000]
      const left = new Set(recording['coinsLeft'] as string[])
      const judged = await practice.judge(
        COINS.filter((coin) => !left.has(coin)),
        from,
        to,
      )
      const [verified, gaps] = [
        await qo(practice.root, 'lake', 'verify', '--deep'),
        await qo(practice.root, 'lake', 'gaps'),
      ]
      await practice.settle()
      const missing = await missingOfWire(practice.root, log, to)
      const met = new Set(faults.filter(({hits}) => hits > 0).map(({request}) => request.id))
      keepScore({
        scenario: `chaos, seed ${seed}, ${Math.round(RECORDED_MS / 1000)} s`,
        ...{sent: judged.sent, committed: judged.committed, lost: judged.lost + missing.length},
        ...{duplicated: judged.duplicated, recoverMs: (recording['timeToRecoverMs'] as {max: number | null}).max},
        seen: `${met.size} kinds of fault met, ${judged.inGaps} trades in recorded holes, peak ${Math.round(peakMiB)} MiB`,
      })
      expect(judged).toMatchObject({lostAt: [], duplicated: 0})
      expect(missing).toEqual([])
      expect(verified).toMatchObject({status: 0, json: {ok: true, problems: []}})
      expect([0, 4]).toContain(gaps.status)
      expect(peakMiB).toBeLessThan(500)
      if (RECORDED_MS >= 300_000) expect(met.size).toBeGreaterThan(10)
      // Holes are few: most of what traded is there.
      expect(judged.inGaps).toBeLessThan(judged.sent / 2)
    } finally {
      await practice.stop()
      removeWorkspace(folder)
    }
  })
})

/** Trades in frames that the venue wrote to a socket whole and unchanged, that are neither in the lake nor in a hole. */
async function missingOfWire(root: string, log: string, to: number): Promise<string[]> {
  const lake = openLakeAt(root)
  const rows = await lake.read({
    ...{table: Trades, venue: 'sim', columns: [], holes: 'allow'},
    ...{asOf: Number.MAX_SAFE_INTEGER, purpose: {kind: 'live'}},
  })
  const stored = new Set(rows.columns['tid'] as readonly string[])
  const gaps = (await lake.commits()).flatMap(({table, gaps: holes}) => (table === 'trades' ? holes : []))
  const missing: string[] = []
  for (const line of readFileSync(log, 'utf8').trimEnd().split('\n')) {
    const {channel, dir, sent, fault, text, time: at} = JSON.parse(line) as Wire
    if (channel !== 'trades' || dir !== 'out' || !sent || fault?.startsWith('json.') || at > to) continue
    const {data} = JSON.parse(text) as {data: {coin: string; tid: number; time: number}[]}
    for (const {coin, tid, time} of data) {
      if (stored.has(String(tid))) continue
      // What was still on its way when a connection died lies in the hole of that connection: by receive time.
      if (gaps.some((gap) => gap.coin === coin && at >= gap.from - 1500 && time < gap.to)) continue
      missing.push(`${coin} ${tid} at ${at}`)
    }
  }
  return missing
}
