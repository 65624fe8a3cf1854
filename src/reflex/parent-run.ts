import type {ControlVerdict} from '../contracts/orders.ts'
import {abs, add, compare, type Decimal, decimal, decimalText, subtract} from '../kernel/decimal.ts'
import type {CostFill} from './cost-attribution.ts'
import type {MarketState} from './market-state.ts'
import {type Child, isOver} from './order-machine.ts'
import type {HandBack, RouteView} from './route-order.ts'
import type {ParentIntent} from './target-to-intent.ts'

/** A parent intent on its way: its children, and how it ended. */
export interface ParentRun {
  readonly intent: ParentIntent
  readonly parent: string
  /** oldest first; only the last can be alive */
  readonly children: readonly Child[]
  readonly repegs: number
  /** next free number for a cloid of (strategy, bar, coin) */
  readonly seq: number
  /** null while it runs */
  readonly end: {readonly kind: 'done' | 'vetoed' | HandBack; readonly why: string} | null
  readonly veto: ControlVerdict | null
  /** monotonic ms before which nothing new is tried: after a passing refusal */
  readonly notBefore: number
}

export const startRun = (intent: ParentIntent, parent: string, seq: number): ParentRun => ({
  intent,
  parent,
  children: [],
  repegs: 0,
  seq,
  end: null,
  veto: null,
  notBefore: 0,
})

export const filledOf = (run: ParentRun): Decimal =>
  run.children.reduce((sum: Decimal, {filled}) => add(sum, decimal(filled)), decimal('0'))

export const remainingOf = (run: ParentRun): Decimal => subtract(decimal(run.intent.size), filledOf(run))

export const lastChild = ({children}: ParentRun): Child | null => children.at(-1) ?? null

/** True while an order of this parent may still trade. */
export const isAlive = (run: ParentRun): boolean => {
  const child = lastChild(run)
  return child !== null && !isOver(child)
}

export const withChild = (run: ParentRun, child: Child): ParentRun => ({
  ...run,
  children: run.children.map((old) => (old.intent.cloid === child.intent.cloid ? child : old)),
})

/** What the router may look at when it decides about this parent. */
export function viewOf(
  run: ParentRun,
  market: MarketState,
  clock: {now: number; crossAt: number; deadlineAt: number; urgency: RouteView['urgency']},
): RouteView {
  const remaining = remainingOf(run)
  const {intent} = run
  return {
    side: intent.side ?? 'buy',
    remaining: decimalText(remaining),
    reduceOnly: intent.reduceOnly,
    closesWhole: intent.reduceOnly && intent.target === '0',
    market,
    child: lastChild(run),
    repegs: run.repegs,
    ...clock,
  }
}

/**
 * Refusals that pass by themselves: too many messages, too many open orders, a price that is late. All others are final
 * for this parent: asking again would be asking for another answer.
 */
export const isPassing = ({control}: ControlVerdict): boolean =>
  control === 'C15' || control === 'C20' || control === 'C09' || control === 'C17'

/** Signed coins that the cycle reached in this asset: start plus what filled. */
export const reachedBy = (run: ParentRun): Decimal => {
  const filled = filledOf(run)
  const before = decimal(run.intent.before)
  return run.intent.side === 'sell' ? subtract(before, filled) : add(before, filled)
}

/**
 * The fills of a parent with the market that each of its orders met when it was sent.
 *
 * @param sent  cloid -> mid and far touch at send
 */
export const costFills = (
  run: ParentRun,
  sent: ReadonlyMap<string, {readonly mid: number; readonly touch: number}>,
): CostFill[] =>
  run.children.flatMap(({intent, fills}) =>
    fills.map((fill) => {
      const met = sent.get(intent.cloid)
      const px = Number(fill.px)
      return {
        px,
        sz: Number(fill.sz),
        feeUsd: Number(fill.fee),
        crossed: fill.crossed,
        midAtSend: met?.mid ?? px,
        touchAtSend: met?.touch ?? px,
      }
    }),
  )

/** True when position and target differ by at most one lot. */
export const isAtTarget = (position: Decimal, target: Decimal, lot: Decimal): boolean =>
  compare(abs(subtract(position, target)), lot) <= 0
