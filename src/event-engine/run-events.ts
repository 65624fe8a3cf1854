import type {BacktestResult, SettledPosition} from '../cognition/backtest/backtest-result.ts'
import {ContractEnds, settlementPx} from '../cognition/backtest/contract-ends.ts'
import {FeeTiers} from '../cognition/backtest/fee-tiers.ts'
import {FillLog} from '../cognition/backtest/fill-log.ts'
import {ResultBuilder} from '../cognition/backtest/result-builder.ts'
import type {WeightsRun} from '../cognition/backtest/weights-run.ts'
import type {ExecutionConfig} from '../contracts/execution.ts'
import {compare, decimal} from '../kernel/decimal.ts'
import {Fault} from '../kernel/fault.ts'
import type {ParentIntent} from '../reflex/target-to-intent.ts'
import {szText} from '../sim/wire.ts'
import {BarBooks} from './bar-books.ts'
import {ENGINE_DECIMALS, pxUnits} from './bar-coin.ts'
import {type Frictions, flowOf, frictionsAt, impactOf, offeredLots, quoteFor} from './bar-quotes.ts'
import {BarRouter} from './bar-router.ts'
import {BarVenue} from './bar-venue.ts'
import {BarWants} from './bar-wants.ts'

const LOT = 10 ** -ENGINE_DECIMALS

/** The weights engine's run; a cash account and fills at their own open are parity rules of that engine alone. */
export type EventRun = Omit<WeightsRun, 'cashOnly' | 'fillOn' | 'atAccountSize'>

/** A parent of this bar with what its market charges. */
interface Opened {
  readonly a: number
  readonly intent: ParentIntent
  readonly frictions: Frictions
  /** the bar offers less than is wanted: what is over waits for the next one */
  readonly isCut: boolean
}

/**
 * Run target weights through the real router and the practice venue's matching core, bar by bar.
 *
 * Decided at the close of bar t, routed from the open of t + 1 + delayBars: `taker` crosses there; the other fill models
 * rest at the touch, are filled by the bar as the model believes, and cross at its close with what is left. Costs, funding
 * and settlement are those of the weights engine; positions are whole lots, cash is the venue's, prices are on its grid.
 * In the shared case (`atAccountSize` there, one child an order here) both give the same returns to 1e-9.
 *
 * @throws Fault `backtest.venue_unsound` (bug) when positions or cash of the venue do not add up to zero
 * @see features-hypotheses.md 4
 */
export function runEvents(run: EventRun, rules: ExecutionConfig): BacktestResult {
  const {ts, barMs, open, close, costs, capital, delayBars = 0, costMultiplier = 1, fillModel = 'taker'} = run
  const N = close.length
  const venue = new BarVenue(run)
  const wants = new BarWants(run, venue, rules)
  const router = new BarRouter(venue, rules, fillModel === 'taker' ? 'high' : 'normal')
  const result = new ResultBuilder(run)
  const books = new BarBooks(N)
  const fees = new FeeTiers(run)
  const ends = new ContractEnds(run)
  const log = new FillLog(run.detail !== 'returns')
  const settled: SettledPosition[] = []
  const marks = new Float64Array(N).fill(Number.NaN)
  let equity = capital

  for (let t = 0; t < ts.length && result.liquidatedAt === null; t++) {
    const start = equity
    books.open(start)
    venue.moveTo(ts[t]!)
    openBar(t)
    const row = t - 1 - delayBars
    if (row >= 0) {
      wants.decide(row, result.equityAt(row))
      const rate = fees.at(t)
      const maker = rate.maker > 0 ? rate.maker * costMultiplier : rate.maker
      venue.charge({taker: rate.taker * costMultiplier, maker}, costs.minNotional)
      const opened = parentsOf(t, row)
      router.start(opened, ts[t]!, {crossAt: ts[t]! + barMs - 1, deadlineAt: ts[t]! + barMs})
      quoteOpen(opened, t, row)
      router.route()
      if (fillModel !== 'taker') {
        venue.moveTo(ts[t]! + barMs / 2)
        router.route()
      }
      bookFills(opened, t, open, true)
      closeMarks(t)
      if (fillModel !== 'taker') crossAtClose(opened, t)
      venue.moveTo(ts[t]! + barMs)
      for (const {a} of opened) venue.markets[a]!.mark(pxUnits(venue.coins[a]!, marks[a]!))
      router.route()
      bookFills(opened, t, close, false)
      endParents(opened)
    } else closeMarks(t)
    equity = venue.equity(marks)
    let notional = 0
    for (let a = 0; a < N; a++) {
      books.values[a] = venue.lotsHeld(a) === 0 ? 0 : venue.unitsHeld(a) * marks[a]!
      notional += Math.abs(books.values[a]!)
    }
    const isLost = notional > 0 && equity <= costs.maintenanceMargin * notional
    if (isLost) {
      venue.liquidate()
      equity = 0
      books.lose(start)
    }
    fees.traded(t, books.traded)
    result.note(t, books.bar(equity, isLost))
  }
  requireSound(venue)
  return result.finish(log.count, {fills: log.columns(), untraded: {...wants.untraded}}, settled)

  /** The gap from the last mark to the open, contracts that ended, and what settles at the open. */
  function openBar(t: number): void {
    for (let a = 0; a < N; a++) {
      const px = open[a]![t]!
      const held = venue.unitsHeld(a)
      if (held !== 0) {
        if (ends.has(a, t)) {
          const paid = settlementPx(run, {a, t, last: marks[a]!, held})
          const fee = venue.settle(a, paid, costs.takerFee[0]!)
          books.move(a, held * (paid - marks[a]!))
          books.pay(a, 'fees', fee)
          settled.push({asset: a, bar: t, units: held, px: paid})
          wants.forget(a)
          continue
        }
        if (px > 0) books.move(a, held * (px - marks[a]!))
        const {funding} = costs
        if (funding) {
          const rate = held > 0 ? funding.longBefore[a]![t]! : funding.shortBefore[a]![t]!
          payFunding(a, Math.abs(held) * (px > 0 ? px : marks[a]!) * rate)
        }
      }
      if (px > 0) marks[a] = px
    }
  }

  function payFunding(a: number, usd: number): void {
    venue.payFunding(a, usd)
    books.pay(a, 'funding', usd)
  }

  /** What can be ordered in bar t, risk-reducing orders first, then the larger; the rest waits and is counted. */
  function parentsOf(t: number, row: number): Opened[] {
    const opened: Opened[] = []
    for (const a of wants.assets) {
      const px = open[a]![t]!
      const frictions = frictionsAt(costs, a, row, costMultiplier)
      const offered = offeredLots(run, venue.coins[a]!, a, t)
      const {half, lag, impactUnit} = frictions
      if (!(px > 0)) wants.wait('noPrice')
      else if (!(half + lag + impactUnit < Number.POSITIVE_INFINITY)) wants.wait('noCostEstimate')
      else if (Number.isNaN(offered)) wants.wait('noVolume')
      else {
        const intent = wants.intentOf(a, px)
        if (intent === null) continue
        const isCut = Number(intent.size) / LOT > offered + 0.5
        if (isCut) wants.wait('participationCap')
        const size = isCut ? szText(offered, ENGINE_DECIMALS) : intent.size
        if (!isCut || offered > 0) opened.push({a, intent: {...intent, size}, frictions, isCut})
      }
    }
    const rank = ({intent}: Opened): number => (intent.reduceOnly ? 0 : 1)
    return opened.sort(
      (x, y) => rank(x) - rank(y) || compare(decimal(y.intent.notionalUsd), decimal(x.intent.notionalUsd)) || x.a - y.a,
    )
  }

  function quoteOpen(opened: readonly Opened[], t: number, row: number): void {
    for (const {a, intent, frictions} of opened) {
      const px = open[a]![t]!
      const coin = venue.coins[a]!
      const lots = router.lotsLeft(a)
      const impact = impactOf(frictions, lots * coin.lot * px)
      const side = intent.side === 'buy' ? 1 : -1
      quoteFor(venue, a, {
        ...frictions,
        px,
        side,
        shift: frictions.lag,
        impact,
        offered: lots,
        rests: fillModel !== 'taker',
      })
      if (fillModel !== 'taker') venue.markets[a]!.flow({at: ts[t]! + barMs / 2, ...flowOf(run, coin, a, t, row)})
    }
  }

  /** What rested and was not filled crosses at the close, where the bar ends. */
  function crossAtClose(opened: readonly Opened[], t: number): void {
    venue.moveTo(ts[t]! + barMs - 1)
    for (const {a, intent, frictions} of opened) {
      const px = close[a]![t]!
      const lots = router.lotsLeft(a)
      if (!(px > 0) || lots === 0) {
        venue.markets[a]!.mark(px > 0 ? pxUnits(venue.coins[a]!, px) : 0)
        continue
      }
      const impact = impactOf(frictions, lots * venue.coins[a]!.lot * px)
      const side = intent.side === 'buy' ? 1 : -1
      quoteFor(venue, a, {...frictions, px, side, shift: 0, impact, offered: lots, rests: false})
    }
    router.route()
  }

  /** Split what each fill paid beside its reference price as the cost model does. */
  function bookFills(opened: readonly Opened[], t: number, reference: readonly Float64Array[], isOpen: boolean): void {
    for (const fill of venue.takeFills()) {
      const {asset: a, units, px, fee, crossed} = fill
      const at = reference[a]![t]!
      const {frictions} = opened.find((parent) => parent.a === a)!
      const notional = Math.abs(units) * at
      const beside = units * (px - at)
      const lag = isOpen ? frictions.lag * notional : 0
      const spread = crossed ? frictions.half * notional : beside - lag
      books.pay(a, 'fees', fee)
      books.pay(a, 'spread', spread)
      books.pay(a, 'lag', lag)
      books.pay(a, 'impact', beside - spread - lag)
      books.trade(notional, wants.isFirstFill(a))
      log.add(t, a, units, at, fee + beside)
    }
  }

  /** The move from open to close and the funding inside the bar, on what is held by now. */
  function closeMarks(t: number): void {
    for (let a = 0; a < N; a++) {
      const px = close[a]![t]!
      const held = venue.unitsHeld(a)
      if (held !== 0) {
        if (px > 0) books.move(a, held * (px - marks[a]!))
        const {funding} = costs
        if (funding) {
          const rate = held > 0 ? funding.longAfter[a]![t]! : funding.shortAfter[a]![t]!
          payFunding(a, Math.abs(held) * (px > 0 ? (open[a]![t]! + px) / 2 : marks[a]!) * rate)
        }
      }
      if (px > 0) marks[a] = px
    }
  }

  /** A reached target is gone; so is one whose rest is too small to order. */
  function endParents(opened: readonly Opened[]): void {
    for (const {a, isCut} of opened) {
      const kind = router.endOf(a)
      if (kind === 'min_notional') wants.wait('minNotional')
      if ((kind === 'done' && !isCut) || kind === 'min_notional') wants.forget(a)
    }
  }
}

function requireSound(venue: BarVenue): void {
  const breaches = venue.breaches()
  if (breaches.length === 0) return
  throw new Fault('backtest.venue_unsound', {
    family: 'bug',
    what: `The matching core does not add up: ${breaches[0]}.`,
    why: 'What one account pays another receives; a venue that breaks this has no result worth reading.',
    next: ['report this with the hypothesis file and the command you typed'],
  })
}
