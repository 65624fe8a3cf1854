import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {sleep} from './children.ts'
import {
  acted,
  arms,
  type Case,
  expectNoDoubleSubscription,
  expectPrompt,
  met,
  reconnected,
  rejects,
  runCase,
  struck,
  undisturbed,
} from './fault-case.ts'

const CASES: readonly Case[] = [
  {name: 'ws.drop.1006', during: arms('ws.drop.1006'), seen: reconnected('ws.drop.1006')},
  {name: 'ws.close.1000', during: arms('ws.close.1000'), seen: reconnected('ws.close.1000')},
  {
    name: 'ws.halfopen',
    during: arms('ws.halfopen', {durMs: 60_000}, 10_000),
    seen: (told) => {
      const hit = struck(told.wire, 'ws.halfopen')
      const again = told.practice.proxy.connectTimes.find((time) => time > hit.wall + 1000)
      expectPrompt(again! - hit.wall)
      return reconnected('ws.halfopen')(told)
    },
  },
  {
    name: 'ws.idle60',
    during: arms('ws.idle60', {durMs: 60_000}, 10_000),
    seen: reconnected('ws.idle60'),
  },
  {
    name: 'ws.handshake.429 and 502',
    async during(practice) {
      await practice.fault('ws.handshake.429', {count: 2})
      await practice.fault('ws.handshake.502', {count: 2})
      await practice.fault('ws.drop.1006')
      await sleep(12_000)
    },
    seen: (told) => {
      expect(told.recording.refused).toBe(4)
      return reconnected('ws.drop.1006')(told)
    },
  },
  {
    name: 'ws.handshake.slow',
    async during(practice) {
      await practice.fault('ws.handshake.slow', {durMs: 30_000})
      await practice.fault('ws.drop.1006')
      await sleep(16_000)
    },
    seen: (told) => {
      expect(told.recording.refused).toBeGreaterThan(0)
      return reconnected('ws.drop.1006')(told)
    },
  },
  {
    name: 'ws.badcoin: the socket dies after a subscription',
    async during(practice) {
      await practice.fault('ws.badcoin', {scope: 'ETH'})
      await practice.fault('ws.drop.1006')
      await sleep(9000)
    },
    seen: (told) => {
      expect(told.recording.reconnects).toBeGreaterThanOrEqual(2)
      return reconnected('ws.drop.1006')(told)
    },
  },
  {
    name: 'ws.ack.lost',
    async during(practice) {
      await practice.fault('ws.ack.lost', {count: 3})
      await practice.fault('ws.drop.1006')
      await sleep(14_000)
    },
    seen: (told) => {
      struck(told.wire, 'ws.ack.lost')
      expectNoDoubleSubscription(told.wire)
      return reconnected('ws.drop.1006')(told)
    },
  },
  {
    name: 'ws.ack.late',
    async during(practice) {
      await practice.fault('ws.ack.late', {count: 3, durMs: 4000})
      await practice.fault('ws.drop.1006')
      await sleep(10_000)
    },
    seen: (told) => {
      expectNoDoubleSubscription(told.wire)
      return reconnected('ws.drop.1006')(told)
    },
  },
  {
    name: 'ws.snapshot.replay',
    during: arms('ws.snapshot.replay', {count: 3, scope: 'trades'}),
    seen: undisturbed('ws.snapshot.replay'),
  },
  {name: 'ws.dup', during: arms('ws.dup', {count: 50}), seen: undisturbed('ws.dup')},
  {name: 'ws.reorder', during: arms('ws.reorder', {count: 10}), seen: undisturbed('ws.reorder')},
  {
    name: 'ws.gap: one stream of many is silent (book)',
    during: arms('ws.gap', {scope: 'l2Book:BTC', durMs: 9000}, 12_000),
    seen: acted('ws.gap', ({channel, coin}) => channel === 'l2Book' && coin === 'BTC'),
  },
  {
    name: 'ws.gap: one stream of many is silent (trades)',
    during: arms('ws.gap', {scope: 'trades:BTC', durMs: 9000}, 12_000),
    seen: acted('ws.gap', ({channel, coin}) => channel === 'trades' && coin === 'BTC'),
  },
  {
    name: 'ws.gap: one stream of many is silent (contexts)',
    during: arms('ws.gap', {scope: 'activeAssetCtx:ETH', durMs: 9000}, 12_000),
    seen: acted('ws.gap', ({channel, coin}) => channel === 'activeAssetCtx' && coin === 'ETH'),
  },
  {
    name: 'book.stale',
    during: arms('book.stale', {durMs: 9000}, 12_000),
    seen: acted('book.stale', ({channel}) => channel === 'bbo'),
  },
  {name: 'book.crossed', during: arms('book.crossed', {durMs: 3000}), seen: undisturbed('book.crossed')},
  {name: 'book.empty', during: arms('book.empty', {durMs: 3000}), seen: undisturbed('book.empty')},
  {name: 'book.oneside', during: arms('book.oneside', {durMs: 3000}), seen: undisturbed('book.oneside')},
  {name: 'json.malformed', during: arms('json.malformed', {count: 5}), seen: rejects('json.malformed')},
  {name: 'json.truncated', during: arms('json.truncated', {count: 5}), seen: rejects('json.truncated')},
  {
    name: 'json.huge',
    async during(practice, child) {
      await practice.fault('json.huge', {count: 3})
      await sleep(8000)
      expect(child.process.exitCode ?? child.out, 'the recorder goes on').toBe(child.out)
      const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.process.pid}/status`, 'utf8'))![1]) / 1024
      expect(peak).toBeLessThan(500)
    },
    seen: rejects('json.huge'),
  },
  {name: 'json.type', during: arms('json.type', {count: 5}), seen: met('json.type')},
  {name: 'json.channel', during: arms('json.channel', {count: 5}), seen: rejects('json.channel')},
  {
    name: 'json.enum',
    during: arms('json.enum', {count: 5, scope: 'trades'}),
    seen: met('json.enum'),
  },
  {
    name: 'http.429, 500, 502, 504 while a hole is healed',
    async during(practice) {
      for (const id of ['http.429', 'http.500.null', 'http.502', 'http.504']) await practice.fault(id)
      await practice.fault('ws.drop.1006')
      await sleep(9000)
    },
    seen: reconnected('ws.drop.1006'),
  },
  {
    name: 'meta.change: a coin is delisted while it is recorded',
    async during(practice) {
      await practice.fault('meta.change', {variant: 'delisted', scope: 'ETH'})
      await practice.fault('ws.badcoin', {scope: 'ETH'})
      await practice.fault('ws.drop.1006')
      await sleep(12_000)
    },
    seen: ({recording}) => {
      expect(recording.coinsLeft).toEqual(['ETH'])
      return null
    },
  },
  {
    name: 'proc.pause: SIGSTOP for 30 s',
    async during(_, child) {
      child.process.kill('SIGSTOP')
      await sleep(30_000)
      child.process.kill('SIGCONT')
      await sleep(8000)
    },
    seen: ({recording}) => {
      expect(recording.gaps.told.some(({table, coin}) => table === 'book' && coin === 'BTC')).toBe(true)
      return recording.timeToRecoverMs.max
    },
  },
]

describe.concurrent('qo ingest stream against a venue at fault', () => {
  it.each(CASES)('$name: nothing lost, nothing twice', runCase)
})
