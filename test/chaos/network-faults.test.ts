import {describe, expect, it} from 'vitest'
import {sleep, until} from './children.ts'
import {type Case, expectPrompt, replaced, runCase, steady} from './fault-case.ts'

const CASES: readonly Case[] = [
  {
    name: 'proxy: latency 300 ± 200 ms',
    async during({proxy}) {
      proxy.set({down: {latencyMs: 300, jitterMs: 200}})
      await sleep(8000)
    },
    seen: steady,
  },
  {
    name: 'proxy: every byte on its own',
    async during({proxy}) {
      proxy.set({down: {slice: true}})
      await sleep(6000)
    },
    seen: steady,
  },
  {
    name: 'proxy: 8 kB/s',
    async during({proxy}) {
      proxy.set({down: {bytesPerSecond: 8000}})
      await sleep(10_000)
      proxy.calm()
      await sleep(6000)
    },
  },
  {
    name: 'proxy: reset in the middle of a frame, three times',
    async during({proxy}) {
      for (let k = 0; k < 3; k++) {
        proxy.set({down: {resetAfterBytes: 1}})
        await sleep(500)
        proxy.calm()
        await sleep(4000)
      }
    },
    seen: replaced,
  },
  {
    name: 'proxy: half-open, and new connections meet silence first',
    async during({proxy}) {
      proxy.freeze()
      proxy.set({deaf: true})
      const before = proxy.accepted
      const ms = await until(() => proxy.accepted > before, 10_000, 'a new connection')
      expectPrompt(ms)
      await sleep(4000)
      proxy.calm()
      await sleep(18_000)
    },
    seen: replaced,
  },
  {
    name: 'proxy: refused for 12 s, below the connect budget',
    async during({proxy}) {
      proxy.set({refuse: true})
      proxy.reset()
      await sleep(12_000)
      proxy.calm()
      await sleep(12_000)
    },
    seen: ({recording, practice}) => {
      const times = practice.proxy.connectTimes
      const most = Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 60_000).length))
      expect(recording.connects).toBeLessThanOrEqual(30)
      expect(most).toBeLessThan(45)
      return recording.timeToRecoverMs.max
    },
  },
]

describe.concurrent('qo ingest stream behind a bad network', () => {
  it.each(CASES)('$name: nothing lost, nothing twice', runCase)
})
