import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {changesLedger, foldGaps, type GapCommit, type GapSpan} from '../../src/contracts/gap-ledger.ts'
import {barCoverage, paymentCoverage, streamCoverage} from '../../src/sensory/coverage-ledger.ts'
import {barsOf, DAY, day, days} from './bars.ts'

type Entry = GapCommit['gaps'][number]
const scope = {table: 'candles', venue: 'sim', interval: '1d'}
const commit = (n: number, gaps: readonly Entry[], received = n): GapCommit => ({
  ...{...scope, n, received_at: received, gaps},
})
const entry = (state: Entry['state'], from: number, to: number, coin = 'A'): Entry => ({
  ...{coin, from, to, state, cause: 'outage'},
})
const fold = (...commits: GapCommit[]): GapSpan[] => foldGaps(commits, scope).get('A') ?? []
const told = (spans: readonly {state: string; from: number; to: number}[]) =>
  spans.map(({state, from, to}) => [state, from, to])

describe('the fold of gap entries', () => {
  it('splits an interval where a later entry changes a part of it', () => {
    const spans = fold(commit(1, [entry('OPEN', 0, 10)]), commit(2, [entry('BACKFILLED', 3, 5)]))
    expect(told(spans)).toEqual([
      ['OPEN', 0, 3],
      ['BACKFILLED', 3, 5],
      ['OPEN', 5, 10],
    ])
    expect(spans.map(({since, closed}) => [since, closed])).toEqual([
      [1, null],
      [1, 2],
      [1, null],
    ])
  })

  it('keeps what is gone for good, however often it is reported open again', () => {
    const spans = fold(commit(1, [entry('UNRECOVERABLE', 0, 10)]), commit(2, [entry('OPEN', 0, 12)]))
    expect(told(spans)).toEqual([
      ['UNRECOVERABLE', 0, 10],
      ['OPEN', 10, 12],
    ])
  })

  it('opens what was called filled and is missing again', () => {
    const spans = fold(
      commit(1, [entry('OPEN', 0, 10)]),
      commit(2, [entry('BACKFILLED', 0, 10)]),
      commit(3, [entry('OPEN', 0, 10)]),
    )
    expect(spans).toMatchObject([{state: 'OPEN', since: 3, closed: null}])
  })

  it('does not know at T of rows that came after T', () => {
    const commits = [commit(1, [entry('OPEN', 0, 10)], 100), commit(2, [entry('BACKFILLED', 0, 10)], 200)]
    expect(told(foldGaps(commits, scope, {asOf: 150}).get('A')!)).toEqual([['OPEN', 0, 10]])
    expect(told(foldGaps(commits, scope, {asOf: 200}).get('A')!)).toEqual([['BACKFILLED', 0, 10]])
    expect(told(foldGaps(commits, scope, {commit: 1}).get('A')!)).toEqual([['OPEN', 0, 10]])
  })

  it('says of every instant what the last word on it was, and never overlaps', () => {
    const states = fc.constantFrom<Entry['state']>('OPEN', 'BACKFILLED', 'UNRECOVERABLE')
    const entries = fc.array(
      fc
        .tuple(states, fc.nat(40), fc.integer({min: 1, max: 15}))
        .map(([state, from, length]) => entry(state, from, from + length)),
      {maxLength: 25},
    )
    fc.assert(
      fc.property(entries, (list) => {
        const naive = new Array<string>(60).fill('')
        for (const {state, from, to} of list) {
          for (let t = from; t < to; t++) if (!(state === 'OPEN' && naive[t] === 'UNRECOVERABLE')) naive[t] = state
        }
        const spans = fold(...list.map((one, i) => commit(i + 1, [one])))
        const folded = new Array<string>(60).fill('')
        for (const {state, from, to} of spans) folded.fill(state, from, to)
        expect(folded).toEqual(naive)
        for (let i = 1; i < spans.length; i++) expect(spans[i]!.from).toBeGreaterThanOrEqual(spans[i - 1]!.to)
        for (const one of list.slice(-1)) expect(changesLedger(spans, one)).toBe(false)
      }),
    )
  })
})

describe('coverage of bars', () => {
  const coverage = (rows: Parameters<typeof barsOf>[0], ...commits: GapCommit[]) =>
    barCoverage(barsOf(rows), foldGaps(commits, scope), {barMs: DAY, asOf: Number.POSITIVE_INFINITY})

  it('finds the hole that no commit recorded', () => {
    const [line] = coverage([...days(0, 5), ...days(7, 10)])
    expect(line).toMatchObject({expected: 10, received: 8})
    expect(line!.gaps).toMatchObject([{state: 'OPEN', from: day(5), to: day(7), since: null}])
  })

  it('gives a recorded hole its state, and calls it backfilled once its bars are there', () => {
    const lost = commit(4, [entry('UNRECOVERABLE', day(5), day(6))])
    expect(told(coverage([...days(0, 5), ...days(7, 10)], lost)[0]!.gaps)).toEqual([
      ['UNRECOVERABLE', day(5), day(6)],
      ['OPEN', day(6), day(7)],
    ])
    const open = commit(4, [entry('OPEN', day(5), day(7))])
    expect(coverage(days(0, 10), open)[0]!).toMatchObject({expected: 10, received: 10, gaps: [{state: 'BACKFILLED'}]})
    expect(told(coverage([...days(0, 6), ...days(7, 10)], open)[0]!.gaps)).toEqual([
      ['BACKFILLED', day(5), day(6)],
      ['OPEN', day(6), day(7)],
    ])
  })

  it('believes the rows, not a commit that calls the hole filled', () => {
    const claim = commit(4, [entry('BACKFILLED', day(5), day(7))])
    expect(told(coverage([...days(0, 5), ...days(7, 10)], claim)[0]!.gaps)).toEqual([['OPEN', day(5), day(7)]])
  })

  it('sees no hole between two incarnations of a name, before the first trade, and after death', () => {
    const absent = commit(1, [entry('OPEN', day(5), day(30))])
    const lives = [...days(0, 5), ...days(30, 35, {close: 900})]
    expect(coverage(lives, absent)[0]).toMatchObject({expected: 10, gaps: []})
    const unborn = [...days(0, 2, {volume: 0}), ...days(4, 10)]
    expect(coverage(unborn)[0]!.gaps).toEqual([])
    const dead = [...days(0, 5), ...days(5, 8, {volume: 0}), ...days(9, 14, {volume: 0})]
    expect(coverage(dead)[0]!.gaps).toEqual([])
    const alive = [...days(0, 5), ...days(5, 8, {volume: 0}), ...days(9, 14)]
    expect(coverage(alive)[0]!.gaps).toHaveLength(1)
  })

  it('counts every bar that a marked outage touches', () => {
    const outage = commit(1, [entry('OPEN', day(5) + 1000, day(5) + 2000)])
    expect(told(coverage([...days(0, 5), ...days(6, 9)], outage)[0]!.gaps)).toEqual([['OPEN', day(5), day(6)]])
  })

  it('keeps what is recorded beyond the rows, and of a coin without rows', () => {
    const later = commit(1, [entry('OPEN', day(20), day(22)), entry('OPEN', day(1), day(2), 'B')])
    const lines = coverage(days(0, 10), later)
    expect(lines.map(({coin, gaps}) => [coin, told(gaps)])).toEqual([
      ['A', [['OPEN', day(20), day(22)]]],
      ['B', [['OPEN', day(1), day(2)]]],
    ])
  })
})

describe('coverage of funding and streams', () => {
  const payments = (hours: readonly number[]) => {
    const settles = Float64Array.from(hours, (hour) => hour * 3_600_000)
    const count = hours.length
    return {count, coin: new Array<string>(count).fill('A'), ts: settles, settles, rate: settles, availableAt: settles}
  }
  const range = (from: number, to: number, step: number): number[] =>
    Array.from({length: (to - from) / step}, (_, i) => from + i * step)

  it('a change of schedule is no hole, a missed settlement is', () => {
    const changed = payments([...range(0, 80, 8), ...range(80, 120, 1)])
    expect(paymentCoverage(changed, new Map())[0]!.gaps).toEqual([])
    const missed = payments([...range(0, 40, 1), ...range(41, 80, 1)])
    const hour = 3_600_000
    expect(told(paymentCoverage(missed, new Map())[0]!.gaps)).toEqual([['OPEN', 40 * hour, 41 * hour]])
  })

  it('a stream lacks what its recorder says it lacks', () => {
    const recorded = foldGaps([commit(1, [entry('OPEN', 10, 30), entry('BACKFILLED', 15, 20)])], scope)
    expect(streamCoverage([{coin: 'A', from: 0, to: 100}], recorded)[0]).toMatchObject({expected: 100, received: 85})
  })
})
