import {runConfiguration} from '../cognition/backtest/run-configuration.ts'
import {targetWeights} from '../cognition/backtest/target-weights.ts'
import {compileHypothesis} from '../cognition/features/compile-hypothesis.ts'
import {evaluateSignals} from '../cognition/features/evaluate.ts'
import {primaryParams} from '../cognition/hypotheses/primary-params.ts'
import {Costs} from '../contracts/costs.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import {BAR, type Panel} from '../contracts/panel.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {Member} from '../reflex/book.ts'
import {toDaily} from '../reflex/covariance.ts'
import {loadPanel} from './load-panel.ts'
import {listedCoins, universeFor} from './select-universe.ts'
import type {Admitted} from './trade-admit.ts'

/** A member of the book with what its targets were decided on. */
export interface Standing {
  readonly member: Member
  /** close of the bar that decided, epoch ms */
  readonly decidedAt: number
  /** coin -> close of the deciding bar */
  readonly closes: ReadonlyMap<string, number>
  /** coin -> traded notional of the 24 h before the newest close, USD */
  readonly dayVolumeUsd: ReadonlyMap<string, number>
  readonly sizeDecimals: ReadonlyMap<string, number>
  /** coins of the universe on which the hypothesis has no opinion */
  readonly silent: readonly string[]
  /** absolute band of the hypothesis, fraction of its capital */
  readonly band: number
  readonly urgency: Hypothesis['execution']['urgency']
  readonly dataSha: string
  readonly dataAsOf: number
}

/** Days of standalone returns behind the book's volatility and correlations. */
const BOOK_DAYS = 365

/** The venue's name of an asset: an incarnation number is ours, not the venue's. */
export const coinOf = (asset: string): string => asset.replace(/#\d+$/, '')

/**
 * Standing targets of one hypothesis as of `desk.asOf`: the newest row of the rebalance calendar.
 *
 * The panel, the universe, the evaluator and the portfolio rule are those of research, on rows with purpose `live`: what
 * was judged is what trades. Between two rebalances the last row stands, sized at the close that decided it.
 *
 * @throws Fault `trade.stale_lake` (data) when the newest bar lags more than `signalAgeBars` behind the decision time
 */
export async function standingTargets(
  desk: Desk,
  {hypothesis, state}: Admitted,
  venue: string,
  signalAgeBars: number,
): Promise<Standing> {
  const purpose = {kind: 'live'} as const
  const inputs = ['open', 'high', 'low', 'close', 'volume', 'trades', 'funding'] as const
  const panel = await loadPanel(desk, {
    venue,
    interval: hypothesis.bar,
    inputs,
    asOf: desk.asOf,
    purpose,
    coins: listedCoins(hypothesis),
  })
  const T = panel.ts.length
  const newestClose = (panel.ts[T - 1] ?? 0) + panel.barMs
  if (desk.asOf - newestClose >= (signalAgeBars + 1) * panel.barMs)
    throw staleLake(hypothesis.id, newestClose, desk.asOf)
  const {mask} = await universeFor(desk, hypothesis, panel, purpose)
  const compiled = compileHypothesis(hypothesis)
  const params = primaryParams(hypothesis)
  const signal = evaluateSignals(compiled, panel, mask, [params])[0]!
  const weights = targetWeights({hypothesis, signal, panel, universe: mask})
  const costs = await desk.files.read(Costs, hypothesis.costs)
  const {net} = runConfiguration({hypothesis, params, panel, universe: mask, signal, costs, detail: 'returns'})
  const row = lastDecision(weights, T)
  const live = panel.assets.flatMap((asset, a) =>
    panel.state[a]![T - 1] === BAR.live ? [{a, coin: coinOf(asset)}] : [],
  )
  const at = (of: (a: number) => number): Map<string, number> => new Map(live.map(({a, coin}) => [coin, of(a)]))
  const chosen = row < 0 ? [] : live.filter(({a}) => mask[a]![row] === 1)
  return {
    member: {
      id: hypothesis.id,
      state,
      weights: new Map(chosen.map(({a, coin}) => [coin, weights[a]![row]!])),
      dailyReturns: toDaily(panel.ts, panel.barMs, net, newestClose, BOOK_DAYS),
      capitalUsd: hypothesis.capital_usd,
    },
    decidedAt: row < 0 ? newestClose : panel.ts[row]! + panel.barMs,
    closes: row < 0 ? new Map() : at((a) => panel.series.get('close')![a]![row]!),
    dayVolumeUsd: at((a) => dayVolume(panel, a)),
    sizeDecimals: new Map(
      live.flatMap(({a, coin}) => (panel.sizeDecimals[a] == null ? [] : [[coin, panel.sizeDecimals[a]]])),
    ),
    silent: chosen.filter(({a}) => !Number.isFinite(signal[a]![row])).map(({coin}) => coin),
    band: hypothesis.portfolio.no_trade_band,
    urgency: hypothesis.execution.urgency,
    dataSha: panel.dataSha,
    dataAsOf: newestClose,
  }
}

/** The newest bar on which a book was decided: a row of the calendar is finite for every asset. */
function lastDecision(weights: readonly Float64Array[], T: number): number {
  for (let t = T - 1; t >= 0; t--) if (weights.some((row) => Number.isFinite(row[t]))) return t
  return -1
}

/** Close × volume over the last 24 hours; a missing bar makes it unknown, not small. */
function dayVolume(panel: Panel, a: number): number {
  const bars = Math.max(1, Math.round(86_400_000 / panel.barMs))
  const T = panel.ts.length
  let sum = 0
  for (let t = Math.max(0, T - bars); t < T; t++)
    sum += panel.series.get('close')![a]![t]! * panel.series.get('volume')![a]![t]!
  return sum
}

function staleLake(id: string, newestClose: number, asOf: number): Fault {
  return new Fault('trade.stale_lake', {
    family: 'data',
    what: `The newest bar for ${id} closed at ${isoOf(newestClose)}; the decision time is ${isoOf(asOf)}.`,
    why: 'A target from an old bar is not a signal. Nothing was sent.',
    next: ['qo ingest', 'qo lake status', `qo trade --as-of ${isoOf(newestClose)}, to replay that bar on paper`],
  })
}
