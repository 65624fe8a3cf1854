import {describe, expect, it} from 'vitest'
import {type FreshnessCommit, lakeFreshness} from '../../src/cockpit/lake-freshness.ts'

const HOUR = 3_600_000
const commit = (over: Partial<FreshnessCommit>): FreshnessCommit => ({
  table: 'candles',
  venue: 'sim',
  interval: '1h',
  files: [{rows: 10, max_ts: 9 * HOUR}],
  gaps: [],
  ...over,
})

describe('freshness of the lake', () => {
  it('counts the bars that have closed since the newest one', () => {
    const behind = (asOf: number): number | null => lakeFreshness([commit({})], asOf)[0]!.barsBehind
    // The bar that opened at 9:00 closes at 10:00; the next one could be there from 11:00 on.
    expect([behind(10 * HOUR), behind(10.9 * HOUR), behind(11 * HOUR), behind(13 * HOUR)]).toEqual([0, 0, 1, 3])
  })

  it('adds the rows of one table and keeps venues and intervals apart, the latest first', () => {
    const found = lakeFreshness(
      [
        commit({}),
        commit({files: [{rows: 5, max_ts: 19 * HOUR}]}),
        commit({venue: 'binance'}),
        commit({interval: '1d'}),
      ],
      20 * HOUR,
    )
    expect(found.map(({venue, interval, rows, barsBehind}) => [venue, interval, rows, barsBehind])).toEqual([
      ['binance', '1h', 10, 10],
      ['sim', '1h', 15, 0],
      ['sim', '1d', 10, 0],
    ])
  })

  it('counts a gap until a later commit fills it or gives it up', () => {
    const gap = (state: string, coin = 'BTC') => ({coin, from: HOUR, to: 3 * HOUR, state})
    const open = commit({gaps: [gap('OPEN'), gap('OPEN', 'ETH')]})
    expect(lakeFreshness([open], 10 * HOUR)[0]).toMatchObject({openGaps: 2, openGapMs: 4 * HOUR})
    expect(lakeFreshness([open, commit({gaps: [gap('BACKFILLED')]})], 10 * HOUR)[0]).toMatchObject({openGaps: 1})
  })

  it('has no bars to count for a table without an interval, and says nothing of an empty lake', () => {
    expect(lakeFreshness([commit({interval: null})], 10 * HOUR)[0]?.barsBehind).toBeNull()
    expect(lakeFreshness([], HOUR)).toEqual([])
  })
})
