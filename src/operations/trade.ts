import type {TradeMode, TradeResult} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {INTERVAL_MS, type Interval, isoOf} from '../kernel/instant.ts'
import type {Budget} from '../reflex/book.ts'
import {cycleCost, cycleOrders} from '../reflex/cycle-orders.ts'
import {emptyResult, stateOfCycle} from '../reflex/trade-result.ts'
import {type Admission, admit} from './trade-admit.ts'
import {type CycleRun, runCycle} from './trade-cycle.ts'
import {passGates, refuseWhenHalted, type TradeRules} from './trade-gates.ts'
import {leaveCycle, nextCycle} from './trade-leave.ts'
import {exposureOf} from './trade-plan.ts'
import {type PaperPlan, planOnly} from './trade-plan-only.ts'
import {openSession} from './trade-session.ts'
import {viewOf} from './trade-settle.ts'
import {type Standing, standingTargets} from './trade-targets.ts'
import {newestClose, startPractice, venueNow} from './trade-venue.ts'

export interface TradeRequest {
  readonly mode: TradeMode
  /** default: configs/execution.yaml */
  readonly deadlineMs: number | null
  /** true once a signal has asked the cycle to end */
  readonly stopRequested: () => boolean
}

/**
 * One trading cycle: latch → limits → admitted hypotheses → book → newest features → targets → intents → route through the
 * guard until done or deadline → reconcile → journal and report.
 *
 * Without an admitted hypothesis it is a cycle of zero intents. In a dry run and in shadow mode nothing is sent and no
 * process is started.
 *
 * @throws Fault `trade.*`, `artifact.*` (contract), `lake.*` (data), `guard.*` `venue.*` (venue)
 */
export async function trade(desk: Desk, {mode, deadlineMs, stopRequested}: TradeRequest): Promise<TradeResult> {
  const rules = await passGates(desk, mode)
  const admission = await admit(desk, rules.exchange)
  const bar = finestBar(admission)
  const closeBy = async (venueTime: number | null): Promise<number> =>
    desk.asOfGiven ? desk.asOf : ((await newestClose(desk, rules.exchange, bar, venueTime)) ?? desk.asOf)
  const blank = (asOf: number, standing: readonly Standing[], budgets: readonly Budget[]): TradeResult =>
    emptyResult({mode, asOf, venue: rules.exchange, notes: notesOf(admission, standing), budgets})

  if (admission.admitted.length === 0) {
    const asOf = await closeBy(null)
    return leaveCycle(desk, blank(asOf, [], []), asOf, sourceOf([], null))
  }
  if (desk.dryRun || mode === 'shadow') {
    const live = (await desk.processes.liveSim()) !== null
    const asOf = await closeBy(live ? await venueNow(await desk.venue('sim')) : null)
    const standing = await targetsOf(desk, rules, admission, asOf)
    const paper = await planOnly(desk, rules, standing, live)
    return leaveCycle(
      desk,
      {...blank(asOf, standing, paper.plan.book.budgets), ...planned(paper, rules)},
      asOf,
      sourceOf(standing, null),
    )
  }
  const session = await openSession(desk, mode, async () =>
    startPractice(desk, rules.exchange, bar, await closeBy(null)),
  )
  try {
    const asOf = await closeBy(session.venueTime)
    const standing = await targetsOf(desk, rules, admission, asOf)
    refuseWhenHalted(desk)
    const cycle = await nextCycle(desk, asOf, mode)
    const limit = deadlineMs ?? rules.execution.deadline_s * 1000
    const run = await runCycle(desk, rules, session, {mode, cycle, asOf, standing, deadlineMs: limit, stopRequested})
    const {account} = session
    const result = {...blank(asOf, standing, run.plan.book.budgets), ...ran(run, rules), cycle, account}
    return await leaveCycle(desk, result, asOf, sourceOf(standing, run.route.seed))
  } finally {
    await session.close()
  }
}

/** A cycle decides at the close of the shortest bar that any of its hypotheses uses. */
const finestBar = ({admitted}: Admission): Interval =>
  admitted.reduce<Interval>(
    (finest, {hypothesis: {bar}}) => (INTERVAL_MS[bar] < INTERVAL_MS[finest] ? bar : finest),
    '1d',
  )

/** The same targets as research, on what was available at `asOf`. */
async function targetsOf(desk: Desk, rules: TradeRules, {admitted}: Admission, asOf: number): Promise<Standing[]> {
  const standing: Standing[] = []
  for (const one of admitted) {
    desk.progress.say(`targets of ${one.hypothesis.id}`)
    const age = rules.execution.signal_age_bars
    standing.push(await standingTargets({...desk, asOf}, one, rules.exchange, age))
  }
  return standing
}

/** Where the targets come from, for the report's provenance. */
const sourceOf = (standing: readonly Standing[], seed: string | null): Parameters<typeof leaveCycle>[3] => ({
  dataSha: Object.fromEntries(standing.map(({member, dataSha}) => [member.id, dataSha])),
  dataAsOf: standing.length === 0 ? null : isoOf(Math.max(...standing.map(({dataAsOf}) => dataAsOf))),
  seed,
})

function notesOf({admitted, refused}: Admission, standing: readonly Standing[]) {
  const evaluated = admitted.map(({hypothesis: {id}, state}) => {
    const decidedAt = standing.find(({member}) => member.id === id)?.decidedAt ?? null
    return {id, state, reason: null, decidedAt}
  })
  return [...evaluated, ...refused.map((one) => ({...one, decidedAt: null}))].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function planned({plan, account, markets}: PaperPlan, {exchange}: TradeRules): Partial<TradeResult> {
  const {intents, limits, exposure, expectedCostUsd} = plan
  const empty = new Map<string, never>()
  const sizeDecimals = new Map([...markets].map(([coin, market]) => [coin, market.sizeDecimals]))
  const outcome = {planned: intents, runs: empty, sent: empty, lastMid: empty, venue: exchange, sizeDecimals}
  const orders = cycleOrders({...outcome, positions: account.positions})
  return {state: 'planned', orders, limits, exposure, expectedCostUsd}
}

function ran(
  {plan, route, end, markets, differences, resolution}: CycleRun,
  {exchange}: TradeRules,
): Partial<TradeResult> {
  const account = viewOf(end)
  const orders = cycleOrders({
    ...{planned: plan.intents, venue: exchange, sent: route.sent, lastMid: route.lastMid, positions: account.positions},
    runs: new Map(route.runs.map((run) => [run.intent.asset, run])),
    sizeDecimals: new Map([...markets].map(([coin, market]) => [coin, market.sizeDecimals])),
  })
  return {
    ...{
      state: stateOfCycle(orders, route),
      orders,
      differences,
      vetoes: route.vetoes,
      costs: cycleCost(orders),
    },
    ...{limits: plan.limits, expectedCostUsd: plan.expectedCostUsd, resolved: resolution.resolved},
    exposure: {...plan.exposure, equityUsd: account.equityUsd, ...exposureOf(account, markets)},
  }
}
