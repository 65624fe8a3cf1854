import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {decimalText} from '../../src/kernel/decimal.ts'
import {newAccount} from '../../src/sim/account.ts'
import {advance} from '../../src/sim/advance.ts'
import {audit} from '../../src/sim/audit.ts'
import {cancelByOid} from '../../src/sim/cancel-order.ts'
import {VenueClock} from '../../src/sim/clock.ts'
import {generatedListing} from '../../src/sim/listing.ts'
import {HISTORY_END} from '../../src/sim/market/generated-history.ts'
import {ceilPx, floorPx, nearestPx, stepPx, tickAt} from '../../src/sim/market/price-grid.ts'
import type {Tif} from '../../src/sim/order.ts'
import {placeOrder} from '../../src/sim/place-order.ts'
import {scenarioNamed} from '../../src/sim/scenario.ts'
import {markPx, newVenueState, openOrdersOf, type VenueState} from '../../src/sim/venue-state.ts'
import {pxText, rateText, szText} from '../../src/sim/wire.ts'

const DEMO = scenarioNamed('demo')
const ASSETS = [0, 15, 20]
const USERS = ['0xaa', '0xbb']
const TWELVE = 10n ** 12n

function venue(): VenueState {
  const state = newVenueState(DEMO, generatedListing(7, DEMO), new VenueClock(HISTORY_END, {stepped: true}))
  for (const user of USERS) {
    const account = newAccount(user)
    account.cash = 20_000n * TWELVE
    account.deposited = account.cash
    state.accounts.set(user, account)
  }
  return state
}

type Step =
  | {readonly kind: 'wait'; readonly ms: number}
  | {readonly kind: 'cancel'; readonly user: number}
  | {
      readonly kind: 'order'
      readonly user: number
      readonly asset: number
      readonly isBuy: boolean
      readonly ticks: number
      readonly usd: number
      readonly tif: Tif
      readonly reduceOnly: boolean
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({kind: fc.constant('wait' as const), ms: fc.integer({min: 1, max: 20_000})}),
  fc.record({kind: fc.constant('cancel' as const), user: fc.integer({min: 0, max: 1})}),
  fc.record({
    kind: fc.constant('order' as const),
    user: fc.integer({min: 0, max: 1}),
    asset: fc.constantFrom(...ASSETS),
    isBuy: fc.boolean(),
    ticks: fc.integer({min: -40, max: 40}),
    usd: fc.integer({min: 5, max: 30_000}),
    tif: fc.constantFrom<Tif>('Alo', 'Ioc', 'Gtc'),
    reduceOnly: fc.boolean(),
  }),
)

function act(state: VenueState, action: Step): void {
  const now = advance(state)
  if (action.kind === 'wait') {
    state.clock.step(action.ms)
    advance(state)
    return
  }
  const account = state.accounts.get(USERS[action.user]!)!
  if (action.kind === 'cancel') {
    const [order] = openOrdersOf(state, account.address)
    if (order) cancelByOid(state, account.address, order.asset, order.oid, now)
    return
  }
  const {asset, isBuy, ticks, usd, tif, reduceOnly} = action
  const {szDecimals} = state.listing[asset]!
  const mark = markPx(state, asset, now)
  const lots = Math.floor((usd * 1e6 * 10 ** szDecimals) / mark)
  const px = pxText(stepPx(mark, ticks, szDecimals))
  placeOrder(state, account, {asset, isBuy, px, sz: szText(lots, szDecimals), reduceOnly, tif, cloid: null}, now)
}

describe('matching', () => {
  it('keeps every invariant whatever two accounts do', () => {
    fc.assert(
      fc.property(fc.array(step, {minLength: 5, maxLength: 40}), (steps) => {
        const state = venue()
        for (const action of steps) {
          const before = USERS.map(
            (user) => new Map([...state.accounts.get(user)!.positions].map(([a, p]) => [a, p.lots])),
          )
          act(state, action)
          expect(audit(state).breaches).toEqual([])
          if (action.kind === 'order' && action.reduceOnly && action.tif === 'Ioc') {
            const held = before[action.user]!.get(action.asset) ?? 0
            const now = state.accounts.get(USERS[action.user]!)!.positions.get(action.asset)?.lots ?? 0
            expect(Math.abs(now)).toBeLessThanOrEqual(Math.abs(held))
          }
        }
      }),
      {numRuns: 30, seed: 11},
    )
  })

  it('does not depend on how often the venue looks at its clock', () => {
    const run = (looks: number): unknown => {
      const state = venue()
      const mark = markPx(state, 15, HISTORY_END)
      for (const [isBuy, ticks] of [
        [true, -3],
        [false, 4],
        [true, -9],
      ] as const) {
        act(state, {kind: 'order', user: 0, asset: 15, isBuy, ticks, usd: 4000, tif: 'Gtc', reduceOnly: false})
      }
      for (let i = 0; i < looks; i++) act(state, {kind: 'wait', ms: 600_000 / looks})
      expect(mark).toBeGreaterThan(0)
      return state.accounts.get(USERS[0]!)!.fills
    }
    expect(run(1)).toEqual(run(120))
    expect((run(1) as unknown[]).length).toBeGreaterThan(0)
  })
})

describe('the price grid', () => {
  it('is five significant figures and 6 − szDecimals decimals', () => {
    const cases: readonly (readonly [usd: number, szDecimals: number, tickUsd: number])[] = [
      [1.2345, 0, 0.0001],
      [12.345, 0, 0.001],
      [12.345, 4, 0.01],
      [84_143, 5, 1],
      [123_456, 0, 1],
      [0.012345, 0, 0.000001],
      [9.99995, 0, 0.0001],
    ]
    for (const [usd, szDecimals, tickUsd] of cases) {
      expect(tickAt(Math.round(usd * 1e6), szDecimals), `${usd} ${szDecimals}`).toBe(Math.round(tickUsd * 1e6))
    }
  })

  it('is left by no rounding and no step', () => {
    const px = fc.double({min: 0.001, max: 200_000, noNaN: true})
    fc.assert(
      fc.property(px, fc.integer({min: 0, max: 5}), fc.integer({min: -30, max: 30}), (usd, szDecimals, ticks) => {
        const units = nearestPx(usd, szDecimals)
        const all = [
          units,
          floorPx(usd * 1e6, szDecimals),
          ceilPx(usd * 1e6, szDecimals),
          stepPx(units, ticks, szDecimals),
        ]
        for (const valid of all) expect(valid % tickAt(valid, szDecimals)).toBe(0)
      }),
      {seed: 5},
    )
  })
})

describe('venue numbers', () => {
  it('are the exact decimal with at least one digit after the point', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({min: 0, max: 6}), (lots, szDecimals) => {
        const exact = decimalText({units: BigInt(lots), scale: szDecimals})
        expect(szText(lots, szDecimals)).toBe(exact.includes('.') ? exact : `${exact}.0`)
      }),
      {seed: 3},
    )
    expect([pxText(84_143_000_000), pxText(1604), szText(-5, 2), rateText(-41_334)]).toEqual([
      '84143.0',
      '0.001604',
      '-0.05',
      '-0.0000041334',
    ])
  })
})
