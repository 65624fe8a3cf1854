import type {Panel} from '../../contracts/panel.ts'
import {isoOf, YEAR_MS} from '../../kernel/instant.ts'
import {median} from '../../kernel/median.ts'
import {correlation} from '../statistics/correlation.ts'
import type {BacktestResult} from './backtest-result.ts'
import {type ShortFigures, shortFigures} from './short-figures.ts'
import {runWeights} from './weights-engine.ts'
import type {WeightsRun} from './weights-run.ts'

/** A rule researched on one venue and priced on the one it would trade on, over the bars both have. */
export interface Transfer {
  readonly from: string
  readonly to: string
  readonly bars: number
  /** share of what the rule held, by size and time, that the trading venue lists */
  readonly heldShare: number
  /** correlation of bar returns per matched asset: median and worst */
  readonly correlation: number
  readonly worst: {readonly asset: string; readonly correlation: number}
  /** median distance of the two closes, fraction of price */
  readonly basis: number
  /** what the trading venue's funding costs the held weights above the research venue's, fraction of equity a year */
  readonly fundingDifference: number
  readonly onResearch: ShortFigures
  readonly onTrade: ShortFigures
}

/** What an asset is about: its name without incarnation, quote currency and the thousand in front. */
const baseOf = (asset: string): string =>
  asset
    .replace(/#\d+$/, '')
    .replace(/[-_/]?(USDT|USDC|BUSD|USD)$/, '')
    .replace(/^(1000|k(?=[A-Z]))/, '')

/** Fewer common bars than this say nothing about a correlation. */
const LEAST_PAIRS = 30

/**
 * Price a run's targets on the trading venue: its opens, its liquidity, its fees, its funding.
 *
 * Assets are matched by what they are about, to the incarnation that shares the most bars; one without a match is not
 * traded. Both runs are judged on the bars both venues have.
 *
 * @param own      the research run in full detail, and what it was run from
 * @param priceOn  the same targets as a run on the trading venue's panel
 * @param first    first research bar that counts
 * @returns        null when the venues share fewer than two bars from there on
 */
export function transferOf(
  research: Panel,
  trade: Panel,
  {targets, result, first}: {targets: readonly Float64Array[]; result: BacktestResult; first: number},
  priceOn: (weights: readonly Float64Array[]) => WeightsRun,
): Transfer | null {
  const at = new Map(Array.from(trade.ts, (ts, t) => [ts, t]))
  const common = Array.from(research.ts.keys()).flatMap((t) => {
    const there = at.get(research.ts[t]!)
    return t >= first && there !== undefined ? [{here: t, there}] : []
  })
  if (common.length < 2) return null
  const pairs = matched(research, trade, common)
  const weights = trade.assets.map(() => new Float64Array(trade.ts.length).fill(Number.NaN))
  for (const {here, there} of common) {
    for (const {a, b} of pairs) weights[b]![there] = targets[a]![here]!
  }
  const priced = runWeights({...priceOn(weights), detail: 'returns'})
  const returns = pairs.map(({a, b}) => ({asset: research.assets[a]!, ...together(research, trade, a, b, common)}))
  const known = returns.filter(({correlation}) => !Number.isNaN(correlation))
  const worst = known.reduce<Transfer['worst']>((low, row) => (row.correlation < low.correlation ? row : low), {
    asset: '',
    correlation: known.length === 0 ? Number.NaN : Number.POSITIVE_INFINITY,
  })
  const pick = (net: Float64Array, side: 'here' | 'there'): Float64Array =>
    Float64Array.from(common, (bar) => net[bar[side]]!)
  return {
    from: isoOf(research.ts[common[0]!.here]!),
    to: isoOf(research.ts[common.at(-1)!.here]! + research.barMs),
    bars: common.length,
    heldShare: heldShare(result, new Set(pairs.map(({a}) => a)), common),
    correlation: median(Float64Array.from(known, ({correlation}) => correlation)),
    worst: {asset: worst.asset, correlation: worst.correlation},
    basis: median(Float64Array.from(returns.flatMap(({gaps}) => gaps))),
    fundingDifference: fundingDifference(research, trade, result, pairs, common),
    onResearch: shortFigures(pick(result.net, 'here'), research.barMs),
    onTrade: shortFigures(pick(priced.net, 'there'), trade.barMs),
  }
}

interface Pair {
  readonly a: number
  readonly b: number
}

interface CommonBar {
  readonly here: number
  readonly there: number
}

function matched(research: Panel, trade: Panel, common: readonly CommonBar[]): Pair[] {
  const [here, there] = [research.series.get('close')!, trade.series.get('close')!]
  const shared = (a: number, b: number): number =>
    common.reduce((n, bar) => n + (here[a]![bar.here]! > 0 && there[b]![bar.there]! > 0 ? 1 : 0), 0)
  const taken = new Set<number>()
  return research.assets.flatMap((asset, a) => {
    const best = trade.assets
      .flatMap((other, b) => (baseOf(other) === baseOf(asset) && !taken.has(b) ? [{b, bars: shared(a, b)}] : []))
      .sort((x, y) => y.bars - x.bars)[0]
    if (best === undefined || best.bars === 0) return []
    taken.add(best.b)
    return [{a, b: best.b}]
  })
}

/** Correlation of bar returns and distances of closes, where both venues have them on consecutive common bars. */
function together(research: Panel, trade: Panel, a: number, b: number, common: readonly CommonBar[]) {
  const [here, there] = [research.series.get('close')![a]!, trade.series.get('close')![b]!]
  const [x, y, gaps]: [number[], number[], number[]] = [[], [], []]
  for (const {here: t, there: s} of common) {
    const ratio = Math.log(there[s]! / here[t]!)
    // A contract on a thousand coins is the same coin.
    if (Number.isFinite(ratio)) gaps.push(Math.abs(ratio - Math.LN10 * Math.round(ratio / Math.LN10)))
    const [r, q] = [Math.log(here[t]! / here[t - 1]!), Math.log(there[s]! / there[s - 1]!)]
    if (!Number.isFinite(r) || !Number.isFinite(q)) continue
    x.push(r)
    y.push(q)
  }
  return {correlation: x.length < LEAST_PAIRS ? Number.NaN : correlation(x, y), gaps}
}

function heldShare({heldWeights}: BacktestResult, listed: ReadonlySet<number>, common: readonly CommonBar[]): number {
  let [all, there] = [0, 0]
  for (const [a, weights] of heldWeights.entries()) {
    const held = common.reduce((sum, {here}) => sum + Math.abs(weights[here]!), 0)
    all += held
    if (listed.has(a)) there += held
  }
  return all > 0 ? there / all : Number.NaN
}

/** Σ weight × (rate there − rate here) a year; NaN without funding of both venues. */
function fundingDifference(
  research: Panel,
  trade: Panel,
  {heldWeights}: BacktestResult,
  pairs: readonly Pair[],
  common: readonly CommonBar[],
): number {
  const [here, there] = [research.series.get('funding'), trade.series.get('funding')]
  if (!here || !there) return Number.NaN
  let total = 0
  for (const {a, b} of pairs) {
    for (const bar of common) {
      const gap = there[b]![bar.there]! - here[a]![bar.here]!
      if (Number.isFinite(gap)) total += heldWeights[a]![bar.here]! * gap
    }
  }
  return (total / common.length) * (YEAR_MS / research.barMs)
}
