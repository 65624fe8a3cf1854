import {none, read} from '../../src/cockpit/reading.ts'
import type {CockpitView, GuardView} from '../../src/cockpit/view.ts'

export const AS_OF = Date.parse('2026-11-22T20:30:00Z')

export const quietGuard: GuardView = {
  latch: 'absent',
  state: 'DISARMED',
  mode: null,
  account: null,
  cause: null,
  reason: null,
  engagedAt: null,
  unresolved: null,
  intact: true,
  trouble: null,
}

/** A workspace in which nothing has happened yet. */
export const quietView: CockpitView = {
  asOf: AS_OF,
  workspace: 'desk',
  venue: 'sim',
  guard: quietGuard,
  limits: none('never checked: qo risk check'),
  account: none('no account was ever reconciled here'),
  lake: none('the lake is empty: qo ingest'),
  hypotheses: none('none yet: qo hypothesis new'),
  cycle: none('no cycle was ever traded here'),
  differences: none('no account was ever reconciled here'),
  verdicts: read([]),
  rituals: read([
    {ritual: 'shift-start', title: 'Start of shift', state: 'never', expiresAt: null, report: null, because: null},
  ]),
  events: read([]),
}

/** A workspace that trades, with something in every section. */
export const busyView: CockpitView = {
  ...quietView,
  guard: {...quietGuard, state: 'ARMED', mode: 'paper', account: `0x${'ab'.repeat(20)}`, unresolved: 0},
  limits: read([
    {control: 'C10', subject: 'BTC', value: '0.31', limit: '0.5', used: 0.62},
    {control: 'C10', subject: 'ETH', value: '0.1', limit: '0.5', used: 0.2},
    {control: 'C11', subject: 'account', value: '2.2', limit: '2', used: 1.1},
    {control: 'C21', subject: 'account', value: '1.5 sigma', limit: '6 sigma', used: 0.25},
    {control: 'C05', subject: 'account', value: '12 coins', limit: '12 allowed', used: null},
  ]),
  account: read({
    recordedAt: AS_OF - 90_000,
    peakEquity: '125313.125',
    filledSince: 0,
    snapshot: {
      account: `0x${'ab'.repeat(20)}`,
      at: AS_OF - 90_000,
      equity: '100250.5',
      dayStartEquity: '100000',
      positions: [
        {coin: 'ETH', szi: '-3', entryPx: '2000', markPx: '1990', unrealizedPnl: '30'},
        {coin: 'BTC', szi: '0.5', entryPx: '60000', markPx: '59000', unrealizedPnl: '-500'},
      ],
      openOrders: [
        {
          oid: '1',
          cloid: null,
          coin: 'BTC',
          side: 'buy',
          px: '58000',
          sz: '0.1',
          reduceOnly: false,
          isTrigger: false,
          time: AS_OF - 5000,
        },
      ],
    },
  }),
  lake: read({
    now: AS_OF,
    lastCommitAt: AS_OF - 60_000,
    tables: [
      {
        table: 'candles',
        venue: 'sim',
        interval: '1h',
        newest: AS_OF - 4 * 3_600_000,
        rows: 5000,
        openGaps: 2,
        openGapMs: 7_200_000,
        barsBehind: 3,
      },
      {
        table: 'funding',
        venue: 'sim',
        interval: null,
        newest: AS_OF - 3_600_000,
        rows: 100,
        openGaps: 0,
        openGapMs: 0,
        barsBehind: null,
      },
    ],
  }),
  hypotheses: read([
    {id: 'noise', state: 'rejected', note: 'gauntlet: FAIL at stage 5'},
    {id: 'planted-edge', state: 'validated', note: 'vault V-sim-202611, attempt 1: PASS'},
  ]),
  cycle: read({
    cycle: 'c1',
    as_of: '2026-11-22T20:00:00.000Z',
    mode: 'paper',
    state: 'partial',
    traded: 4,
    vetoed: 1,
    notional_usd: 12_345.6,
    cost_bps: 3.21,
  }),
  differences: read(0),
  verdicts: read([
    {control: null, orders: 7},
    {control: 'C06', orders: 2},
  ]),
  rituals: read([
    {
      ritual: 'shift-start',
      title: 'Start of shift',
      state: 'valid',
      expiresAt: AS_OF + 3_600_000,
      report: 'r.md',
      because: null,
    },
  ]),
  events: read(
    Array.from({length: 12}, (_, i) => ({
      ts: AS_OF - i * 60_000,
      source: 'guard',
      kind: 'verdict',
      detail: `order ${i}`,
    })),
  ),
}
