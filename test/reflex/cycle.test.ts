import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type {ExecutionConfig} from '../../src/contracts/execution.ts'
import type {ControlVerdict, Fill, OrderState, SubmitResult} from '../../src/contracts/orders.ts'
import {cloidOf} from '../../src/contracts/orders.ts'
import type {RiskLimits} from '../../src/contracts/risk.ts'
import type {TradeResult} from '../../src/contracts/trade.ts'
import {compare, decimal} from '../../src/kernel/decimal.ts'
import type {Book} from '../../src/reflex/book.ts'
import {cycleCost, cycleOrders} from '../../src/reflex/cycle-orders.ts'
import {explainRule} from '../../src/reflex/explain-rule.ts'
import {marketState} from '../../src/reflex/market-state.ts'
import {advance, plannedChild} from '../../src/reflex/order-machine.ts'
import {afterSubmit, intentOf, nextMove, vetoOf} from '../../src/reflex/parent-moves.ts'
import {type ParentRun, startRun} from '../../src/reflex/parent-run.ts'
import {childCapUsd, limitsUsed, planCycle} from '../../src/reflex/plan-cycle.ts'
import {tradeReport} from '../../src/reflex/trade-report.ts'
import {emptyResult, stateOfCycle} from '../../src/reflex/trade-result.ts'

const execution: ExecutionConfig = {
  artifact: 'execution@1',
  deadline_s: 20,
  cross_window: 0.5,
  poll_s: 0.5,
  repeg: {min_ticks: 2, dwell_s: 2, budget: 5},
  collar: 0.005,
  child_usd: '4000',
  child_jitter: 0.1,
  open_children: 16,
  participation_cap: 0.004,
  min_notional_usd: '11',
  price: {max_age_s: 5, max_from_mark: 0.03, wide_bps: 40},
  signal_age_bars: 1,
}
const market = (asset: string, px = '100', change = {}) =>
  marketState(
    {
      asset,
      sizeDecimals: 2,
      bids: [{px, sz: '100'}],
      asks: [{px: String(Number(px) + 0.1), sz: '100'}],
      bookTime: 0,
      venueTime: 0,
      mark: px,
      oracle: px,
      dayVolumeUsd: '10000000',
      ...change,
    },
    {maxAgeMs: 5000, maxFromMark: 0.03, wideBps: 40},
  )
const book = (weights: Record<string, number>): Book => ({
  budgets: [{hypothesis: 'h', budget: 0.5, share: 1, volAnnual: 0.2, cuts: []}],
  targets: Object.entries(weights).map(([asset, weight]) => ({
    asset,
    weight,
    parts: new Map([['h', weight]]),
    crossed: 0,
    cap: null,
  })),
  volAnnual: 0.1,
  gross: 0.5,
  net: 0,
})
const input = {
  book: book({A: 0.1, B: 0}),
  closes: new Map([['A', 100]]),
  bands: new Map([['h', 0]]),
  silent: [] as string[],
  equityUsd: '10000',
  positions: new Map<string, string>(),
  markets: new Map([
    ['A', market('A')],
    ['B', market('B')],
    ['C', market('C')],
  ]),
  noTradeBand: 0.1,
  execution,
}
const verdict = (control: ControlVerdict['control']): ControlVerdict => ({
  ...{pass: control === null, control, action: control === null ? 'none' : 'reject', reason: 'the order is too large'},
  ...{value: '6000.00 USD', limit: '5000.00 USD', reduces: false, limitsSha: null},
})
const session = {crossAt: 10_000, deadlineAt: 20_000, now: 0, stopped: false, urgency: 'normal' as const}
const order = {strategy: 'book', bar: 86_400_000, sizeDecimals: 2, capUsd: '4000', draw: 0.5}

/** A parent for 10 coins of A, with its first child handed to the guard. */
function sentRun(phase: OrderState['phase'], control: ControlVerdict['control'] = null, filledSz = '0') {
  const planned = planCycle(input, 4.5).find(({asset}) => asset === 'A')!
  const run = startRun(planned, 'book|1|A', 3)
  const move = nextMove(run, market('A'), session, execution)
  if (move.kind !== 'post') throw new Error(move.kind)
  const intent = intentOf(run, move, order, execution)
  const whole = {...intent, cloid: cloidOf(intent)}
  const child = advance(plannedChild(whole), {kind: 'reported', phase, filledSz, reason: null})
  const result = {cloid: whole.cloid, verdict: verdict(control)} as SubmitResult
  return {planned, child, result, run: afterSubmit(run, child, result, 0)}
}
const outcome = (run: ParentRun, position: string, planned = sentRun('open').planned) => ({
  ...{planned: [planned], runs: new Map([['A', run]]), positions: new Map([['A', position]]), venue: 'sim'},
  sent: new Map([[run.children[0]!.intent.cloid, {mid: 100.05, touch: 100.1}]]),
  ...{lastMid: new Map([['A', 100.05]]), sizeDecimals: new Map([['A', 2]])},
})

describe('planCycle', () => {
  it('sizes at the close that decided and closes what nobody wants any more', () => {
    const plan = planCycle({...input, positions: new Map([['C', '5']])}, 4.5)
    expect(plan.map(({asset, side, target, reduceOnly}) => [asset, side, target, reduceOnly])).toEqual([
      ['C', 'sell', '0', true],
      ['A', 'buy', '10', false],
      ['B', null, '0', false],
    ])
    expect(plan[1]!.crossingCostUsd).toBeCloseTo(1000.5 * (0.1 / 100.05 / 2 + 0.00045), 1)
  })

  it('leaves alone what the venue does not list and what no hypothesis has an opinion on', () => {
    const plan = planCycle({...input, book: book({Z: 0.1, B: 0}), silent: ['B']}, 4.5)
    expect(plan.map(({asset, rule}) => [asset, rule?.id])).toEqual([
      ['B', 'no_opinion'],
      ['Z', 'not_on_venue'],
    ])
  })

  it('applies the band of the hypothesis on the capital it runs on', () => {
    const held = {...input, positions: new Map([['A', '8']])}
    expect(planCycle({...held, bands: new Map([['h', 0.05]])}, 4.5)[0]!.rule?.id ?? 'none').toBe('no_trade_band')
    expect(planCycle({...held, bands: new Map([['h', 0.03]])}, 4.5)[0]).toMatchObject({asset: 'A', side: 'buy'})
  })
})

describe('childCapUsd', () => {
  const limits = {
    order_notional: {max_usd: '5000', max_equity_fraction: 0.25, max_day_volume_fraction: 0.005},
  } as RiskLimits

  it('stays a tenth below every limit on a single order', () => {
    expect(childCapUsd(market('A'), '100000', execution, limits)).toBe('4000')
    expect(childCapUsd(market('A'), '10000', execution, limits)).toBe('2250')
    expect(childCapUsd(market('A', '100', {dayVolumeUsd: '200000'}), '100000', execution, limits)).toBe('900')
  })

  it('is never above the limit, whatever equity and volume', () => {
    fc.assert(
      fc.property(fc.integer({min: 1, max: 10 ** 7}), fc.integer({min: 1, max: 10 ** 9}), (equity, volume) => {
        const cap = decimal(
          childCapUsd(market('A', '100', {dayVolumeUsd: String(volume)}), String(equity), execution, limits),
        )
        expect(compare(cap, decimal('4500'))).toBeLessThanOrEqual(0)
        expect(Number(cap.units) / 10 ** cap.scale).toBeLessThanOrEqual(Math.min(equity * 0.25, volume * 0.005))
      }),
    )
  })

  it('measures the book after the plan against leverage and position limits', () => {
    const used = limitsUsed(planCycle(input, 4.5), input.markets, '10000', {
      leverage: {gross: 2, net: 1.5},
      position: {max_equity_fraction: 0.5},
    } as RiskLimits)
    expect(used.map(({name, limit}) => [name, limit])).toEqual([
      ['gross leverage', 2],
      ['net leverage', 1.5],
      ['largest position', 0.5],
    ])
    expect(used[0]!.value).toBeCloseTo(0.10005, 9)
  })
})

describe('parent moves', () => {
  it('gives every child of a parent a number of its own', () => {
    const {run} = sentRun('cancelled')
    expect(run.seq).toBe(4)
    expect(run.children[0]!.intent).toMatchObject({seq: 3, tif: 'Alo', sz: '10', px: '100'})
  })

  it('waits out a refusal that passes by itself and takes any other as an answer', () => {
    const {run: late} = sentRun('vetoed', 'C09')
    expect(late.end).toBeNull()
    expect(nextMove(late, market('A'), {...session, now: 1000}, execution).kind).toBe('wait')
    expect(nextMove(late, market('A'), {...session, now: 2000}, execution).kind).toBe('post')
    expect(sentRun('vetoed', 'C06').run.end?.kind).toBe('vetoed')
  })

  it('tells a refusal as a sentence with control, order, number and limit', () => {
    const {child, result} = sentRun('vetoed', 'C06')
    expect(vetoOf(child, result)!.says).toBe(
      'C06 order notional refused buy 10 A at 100 = 1000 USD, Alo: the order is too large: 6000.00 USD against a limit of 5000.00 USD',
    )
    expect(vetoOf(child, sentRun('open').result)).toBeNull()
  })

  it('asked to stop, pulls what rests and hands back what does not', () => {
    const {run} = sentRun('open')
    expect(nextMove(run, market('A'), {...session, stopped: true}, execution)).toMatchObject({kind: 'cancel'})
    const {run: over} = sentRun('cancelled')
    expect(nextMove(over, market('A'), {...session, stopped: true}, execution)).toMatchObject({cause: 'stopped'})
  })

  it('leaves an order without a known state to the next cycle rather than wait for ever', () => {
    const {run} = sentRun('unknown')
    expect(nextMove(run, market('A'), {...session, now: 49_000}, execution).kind).toBe('wait')
    expect(nextMove(run, market('A'), {...session, now: 51_000}, execution)).toMatchObject({cause: 'unknown'})
  })
})

describe('cycleOrders', () => {
  it('calls an asset filled only when the venue holds its target within a lot', () => {
    const {run} = sentRun('filled', null, '10')
    const done = {...run, end: {kind: 'done' as const, why: 'filled'}}
    expect(cycleOrders(outcome(done, '10'))[0]).toMatchObject({status: 'filled', target: '10', filled: '10'})
    expect(cycleOrders(outcome(done, '9.98'))[0]).toMatchObject({status: 'partial'})
  })

  it('makes the position the executable target where a control refused', () => {
    const [row] = cycleOrders(outcome(sentRun('vetoed', 'C06').run, '0'))
    expect(row).toMatchObject({status: 'vetoed', target: '0', rule: {id: 'C06', value: '6000.00 USD'}})
    expect(row!.rule!.because).toBe('order notional: 6000.00 USD against a limit of 5000.00 USD')
  })

  it('leaves the target standing where the deadline came first', () => {
    const {run} = sentRun('cancelled', null, '4')
    const end = {kind: 'deadline' as const, why: 'deadline with 6 left'}
    expect(cycleOrders(outcome({...run, end}, '4'))[0]).toMatchObject({
      ...{status: 'partial', target: '10', position: '4', filled: '4'},
      rule: {id: 'handed_back', value: '6'},
    })
  })

  it('measures the shortfall of a fill against the close that decided', () => {
    const {run, child} = sentRun('open')
    const fill: Fill = {
      ...{tid: '1', oid: '1', cloid: child.intent.cloid, coin: 'A', side: 'buy', px: '100', sz: '10', fee: '0.15'},
      ...{closedPnl: '0', startPosition: '0', dir: 'Open Long', crossed: false, time: 1},
    }
    const filled = {...run, children: [advance(child, {kind: 'fill', fill})], end: {kind: 'done' as const, why: ''}}
    const orders = cycleOrders(outcome(filled, '10'))
    expect(orders[0]!.cost!.total).toBeCloseTo(1.5, 9)
    expect(orders[0]!.cost!.spread).toBeCloseTo(-5, 6)
    expect(cycleCost(orders)!.makerShare).toBe(1)
    expect(cycleCost([])).toBeNull()
  })
})

describe('tradeReport', () => {
  const start = {mode: 'paper' as const, asOf: Date.parse('2026-11-01T00:00:00Z'), venue: 'sim', budgets: []}
  const notes = [{id: 'h', state: 'validated', reason: null, decidedAt: start.asOf}]
  const {child, result: refused, run} = sentRun('vetoed', 'C06')
  const orders = cycleOrders(outcome(run, '0'))
  const result: TradeResult = {
    ...emptyResult({...start, notes}),
    ...{orders, vetoes: [vetoOf(child, refused)!], state: stateOfCycle(orders, {halted: false, stopped: false})},
  }
  const context = {
    qoVersion: '0',
    inputs: {'configs/book.yaml': 'a'.repeat(64)},
    dataSha: {},
    dataAsOf: null,
    seed: null,
    earlier: [],
  }

  it('opens with what happened and explains the refusal', () => {
    const text = tradeReport(result, context)
    expect(text).toMatch(/^---\nartifact: trade-report@1\n/)
    expect(text).toMatch(/# Paper cycle of 2026-11-01T00:00:00.000Z: partial/)
    expect(text).toContain(`- ${result.vetoes[0]!.says}`)
    expect(tradeReport(result, context)).toBe(text)
  })

  it('says halted before stopped before what was reached', () => {
    expect(stateOfCycle(orders, {halted: true, stopped: true})).toBe('halted')
    expect(stateOfCycle(orders, {halted: false, stopped: true})).toBe('stopped')
    expect(stateOfCycle([], {halted: false, stopped: false})).toBe('nothing')
  })
})

describe('explainRule', () => {
  it('has a sentence for every rule, and names the control where a control decided', () => {
    expect(explainRule({id: 'min_notional', value: '5', limit: '10'})).toBe(
      '5 USD is below the smallest order of 10 USD',
    )
    expect(explainRule({id: 'C10', value: '0.6', limit: '0.5'})).toBe('position limit: 0.6 against a limit of 0.5')
  })
})
