import type {AccountSnapshot} from '../contracts/orders.ts'
import type {TradeDifference} from '../contracts/trade.ts'
import {advance} from '../reflex/order-machine.ts'
import type {ParentRun} from '../reflex/parent-run.ts'
import {readFills} from '../reflex/read-venue.ts'
import {reconcile, uniqueFills} from '../reflex/reconcile.ts'
import type {AccountView} from './trade-plan.ts'
import type {RouteOutcome} from './trade-route.ts'
import type {OrderDesk} from './trade-send.ts'
import type {Session} from './trade-session.ts'

export interface Settled {
  readonly route: RouteOutcome
  readonly end: AccountSnapshot
  readonly differences: readonly TradeDifference[]
}

/**
 * After the last order: cancel what a signal left, read the venue's truth, give every child its fills, compare.
 *
 * @param start  the account before the first order of the cycle
 * @param known  cloids of every earlier order of this workspace
 */
export async function settle(
  {guard, venue, account}: Session,
  orders: OrderDesk,
  outcome: RouteOutcome,
  {cycle, start, known}: {cycle: string; start: AccountSnapshot; known: ReadonlySet<string>},
): Promise<Settled> {
  if (outcome.stopped) await guard.request({type: 'cancelIncreasing'})
  const {snapshot: end} = await guard.request({type: 'account'})
  const since = {type: 'userFillsByTime', user: account, startTime: start.at}
  const fills = uniqueFills(readFills(await venue.info(since)))
  const runs = outcome.runs.map(
    (run): ParentRun => ({
      ...run,
      children: run.children.map((child) =>
        fills
          .filter(({cloid}) => cloid === child.intent.cloid)
          .reduce((told, fill) => advance(told, {kind: 'fill', fill}), child),
      ),
    }),
  )
  const children = runs.flatMap((run) => run.children)
  const {positions} = viewOf(end)
  const differences = reconcile({
    before: viewOf(start).positions,
    fills,
    known: new Set([...known, ...children.map(({intent}) => intent.cloid)]),
    // After a latch an order may still work; the guard cancels it, and until then it is ours.
    resting: new Set(openOrdersOf(end).filter((cloid) => children.some((child) => child.intent.cloid === cloid))),
    positions,
    openOrders: end.openOrders,
  })
  const {at: venue_time, equity, openOrders} = end
  await orders.journal('reconcile', {
    ...{cycle, venue_time, equity, differences, open_orders: openOrders.length},
    positions: Object.fromEntries(positions),
  })
  return {route: {...outcome, runs}, end, differences}
}

const openOrdersOf = ({openOrders}: AccountSnapshot): string[] =>
  openOrders.flatMap(({cloid}) => (cloid === null ? [] : [cloid]))

/** Equity and signed positions by coin. */
export const viewOf = ({equity, positions}: AccountSnapshot): AccountView => ({
  equityUsd: equity,
  positions: new Map(positions.map(({coin, szi}) => [coin, szi])),
})
