import type {TradeMode} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {MarketState} from '../reflex/market-state.ts'
import {type ParentRun, startRun} from '../reflex/parent-run.ts'
import {childCapUsd, type PlannedIntent} from '../reflex/plan-cycle.ts'
import type {TradeRules} from './trade-gates.ts'
import {openFeed} from './trade-market.ts'
import {type CyclePlan, planTrade} from './trade-plan.ts'
import {type Resolution, resolveEarlier} from './trade-resolve.ts'
import {type RouteOutcome, routeParents} from './trade-route.ts'
import {openOrderDesk} from './trade-send.ts'
import type {Session} from './trade-session.ts'
import {type Settled, settle, viewOf} from './trade-settle.ts'
import type {Standing} from './trade-targets.ts'

/** Name under which guard and venue know the orders of the book. */
const STRATEGY = 'book'

export interface CycleRequest {
  readonly mode: TradeMode
  readonly cycle: string
  readonly asOf: number
  readonly standing: readonly Standing[]
  readonly deadlineMs: number
  readonly stopRequested: () => boolean
}

export interface CycleRun extends Settled {
  readonly plan: CyclePlan
  readonly markets: ReadonlyMap<string, MarketState>
  readonly resolution: Resolution
}

/**
 * Finish what is unfinished, plan, route, reconcile: the part of a cycle that holds orders.
 *
 * Every step is journaled before it is taken. Whatever ends the routing, orders that could increase risk are cancelled and
 * the account is reconciled before this returns or throws.
 *
 * @throws Fault `trade.halted` (halted), `trade.lease_lost`, `guard.*`, `venue.*` (venue)
 */
export async function runCycle(
  desk: Desk,
  rules: TradeRules,
  session: Session,
  {mode, cycle, asOf, standing, deadlineMs, stopRequested}: CycleRequest,
): Promise<CycleRun> {
  const {guard, account, lease} = session
  const orders = openOrderDesk(desk, guard, cycle)
  const feed = await openFeed(desk, session.venue, session.venueTime, rules.execution)
  const resolution = await resolveEarlier(desk, orders)
  const {snapshot: start} = await guard.request({type: 'account'})
  const held = viewOf(start)
  const wanted = standing.flatMap(({member}) => [...member.weights.keys()])
  const coins = [...new Set([...wanted, ...held.positions.keys()])]
  // A coin that the venue does not list, or has delisted, has no market and gets no order.
  const looks = await feed.look(coins.filter((coin) => feed.listings.get(coin)?.delisted === false))
  const markets = new Map(looks.map((market) => [market.asset, market]))
  const plan = withoutBlocked(await planTrade(desk, rules, standing, held, markets), resolution)

  await orders.journal('cycle_started', {
    ...{cycle, mode, account, epoch: lease.epoch, as_of: isoOf(asOf), venue_time: start.at, equity: start.equity},
    positions: Object.fromEntries(held.positions),
  })
  await orders.journal('plan', {cycle, targets: plan.intents.map(planRow)})
  if (!(await lease.isHeld())) throw lostLease()
  const route = await routed(plan.intents.filter(({side}) => side !== null))
  return {plan, markets, resolution, ...(await settle(session, orders, route, {cycle, start, known: resolution.known}))}

  async function routed(trading: readonly PlannedIntent[]): Promise<RouteOutcome> {
    desk.progress.say(`routing ${trading.length} orders`)
    const bar = Math.max(...standing.map(({decidedAt}) => decidedAt))
    const runs: ParentRun[] = []
    for (const intent of trading) {
      const {next} = await guard.request({type: 'sequence', strategy: STRATEGY, bar, coin: intent.asset})
      runs.push(startRun(intent, `${STRATEGY}|${bar}|${intent.asset}`, next))
    }
    const {execution, limits} = rules
    const capOf = (coin: string): string => childCapUsd(markets.get(coin)!, start.equity, execution, limits)
    const childUsd = new Map(trading.map(({asset}) => [asset, capOf(asset)]))
    // The most urgent of those who want an asset decides how patient its order may be.
    const hurried = new Set(standing.filter(({urgency}) => urgency === 'high').map(({member}) => member.id))
    const urgent = new Set(
      trading.filter(({parts}) => [...parts.keys()].some((id) => hurried.has(id))).map(({asset}) => asset),
    )
    const routing = {runs, strategy: STRATEGY, bar, deadlineMs, stopRequested, childUsd, rules: execution}
    try {
      return await routeParents(desk, feed, orders, {
        ...routing,
        urgencyOf: (coin) => (urgent.has(coin) ? 'high' : 'normal'),
      })
    } catch (cause) {
      // The guard may be gone, or halting by itself; what it still answers to is used, what failed first is told.
      await guard.request({type: 'cancelIncreasing'}).catch(() => undefined)
      await guard.request({type: 'account'}).catch(() => undefined)
      throw cause
    }
  }
}

/** Nothing is sent beside an order whose state is unknown. */
function withoutBlocked(plan: CyclePlan, {blocked}: Resolution): CyclePlan {
  const intents = plan.intents.map(
    (intent): PlannedIntent =>
      blocked.has(intent.asset) && intent.side !== null
        ? {
            ...intent,
            side: null,
            target: intent.before,
            rule: {id: 'unresolved_order', value: intent.asset, limit: 'known'},
          }
        : intent,
  )
  return {...plan, intents}
}

const planRow = ({asset, weight, before, wanted, target, rule, parts}: PlannedIntent) => ({
  ...{coin: asset, weight, before, wanted, target, rule},
  parts: Object.fromEntries(parts),
})

function lostLease(): Fault {
  return new Fault('trade.lease_lost', {
    family: 'venue',
    what: 'Another process took the account over while this one was planning.',
    why: 'The lease carries a newer epoch; two routers on one account would trade twice.',
    next: ['qo trade, once the other one has ended'],
  })
}
