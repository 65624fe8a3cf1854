import type {ExecutionConfig} from '../contracts/execution.ts'
import type {Intent, SubmitResult} from '../contracts/orders.ts'
import type {TradeVeto} from '../contracts/trade.ts'
import {decimal, decimalText, round} from '../kernel/decimal.ts'
import {childSize} from './child-size.ts'
import {explainVeto} from './explain-rule.ts'
import type {MarketState} from './market-state.ts'
import {type Child, isResting} from './order-machine.ts'
import {isAlive, isPassing, lastChild, type ParentRun, remainingOf, viewOf} from './parent-run.ts'
import {notional} from './price-grid.ts'
import {type RouteMove, type RouteView, routeOrder} from './route-order.ts'

/** Monotonic ms of one routing session. */
export interface RouteClock {
  readonly crossAt: number
  readonly deadlineAt: number
}

/** Pause after a refusal that passes by itself. */
const PATIENCE_MS = 2000
/** Beyond deadline and expiry an order without a known state is left to the next cycle to resolve. */
const GIVE_UP_MS = 30_000

/** The next move of a parent inside a session: signals and refusals first, then the router's own decision. */
export function nextMove(
  run: ParentRun,
  market: MarketState,
  session: RouteClock & {now: number; stopped: boolean; urgency: RouteView['urgency']},
  rules: ExecutionConfig,
): RouteMove {
  const {now, stopped, deadlineAt} = session
  const child = lastChild(run)
  const alive = isAlive(run)
  if (alive && now > deadlineAt + GIVE_UP_MS)
    return {kind: 'hand_back', cause: 'unknown', why: `${child?.intent.cloid} has no known state`}
  if (stopped && !alive) return {kind: 'hand_back', cause: 'stopped', why: 'stopped by a signal'}
  if (stopped && child !== null && isResting(child)) return {kind: 'cancel', why: 'stopped by a signal', repeg: false}
  if (!alive && now < run.notBefore && now < deadlineAt) return {kind: 'wait', why: run.veto?.reason ?? 'patience'}
  return routeOrder(viewOf(run, market, session), {
    repegMinTicks: rules.repeg.min_ticks,
    repegDwellMs: rules.repeg.dwell_s * 1000,
    repegBudget: rules.repeg.budget,
    collar: rules.collar,
    minNotionalUsd: rules.min_notional_usd,
  })
}

/** The order that carries a move out; its cloid is a function of (strategy, bar, coin, seq). */
export function intentOf(
  run: ParentRun,
  move: Extract<RouteMove, {kind: 'post' | 'cross'}>,
  order: {strategy: string; bar: number; sizeDecimals: number; capUsd: string; draw: number},
  rules: ExecutionConfig,
): Omit<Intent, 'cloid'> {
  const {asset, side, reduceOnly} = run.intent
  const sz = childSize(decimalText(remainingOf(run)), move.px, order.sizeDecimals, order.draw, {
    capUsd: order.capUsd,
    minNotionalUsd: rules.min_notional_usd,
    jitter: rules.child_jitter,
  })
  const {strategy, bar} = order
  const tif = move.kind === 'post' ? 'Alo' : 'Ioc'
  return {
    strategy,
    parent: run.parent,
    bar,
    seq: run.seq,
    coin: asset,
    side: side ?? 'buy',
    sz,
    px: move.px,
    tif,
    reduceOnly,
  }
}

/**
 * The parent after an order was handed to the guard.
 *
 * A refusal that passes by itself is waited out; any other ends the parent. A post-only order that would have crossed
 * spends the re-peg budget, as every new placement does.
 */
export function afterSubmit(run: ParentRun, child: Child, result: SubmitResult | null, now: number): ParentRun {
  const rejectedPost = child.phase === 'rejected' && child.intent.tif === 'Alo' ? 1 : 0
  const next = {...run, children: [...run.children, child], seq: run.seq + 1, repegs: run.repegs + rejectedPost}
  if (result === null || result.verdict.pass) return next
  const {verdict} = result
  return isPassing(verdict)
    ? {...next, veto: verdict, notBefore: now + PATIENCE_MS}
    : {...next, veto: verdict, end: {kind: 'vetoed', why: verdict.reason}}
}

/** A refusal in a form that a person can check: which control, what it measured, against which limit. */
export function vetoOf(child: Child, result: SubmitResult | null): TradeVeto | null {
  if (result === null || result.verdict.pass || result.verdict.control === null) return null
  const {control, reason, value, limit} = result.verdict
  const {cloid, coin, side, sz, px, tif} = child.intent
  const usd = decimalText(round(notional(decimal(sz), decimal(px)), 2, 'half'))
  const veto = {
    cloid,
    asset: coin,
    control,
    reason,
    value,
    limit,
    intent: `${side} ${sz} ${coin} at ${px} = ${usd} USD, ${tif}`,
  }
  return {...veto, says: explainVeto(veto)}
}
