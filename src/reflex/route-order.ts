import {abs, compare, decimal, subtract, toNumber} from '../kernel/decimal.ts'
import type {MarketState} from './market-state.ts'
import {type Child, isOver, isResting} from './order-machine.ts'
import {collarPrice, touchPrice} from './place-price.ts'
import {notional, type Side, tickAt} from './price-grid.ts'

export interface RouteRules {
  readonly repegMinTicks: number
  readonly repegDwellMs: number
  readonly repegBudget: number
  /** fraction */
  readonly collar: number
  readonly minNotionalUsd: string
}

/** One parent at one moment: everything the decision may look at. Times are monotonic ms. */
export interface RouteView {
  readonly side: Side
  /** coins still to trade, unsigned */
  readonly remaining: string
  readonly reduceOnly: boolean
  /** true when `remaining` is the whole position: the venue then takes it below the minimum notional */
  readonly closesWhole: boolean
  readonly urgency: 'low' | 'normal' | 'high'
  readonly market: MarketState
  /** the newest child, if any was planned */
  readonly child: Child | null
  readonly repegs: number
  readonly now: number
  readonly crossAt: number
  readonly deadlineAt: number
}

/** What to do next with a parent, and why. `why` carries the numbers: it is journaled with every switch. */
export type RouteMove =
  | {readonly kind: 'post'; readonly px: string; readonly why: string}
  | {readonly kind: 'cross'; readonly px: string; readonly why: string}
  | {readonly kind: 'cancel'; readonly why: string; readonly repeg: boolean}
  | {readonly kind: 'wait'; readonly why: string}
  | {readonly kind: 'done'; readonly why: string}
  | {readonly kind: 'hand_back'; readonly cause: HandBack; readonly why: string}

/** Why a remainder goes back to whoever asked for it. */
export type HandBack = 'deadline' | 'min_notional' | 'stopped' | 'unknown'

/**
 * The next move of one parent: passive first, aggressive when the deadline nears, hand back what is left.
 *
 * Post-only at the touch until `crossAt`, re-pegged only when the touch has moved `repegMinTicks` and the order has
 * rested `repegDwellMs`, at most `repegBudget` times; from `crossAt` on an IOC inside the collar; at `deadlineAt` nothing
 * may rest and the remainder is handed back. High urgency crosses at once. An order in an unknown state blocks its
 * parent: nothing is sent beside it. On a book that is not a price nothing that adds risk is placed or left resting.
 *
 * Pure: the same view gives the same move, in replay, on the practice venue and live.
 *
 * @see execution.md 3
 */
export function routeOrder(view: RouteView, rules: RouteRules): RouteMove {
  const {child, market, now} = view
  const pending = child !== null && !isOver(child)
  const resting = child !== null && isResting(child)
  if (pending && !resting) return {kind: 'wait', why: `${child.intent.cloid} is ${child.phase}`}
  if (decimal(view.remaining).units <= 0n)
    return resting ? {kind: 'cancel', why: 'the parent is full', repeg: false} : {kind: 'done', why: 'filled'}
  if (now >= view.deadlineAt)
    return resting
      ? {kind: 'cancel', why: 'deadline', repeg: false}
      : {kind: 'hand_back', cause: 'deadline', why: `deadline with ${view.remaining} left`}
  if (market.noPrice !== null)
    return resting && !view.reduceOnly
      ? {kind: 'cancel', why: `the book is ${market.noPrice}`, repeg: false}
      : {kind: 'wait', why: `the book is ${market.noPrice}`}
  const orderable = isOrderable(view, rules)
  const crossing = now >= view.crossAt || view.urgency === 'high'
  if (resting) return keepOrPull(view, rules, crossing && orderable)
  if (!orderable)
    return {
      kind: 'hand_back',
      cause: 'min_notional',
      why: `${view.remaining} left is below ${rules.minNotionalUsd} USD`,
    }
  if (crossing) {
    const px = collarPrice(market, view.side, rules.collar)
    return px === null
      ? {kind: 'wait', why: `spread ${market.spreadBps.toFixed(1)} bps reaches past the collar`}
      : {kind: 'cross', px, why: `${view.urgency === 'high' ? 'urgent' : 'deadline near'}: ${spreadOf(market)}`}
  }
  // Every placement after the first spends the re-peg budget, rejected post-only orders included.
  if (child !== null && view.repegs > rules.repegBudget)
    return {kind: 'wait', why: `re-peg budget of ${rules.repegBudget} is spent`}
  const px = touchPrice(market, view.side)
  return px === null ? {kind: 'wait', why: 'no touch to join'} : {kind: 'post', px, why: spreadOf(market)}
}

const spreadOf = ({spreadBps, imbalance}: MarketState): string =>
  `spread ${spreadBps.toFixed(1)} bps, imbalance ${imbalance[0].toFixed(2)}`

/** Can the remainder be ordered at all? Below the minimum only a whole position may be closed. */
function isOrderable({remaining, market, closesWhole}: RouteView, {minNotionalUsd}: RouteRules): boolean {
  const px = market.mark ?? market.bid
  return (
    closesWhole || (px !== null && compare(notional(decimal(remaining), decimal(px)), decimal(minNotionalUsd)) >= 0)
  )
}

/** A resting order keeps its place in the queue unless the deadline or the touch says otherwise. */
function keepOrPull(view: RouteView, rules: RouteRules, crossing: boolean): RouteMove {
  const {child, market, now, repegs} = view
  if (child === null) return {kind: 'wait', why: 'nothing rests'}
  if (crossing) return {kind: 'cancel', why: 'time to cross', repeg: false}
  const touch = touchPrice(market, view.side)
  if (touch === null) return {kind: 'wait', why: 'no touch to follow'}
  const gap = toNumber(abs(subtract(decimal(touch), decimal(child.intent.px))))
  const ticks = Math.round(gap / Number(tickAt(decimal(touch), market.sizeDecimals)))
  const rested = now - child.placedAt
  const at = `touch ${ticks} ticks away after ${(rested / 1000).toFixed(1)} s`
  if (ticks < rules.repegMinTicks || rested < rules.repegDwellMs) return {kind: 'wait', why: at}
  // Below the minimum notional a cancelled remainder could never be placed again: it stays where it is.
  if (!isOrderable(view, rules)) return {kind: 'wait', why: 'the remainder is too small to place again'}
  if (repegs >= rules.repegBudget) return {kind: 'wait', why: `re-peg budget of ${rules.repegBudget} is spent`}
  return {kind: 'cancel', why: at, repeg: true}
}
