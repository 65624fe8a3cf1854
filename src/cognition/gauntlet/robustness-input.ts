import type {Panel} from '../../contracts/panel.ts'
import {DAY_MS, YEAR_MS} from '../../kernel/instant.ts'
import {Random} from '../../kernel/random.ts'
import type {BacktestResult} from '../backtest/backtest-result.ts'
import {deleveraged} from '../backtest/deleveraging.ts'
import {marketReturn} from '../backtest/market-return.ts'
import {stressRuns} from '../backtest/stress-runs.ts'
import {dailyReturns} from '../hypotheses/daily-returns.ts'
import {axesOf} from '../hypotheses/grid-of.ts'
import {mean} from '../statistics/series.ts'
import {sharpeOrZero} from '../statistics/sharpe.ts'
import type {Bars, Evidence} from './gather-evidence.ts'
import {type Book, marginalValue} from './marginal-value.ts'
import {marketRegimes} from './market-regimes.ts'
import {type Ruled, runPrimary} from './run-grid.ts'
import type {RobustnessInput} from './stages/08-robustness.ts'

const HALVES = 20
/** Fewer assets than this have no halves worth the name. */
const LEAST_FOR_HALVES = 4
/** What everybody in this market holds. */
const MARKET = ['BTC', 'ETH'] as const

/** Everything stage 8 looks at, from the runs of the grid and twenty more of the declared point on half of its assets. */
export function robustnessInput(
  rule: Ruled & {readonly runs: readonly BacktestResult[]; readonly evidence: Evidence},
  books: readonly Book[],
  seed: string,
): RobustnessInput {
  const {panel, mask, runs, primary, evidence, hypothesis} = rule
  const {bars} = evidence
  const own = runs[primary]!
  const cut = (series: Float64Array): Float64Array => series.subarray(bars.from, bars.to)
  const market = marketReturn(panel, mask)
  const net = evidence.net[primary]!
  // Fractions of the equity they were earned on; over the assets of a bar they sum to its net return.
  const parts = own.assetPnl.map(cut)
  const traded = Array.from(parts.keys()).filter((a) => parts[a]!.some((value) => value !== 0))
  const spans = dayStarts(cut(panel.ts))
  const grid = axesOf(hypothesis)
  const impact = mean(cut(own.impact)) + mean(cut(own.lag))
  return {
    net,
    gridSharpes: evidence.net.map(sharpeOrZero),
    axes: grid.map(({values}) => values.length),
    grid,
    candidate: primary,
    regimes: marketRegimes(cut(market), cut(panel.ts), panel.barMs),
    assetTotals: traded.map((a) => parts[a]!.reduce((total, value) => total + value, 0)),
    assets: traded.map((a) => panel.assets[a]!),
    days: byDay(net, spans),
    assetDays: Float64Array.from(traded.flatMap((a) => Array.from(byDay(parts[a]!, spans)).filter((r) => r !== 0))),
    halves: traded.length < LEAST_FOR_HALVES ? [] : halfSharpes(rule, traded, bars, new Random(seed)),
    halfShare: bets(Math.floor(traded.length / 2), hypothesis) / Math.max(1, bets(traded.length, hypothesis)),
    ...marketFactors(panel, market, bars),
    beforeImpact: mean(net) + impact,
    impact,
    capital: hypothesis.capital_usd,
    participation: participation(panel, own, bars),
    marginal: marginalValue(
      dailyReturns(cut(panel.ts), net),
      books,
      Math.max(1, Math.ceil((evidence.labelHorizonBars * panel.barMs) / DAY_MS)),
    ),
    stresses: stressesOf(rule, own, bars),
    labelHorizonBars: evidence.labelHorizonBars,
    periodsPerYear: YEAR_MS / panel.barMs,
    seed,
  }
}

/** Stresses that no stage before looks at: they are shown, and gate nothing. */
function stressesOf(rule: Ruled, own: BacktestResult, {from, to}: Bars): RobustnessInput['stresses'] {
  const annual = (net: Float64Array): number => mean(net.subarray(from, to)) * (YEAR_MS / rule.panel.barMs)
  const {net, days} = deleveraged(rule.panel, own, from)
  return [
    ...stressRuns(rule.costs, rule.panel.venue)
      .filter(({name}) => name === 'impact doubled' || name === 'worst settlement')
      .map(({name, note, change}) => ({name, note, net: annual(runPrimary({...rule, ...change}).net)})),
    {
      name: 'auto-deleveraging',
      net: annual(net),
      note: `winners closed before they won on ${days.join(' and ') || 'no day'}`,
    },
  ]
}

/** Independent positions among n assets: a neutral book gives one of them up. */
const bets = (n: number, {portfolio}: Ruled['hypothesis']): number =>
  Math.max(1, n - (portfolio.neutral === 'none' ? 0 : 1))

/** First position of each UTC day. */
function dayStarts(ts: Float64Array): number[] {
  const starts: number[] = []
  for (let t = 0; t < ts.length; t++)
    if (t === 0 || Math.floor(ts[t]! / DAY_MS) !== Math.floor(ts[t - 1]! / DAY_MS)) starts.push(t)
  return starts
}

const byDay = (r: Float64Array, starts: readonly number[]): Float64Array =>
  Float64Array.from(starts, (from, d) =>
    r.subarray(from, starts[d + 1] ?? r.length).reduce((total, value) => total + value, 0),
  )

/** The declared rule on random halves of the assets it traded, as if the others had not been there to hold. */
function halfSharpes(rule: Ruled, traded: readonly number[], {from, to}: Bars, random: Random): number[] {
  return Array.from({length: HALVES}, () => {
    const kept = new Set(random.shuffle([...traded]).slice(0, Math.floor(traded.length / 2)))
    const mask = rule.mask.map((row, a) => (kept.has(a) ? row : new Uint8Array(row.length)))
    const {universe} = rule.hypothesis
    // A half has fewer members than the idea asks for; that is the point of it.
    const hypothesis = {...rule.hypothesis, universe: {...universe, min_assets: 1}}
    return sharpeOrZero(runPrimary({...rule, hypothesis, mask}).net.subarray(from, to))
  })
}

/** BTC and ETH where the panel has them throughout, else the equal-weighted universe: somebody's market, in any case. */
function marketFactors(
  panel: Panel,
  market: Float64Array,
  {from, to}: Bars,
): Pick<RobustnessInput, 'factors' | 'factorNames'> {
  const close = panel.series.get('close') ?? []
  const found = MARKET.map((name) => panel.assets.findIndex((asset) => isNamed(asset, name)))
    .filter((a) => a >= 0)
    .map((a) => ({
      name: panel.assets[a]!,
      r: Float64Array.from({length: to - from}, (_, i) => {
        const t = from + i
        return t === 0 ? 0 : close[a]![t]! / close[a]![t - 1]! - 1
      }),
    }))
    .filter(({r}) => r.every(Number.isFinite) && r.some((value) => value !== r[0]))
  if (found.length === 0) return {factors: [market.slice(from, to)], factorNames: ['the universe']}
  return {factors: found.map(({r}) => r), factorNames: found.map(({name}) => name)}
}

/** BTC, binance:BTC and BTCUSDT are the same market. */
const isNamed = (asset: string, name: string): boolean =>
  new RegExp(`^(?:[a-z]+:)?${name}(?:USDT|USDC|USD)?$`).test(asset)

/** Fills over what was traded in their bars. A bar without a known volume counts as all of it. */
function participation(panel: Panel, {fills}: BacktestResult, {from, to}: Bars): RobustnessInput['participation'] {
  const volume = panel.series.get('volume') ?? []
  const shares: number[] = []
  for (let i = 0; i < fills.bar.length; i++) {
    const t = fills.bar[i]!
    if (t < from || t >= to) continue
    const traded = volume[fills.asset[i]!]?.[t] ?? Number.NaN
    shares.push(traded > 0 ? Math.abs(fills.units[i]!) / traded : 1)
  }
  const sorted = Float64Array.from(shares).sort()
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN
  return {median: at(0.5), p95: at(0.95)}
}
