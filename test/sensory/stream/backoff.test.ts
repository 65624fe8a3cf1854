import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {Random} from '../../../src/kernel/random.ts'
import {Backoff} from '../../../src/sensory/stream/backoff.ts'
import {Histogram} from '../../../src/sensory/stream/histogram.ts'
import {ReceiveClock} from '../../../src/sensory/stream/receive-clock.ts'
import {SendQueue} from '../../../src/sensory/stream/send-queue.ts'
import {SlidingWindow} from '../../../src/sensory/stream/sliding-window.ts'

describe('Backoff', () => {
  const LIMITS = {baseMs: 250, capMs: 30_000, healthyMs: 60_000, connectsPerMinute: 1000}

  it('waits anything between nothing and a bound that doubles up to the cap', () => {
    const backoff = new Backoff(new Random('full jitter'), LIMITS)
    let at = 0
    for (let attempt = 0; attempt < 40; attempt++) {
      const next = backoff.next(at)
      expect(next - at).toBeGreaterThanOrEqual(0)
      expect(next - at).toBeLessThan(Math.min(30_000, 250 * 2 ** attempt))
      at = next
    }
  })

  it('draws the same waits from the same seed', () => {
    const waits = (seed: string) => {
      const backoff = new Backoff(new Random(seed), LIMITS)
      return Array.from({length: 10}, () => backoff.next(0))
    }
    expect(waits('a')).toEqual(waits('a'))
    expect(waits('a')).not.toEqual(waits('b'))
  })

  it('starts short again only after a connection that lasted a minute', () => {
    const longest = (upMs: number): number => {
      const waits = Array.from({length: 30}, (_, i) => {
        const backoff = new Backoff(new Random(`seed ${i}`), LIMITS)
        for (let k = 0; k < 8; k++) backoff.next(0)
        backoff.opened(1000)
        return backoff.next(1000 + upMs) - 1000 - upMs
      })
      return Math.max(...waits)
    }
    expect(longest(60_000)).toBeLessThan(250)
    expect(longest(59_999)).toBeGreaterThan(10_000)
  })

  it('never makes more connections in a minute than the budget, however fast they fail', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(3000), {minLength: 80, maxLength: 200}), (seed, lives) => {
        const backoff = new Backoff(new Random(seed), {...LIMITS, capMs: 100, connectsPerMinute: 20})
        const connects: number[] = []
        let at = 0
        for (const life of lives) {
          at = backoff.next(at)
          if (backoff.connect(at)) connects.push(at)
          at += life
        }
        for (let i = 20; i < connects.length; i++)
          expect(connects[i]! - connects[i - 20]!).toBeGreaterThanOrEqual(60_000)
      }),
      {numRuns: 30},
    )
  })
})

describe('SlidingWindow', () => {
  it('is free again exactly when the oldest event leaves it', () => {
    const window = new SlidingWindow(2, 100)
    window.take(0)
    window.take(30)
    expect([window.room(99), window.freeAt(50), window.room(100), window.freeAt(100)]).toEqual([0, 100, 1, 100])
  })
})

describe('SendQueue', () => {
  it('keeps below 20 messages in 100 ms and 1,900 a minute', () => {
    const queue = new SendQueue<number>()
    queue.push(...Array.from({length: 4000}, (_, i) => i))
    const sent: {at: number; item: number}[] = []
    for (let at = 0; at < 130_000; at += 10) {
      for (let item = queue.next(at, () => false); item !== null; item = queue.next(at, () => false))
        sent.push({at, item})
    }
    expect(sent.map(({item}) => item)).toEqual(Array.from({length: 4000}, (_, i) => i))
    for (let i = 20; i < sent.length; i++) expect(sent[i]!.at - sent[i - 20]!.at).toBeGreaterThanOrEqual(100)
    for (let i = 1900; i < sent.length; i++) expect(sent[i]!.at - sent[i - 1900]!.at).toBeGreaterThanOrEqual(60_000)
  })
})

describe('ReceiveClock', () => {
  it('believes a clock that was set forward at once, and says so', () => {
    const clock = new ReceiveClock(1000, 0)
    expect(clock.read(11_100, 100)).toEqual({now: {mono: 100, wall: 11_100}, jump: {at: 11_100, byMs: 10_000}})
    expect(clock.read(11_200, 200).jump).toBeNull()
  })

  it('goes on from the last stamp at half speed when the clock was set back, until it has caught up', () => {
    const clock = new ReceiveClock(10_000, 0)
    expect(clock.read(9_000, 0)).toEqual({now: {mono: 0, wall: 10_000}, jump: {at: 10_000, byMs: -1000}})
    expect(clock.read(10_000, 1000).now.wall).toBe(10_500)
    expect(clock.read(11_000, 2000).now.wall).toBe(11_000)
    expect(clock.read(12_000, 3000).now.wall).toBe(12_000)
  })

  it('never stamps a frame before an earlier one, nor before it came by the wall clock', () => {
    const readings = fc.array(fc.record({passed: fc.nat(5000), off: fc.integer({min: -100_000, max: 100_000})}))
    fc.assert(
      fc.property(readings, (steps) => {
        const clock = new ReceiveClock(1e6, 0)
        let [mono, last] = [0, 0]
        for (const {passed, off} of steps) {
          mono += passed
          const wall = 1e6 + mono + off
          const {now} = clock.read(wall, mono)
          expect(now.wall).toBeGreaterThanOrEqual(Math.max(last, wall))
          last = now.wall
        }
      }),
    )
  })
})

describe('Histogram', () => {
  it('tells a quantile to 2 % in constant memory', () => {
    const histogram = new Histogram()
    for (let ms = 1; ms <= 10_000; ms++) histogram.add(ms)
    expect(histogram.quantile(0.5)! / 5000).toBeCloseTo(1, 1)
    expect(histogram.quantile(0.95)! / 9500).toBeCloseTo(1, 1)
    expect(histogram.max).toBe(10_000)
    expect(new Histogram().quantile(0.5)).toBeNull()
  })
})
