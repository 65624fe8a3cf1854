import type {TradeOrder, TradeRule} from '../contracts/trade.ts'
import {decimal, decimalText, isZero} from '../kernel/decimal.ts'
import {costAttribution, totalCost} from './cost-attribution.ts'
import {explainRule} from './explain-rule.ts'
import {isOver} from './order-machine.ts'
import {costFills, filledOf, isAtTarget, lastChild, type ParentRun, reachedBy, remainingOf} from './parent-run.ts'
import type {PlannedIntent} from './plan-cycle.ts'
import {lotOf} from './price-grid.ts'

export interface CycleOutcome {
  readonly planned: readonly PlannedIntent[]
  /** coin -> its parent; empty for a plan */
  readonly runs: ReadonlyMap<string, ParentRun>
  /** coin -> signed coins at the end, venue truth */
  readonly positions: ReadonlyMap<string, string>
  readonly sent: ReadonlyMap<string, {readonly mid: number; readonly touch: number}>
  readonly lastMid: ReadonlyMap<string, number>
  readonly sizeDecimals: ReadonlyMap<string, number>
  readonly venue: string
}

/**
 * One row per asset of the cycle: what was wanted, what the rules allowed, what the venue holds now.
 *
 * The executable target follows what stopped the order: a control that refuses, and a remainder too small to be ordered,
 * leave the position as the target; a deadline does not, it leaves the asset short of it and says so.
 */
export const cycleOrders = (outcome: CycleOutcome): TradeOrder[] =>
  outcome.planned.map((planned) => {
    const coin = planned.asset
    const run = outcome.runs.get(coin)
    const position = outcome.positions.get(coin) ?? '0'
    const common = {
      asset: `${outcome.venue}:${coin}`,
      coin,
      side: planned.side,
      weight: planned.weight,
      before: planned.before,
      wanted: planned.wanted,
      reduceOnly: planned.reduceOnly,
      notionalUsd: planned.notionalUsd,
      decisionPx: planned.decisionPx,
      parts: Object.fromEntries(planned.parts),
      rule: explained(planned.rule),
    }
    const still = {target: planned.target, position, filled: '0', avgPx: null, cloids: [], cost: null}
    if (planned.side === null) return {...common, ...still, status: 'untraded' as const}
    if (run === undefined) return {...common, ...still, status: 'planned' as const}
    const {status, rule, target} = ended(run, planned, position, outcome.sizeDecimals.get(coin) ?? 0)
    const fills = costFills(run, outcome.sent)
    const size = fills.reduce((sum, {sz}) => sum + sz, 0)
    return {
      ...common,
      target,
      position,
      filled: decimalText(filledOf(run)),
      status,
      rule: explained(rule),
      avgPx: size > 0 ? fills.reduce((sum, {px, sz}) => sum + px * sz, 0) / size : null,
      cloids: run.children.map(({intent}) => intent.cloid),
      cost: costAttribution({
        side: planned.side,
        wantedSz: Number(planned.size),
        decisionPx: Number(planned.decisionPx ?? 0),
        fills,
        endMid: outcome.lastMid.get(coin) ?? Number.NaN,
        fundingUsd: 0,
      }),
    }
  })

const explained = (rule: TradeRule | null): TradeOrder['rule'] =>
  rule === null ? null : {...rule, because: explainRule(rule)}

/** How a parent ended, and the target that was within reach. */
function ended(
  run: ParentRun,
  planned: PlannedIntent,
  position: string,
  sizeDecimals: number,
): {status: TradeOrder['status']; rule: TradeRule | null; target: string} {
  const child = lastChild(run)
  const left = decimalText(remainingOf(run))
  const reached = decimalText(reachedBy(run))
  const rule = (id: string, value: string, limit: string): TradeRule => ({id, value, limit})
  // Under a latch the guard cancels what still works: that is no unknown state.
  if (child !== null && !isOver(child) && (child.phase === 'unknown' || run.end?.kind !== 'stopped')) {
    return {status: 'unknown', rule: rule('unresolved_order', child.intent.cloid, child.phase), target: planned.target}
  }
  if (run.end?.kind === 'vetoed') {
    const {control, value, limit, reason} = run.veto ?? {control: null, value: null, limit: null, reason: ''}
    return {status: 'vetoed', rule: rule(control ?? 'control', value ?? reason, limit ?? reason), target: reached}
  }
  if (run.end?.kind === 'min_notional')
    return {status: 'filled', rule: rule('min_notional', left, 'the smallest order'), target: reached}
  if (run.end?.kind === 'deadline' || run.end?.kind === 'stopped') {
    const status = isZero(filledOf(run)) ? 'handed_back' : 'partial'
    const id = run.end.kind === 'stopped' ? 'stopped' : 'handed_back'
    return {status, rule: rule(id, left, run.end.why), target: planned.target}
  }
  const there = isAtTarget(decimal(position), decimal(planned.target), decimal(lotOf(sizeDecimals)))
  return {status: there ? 'filled' : 'partial', rule: planned.rule, target: planned.target}
}

/** The cost of the whole cycle; null when nothing was traded. */
export function cycleCost(orders: readonly TradeOrder[]): TradeOrder['cost'] {
  const parts = orders.flatMap(({cost, notionalUsd}) =>
    cost !== null && cost.notionalUsd > 0 ? [{split: cost, baseUsd: Number(notionalUsd)}] : [],
  )
  return parts.length === 0 ? null : totalCost(parts)
}
