import type {ExecutionConfig} from '../contracts/execution.ts'
import {cloidOf, type OrderPhase} from '../contracts/orders.ts'
import {decimalTextOfNumber, toNumber} from '../kernel/decimal.ts'
import {type MarketState, marketState} from '../reflex/market-state.ts'
import {advance, type Child, isOver, plannedChild} from '../reflex/order-machine.ts'
import {afterSubmit, intentOf, nextMove, type RouteClock} from '../reflex/parent-moves.ts'
import {isAlive, lastChild, type ParentRun, remainingOf, startRun, withChild} from '../reflex/parent-run.ts'
import type {RouteMove, RouteView} from '../reflex/route-order.ts'
import type {ParentIntent} from '../reflex/target-to-intent.ts'
import type {PlaceStatus} from '../sim/place-order.ts'
import {pxText, szText} from '../sim/wire.ts'
import {ENGINE_DECIMALS, TICK_UNITS} from './bar-coin.ts'
import type {BarVenue} from './bar-venue.ts'

const STRATEGY = 'backtest'
/** The middle of the range of child sizes: a backtest has no use for disguise. */
const DRAW = 0.5

/** A parent on its way through one bar. */
interface Routed {
  readonly a: number
  readonly run: ParentRun
  /** venue's id of the newest child; null while it has none there */
  readonly oid: number | null
  /** the venue refused the newest child at this instant: asking again would get the same answer */
  readonly refusedAt: number | null
}

/**
 * The router of `qo trade` on the clock of one bar: the same moves, the same order machine, answers from the matching core
 * instead of from a socket. A venue in the same process answers every question, so no order is ever unknown.
 */
export class BarRouter {
  readonly #venue: BarVenue
  readonly #rules: ExecutionConfig
  readonly #urgency: RouteView['urgency']
  #parents: Routed[] = []
  #clock: RouteClock = {crossAt: 0, deadlineAt: 0}
  #bar = 0
  #seq = 0

  constructor(venue: BarVenue, rules: ExecutionConfig, urgency: RouteView['urgency']) {
    this.#venue = venue
    this.#rules = rules
    this.#urgency = urgency
  }

  /** Start the parents of one bar. @param bar  close of the deciding bar, epoch ms */
  start(intents: readonly {a: number; intent: ParentIntent}[], bar: number, clock: RouteClock): void {
    this.#bar = bar
    this.#clock = clock
    this.#parents = intents.map(({a, intent}) => ({
      a,
      run: startRun(intent, `${STRATEGY}|${bar}|${intent.asset}`, this.#seq++),
      oid: null,
      refusedAt: null,
    }))
  }

  /** Coins of an engine asset that are still to trade, in lots. */
  lotsLeft(a: number): number {
    const found = this.#parents.find((parent) => parent.a === a)
    return found === undefined || found.run.end !== null ? 0 : Math.round(toNumber(remainingOf(found.run)) / LOT)
  }

  /** How the parent of an asset ended; null: it has not, or there is none. */
  endOf(a: number): NonNullable<ParentRun['end']>['kind'] | null {
    return this.#parents.find((parent) => parent.a === a)?.run.end?.kind ?? null
  }

  /** Decide and act at this instant until every parent waits or has ended. */
  route(): void {
    for (let moved = true; moved; ) {
      moved = false
      for (const [i, parent] of this.#parents.entries()) {
        if (parent.run.end !== null) continue
        const asked = this.#asked(parent)
        const next = this.#step(asked)
        this.#parents[i] = next ?? asked
        moved ||= next !== null
      }
    }
  }

  /** One move of one parent; null when it waits. */
  #step(parent: Routed): Routed | null {
    const {a, run} = parent
    const now = this.#venue.now
    const market = this.#look(a, now)
    const session = {...this.#clock, now, stopped: false, urgency: this.#urgency}
    const move = nextMove(run, market, session, this.#rules)
    switch (move.kind) {
      case 'wait':
        return null
      case 'done':
        return {...parent, run: {...run, end: {kind: 'done', why: move.why}}}
      case 'hand_back':
        return {...parent, run: {...run, end: {kind: move.cause, why: move.why}}}
      case 'cancel': {
        this.#venue.cancel(parent.oid!)
        return this.#asked({...parent, run: {...run, repegs: run.repegs + (move.repeg ? 1 : 0)}})
      }
      case 'post':
      case 'cross':
        return parent.refusedAt === now ? null : this.#placed(parent, move, now)
    }
  }

  #placed(parent: Routed, move: Extract<RouteMove, {kind: 'post' | 'cross'}>, now: number): Routed {
    const {run} = parent
    const order = {strategy: STRATEGY, bar: this.#bar, sizeDecimals: ENGINE_DECIMALS, draw: DRAW}
    const intent = intentOf(run, move, {...order, capUsd: this.#rules.child_usd}, this.#rules)
    const whole = {...intent, cloid: cloidOf(intent)}
    const status = this.#venue.place(whole)
    const sent = advance(advance(plannedChild(whole), {kind: 'journaled'}), {kind: 'sent', at: now})
    const child = advance(sent, reportOf(status, whole.sz))
    const oid = 'resting' in status ? status.resting.oid : null
    return {...parent, run: afterSubmit(run, child, null, now), oid, refusedAt: 'error' in status ? now : null}
  }

  /** The venue's word on a resting child. */
  #asked(parent: Routed): Routed {
    const child = lastChild(parent.run)
    if (parent.oid === null || child === null || !isAlive(parent.run)) return parent
    const {status, lots, origLots} = this.#venue.order(parent.oid)
    const filledSz = szText(origLots - lots, ENGINE_DECIMALS)
    const phase: OrderPhase = status === 'open' || status === 'filled' ? status : 'cancelled'
    const told: Child = advance(child, {kind: 'reported', phase, filledSz, reason: status})
    return {...parent, run: withChild(parent.run, told), oid: isOver(told) ? null : parent.oid}
  }

  #look(a: number, now: number): MarketState {
    const {bids, asks} = this.#venue.state.books[a]!.levels(now)
    const text = (levels: readonly {px: number; lots: number}[]) =>
      levels.map(({px, lots}) => ({px: pxText(px), sz: szText(lots, ENGINE_DECIMALS)}))
    const mid = this.#venue.markets[a]!.midAt()
    return marketState(
      {
        ...{asset: this.#venue.coins[a]!.name, sizeDecimals: ENGINE_DECIMALS, bookTime: now, venueTime: now},
        bids: text(bids),
        asks: text(asks),
        mark: mid > 0 ? decimalTextOfNumber(Math.max(1, Math.round(mid)) / TICK_UNITS) : null,
        oracle: null,
        dayVolumeUsd: null,
      },
      PRICE_RULES,
    )
  }
}

const LOT = 10 ** -ENGINE_DECIMALS

/** The engine's own quotes are never stale or strange: what is not a price has no quotes at all. */
const PRICE_RULES = {maxAgeMs: 0, maxFromMark: 1, wideBps: 1e4}

/** An immediate-or-cancel order that traded less than all of it is over. */
function reportOf(status: PlaceStatus, sz: string) {
  const report = (phase: OrderPhase, filledSz: string, reason: string | null) =>
    ({kind: 'reported', phase, filledSz, reason}) as const
  if ('error' in status) return report('rejected', '0', status.error)
  if ('resting' in status) return report('open', '0', null)
  const {totalSz} = status.filled
  return report(Number(totalSz) < Number(sz) ? 'cancelled' : 'filled', totalSz, null)
}
