import type {ExecutionConfig} from '../contracts/execution.ts'
import type {TradeVeto} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {Random} from '../kernel/random.ts'
import type {MarketState} from '../reflex/market-state.ts'
import {afterSubmit, intentOf, nextMove, vetoOf} from '../reflex/parent-moves.ts'
import {isAlive, lastChild, type ParentRun, withChild} from '../reflex/parent-run.ts'
import type {RouteMove, RouteView} from '../reflex/route-order.ts'
import type {MarketFeed} from './trade-market.ts'
import type {OrderDesk} from './trade-send.ts'

export interface RouteRequest {
  readonly runs: readonly ParentRun[]
  readonly strategy: string
  /** close of the deciding bar, epoch ms */
  readonly bar: number
  /** by coin: a high urgency crosses at once */
  readonly urgencyOf: (coin: string) => RouteView['urgency']
  readonly deadlineMs: number
  readonly rules: ExecutionConfig
  /** coin -> largest notional of one order that the limits leave room for, USD */
  readonly childUsd: ReadonlyMap<string, string>
  readonly stopRequested: () => boolean
}

export interface RouteOutcome {
  readonly runs: readonly ParentRun[]
  /** cloid -> mid and far touch when it was sent */
  readonly sent: ReadonlyMap<string, {mid: number; touch: number}>
  /** coin -> last mid that was a price */
  readonly lastMid: ReadonlyMap<string, number>
  readonly vetoes: readonly TradeVeto[]
  readonly stopped: boolean
  /** the latch came down: what still works at the venue is the guard's from here */
  readonly halted: boolean
  /** seed text of the child sizes */
  readonly seed: string
}

/** Rounds between two looks at marks, volumes and listings. */
const REFRESH_ROUNDS = 10

/**
 * Route parents until each is done, handed back or refused, or a signal asks to stop. Nothing rests when this returns.
 *
 * Each round: ask about live orders, look at the books, decide (pure), cancel, then submit. The latch is looked for
 * before every round; the guard looks again before every signature. When it is down the parents end where they are: then
 * the guard alone cancels.
 *
 * @throws Fault `guard.*`, `venue.*` (venue)
 */
export async function routeParents(
  desk: Desk,
  feed: MarketFeed,
  orders: OrderDesk,
  {rules, strategy, bar, urgencyOf, deadlineMs, childUsd, stopRequested, ...request}: RouteRequest,
): Promise<RouteOutcome> {
  const start = desk.clock.monotonic()
  const clock = {crossAt: start + deadlineMs * (1 - rules.cross_window), deadlineAt: start + deadlineMs}
  const seed = `qo-route|v1|${strategy}|bar:${bar}`
  const draws = new Random(seed)
  const runs = new Map(request.runs.map((run) => [run.intent.asset, run]))
  const put = (run: ParentRun): Map<string, ParentRun> => runs.set(run.intent.asset, run)
  const active = (): ParentRun[] => [...runs.values()].filter(({end}) => end === null)
  const sent = new Map<string, {mid: number; touch: number}>()
  const lastMid = new Map<string, number>()
  const vetoes: TradeVeto[] = []
  let stopped = false
  let halted = false

  for (let round = 1; active().length > 0; round++) {
    halted = desk.latch.look() !== 'absent' || vetoes.some(({control}) => control === 'C02')
    if (halted) break
    stopped ||= stopRequested()
    await Promise.all(
      active()
        .filter(isAlive)
        .map(async (run) => put(withChild(run, await orders.ask(lastChild(run)!)))),
    )
    if (round % REFRESH_ROUNDS === 0) await feed.refresh()
    const running = active()
    const looks = await feed.look(running.map(({intent}) => intent.asset))
    const markets = new Map(looks.map((market) => [market.asset, market]))
    for (const {asset, mid, noPrice} of looks) if (noPrice === null) lastMid.set(asset, mid)
    const session = {...clock, now: desk.clock.monotonic(), stopped}
    const moves = running.map((run, i): [ParentRun, RouteMove] => {
      const urgency = urgencyOf(run.intent.asset)
      return [run, nextMove(run, looks[i]!, {...session, urgency}, rules)]
    })
    for (const [run, move] of moves) {
      if (move.kind === 'done') put({...run, end: {kind: 'done', why: move.why}})
      if (move.kind === 'hand_back') put({...run, end: {kind: move.cause, why: move.why}})
    }
    await pull(moves)
    const isSwept = await place(moves, markets, session.now)
    // A slice that crossed and filled makes room for the next one: waiting would only let the price move.
    if (active().length > 0 && !isSwept) await desk.clock.sleep(rules.poll_s * 1000)
  }
  halted ||= vetoes.some(({control}) => control === 'C02')
  for (const run of active()) put({...run, end: {kind: 'stopped', why: 'the latch came down'}})
  return {runs: [...runs.values()], sent, lastMid, vetoes, stopped, halted, seed}

  async function pull(moves: readonly (readonly [ParentRun, RouteMove])[]): Promise<void> {
    const pulled = moves.flatMap(([run, move]) => (move.kind === 'cancel' ? [{run, move}] : []))
    const children = await orders.cancel(pulled.map(({run}) => lastChild(run)!))
    for (const [i, {run, move}] of pulled.entries())
      put({...withChild(run, children[i]!), repegs: run.repegs + (move.repeg ? 1 : 0)})
  }

  async function place(
    moves: readonly (readonly [ParentRun, RouteMove])[],
    markets: ReadonlyMap<string, MarketState>,
    now: number,
  ): Promise<boolean> {
    const room = rules.open_children - [...runs.values()].filter(isAlive).length
    const placing = moves
      .flatMap(([run, move]) => (move.kind === 'post' || move.kind === 'cross' ? [{run, move}] : []))
      .slice(0, Math.max(0, room))
    const outcomes = await orders.submit(
      placing.map(({run, move}) => {
        const coin = run.intent.asset
        const {sizeDecimals} = markets.get(coin)!
        const order = {strategy, bar, sizeDecimals, capUsd: childUsd.get(coin) ?? rules.child_usd, draw: draws.unit()}
        return {why: move.why, intent: intentOf(run, move, order, rules)}
      }),
    )
    for (const [i, {run}] of placing.entries()) {
      const {child, result} = outcomes[i]!
      const {mid, ask, bid} = markets.get(run.intent.asset)!
      sent.set(child.intent.cloid, {mid, touch: Number(run.intent.side === 'buy' ? ask : bid)})
      const veto = vetoOf(child, result)
      if (veto !== null) vetoes.push(veto)
      put(afterSubmit(run, child, result, now))
    }
    return outcomes.some(({child}) => child.intent.tif === 'Ioc' && child.phase === 'filled')
  }
}
