import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {normalCdf} from '../../../kernel/distributions.ts'
import {median} from '../../../kernel/median.ts'
import {capacity} from '../../statistics/capacity.ts'
import {factorAlpha} from '../../statistics/factor-alpha.ts'
import {cochranQ, concentration, equalParts} from '../../statistics/heterogeneity.ts'
import {moments} from '../../statistics/moments.ts'
import {plateau} from '../../statistics/plateau.ts'
import {sum} from '../../statistics/series.ts'
import {sharpeErrorMertens} from '../../statistics/sharpe.ts'
import {above, atLeast, atMost, drawn, type Gate, holds, type Judgement, reported, stageOf} from '../check.ts'
import type {Marginal} from '../marginal-value.ts'
import type {Regime} from '../market-regimes.ts'
import {type Axis, plateauExhibit} from '../plateau-exhibit.ts'
import {regimeExhibit} from '../regime-exhibit.ts'

export interface RobustnessInput {
  /** shape [T] net returns of the candidate */
  readonly net: Float64Array
  /** shape [K] Sharpe per period of every grid point, and how many values each axis has */
  readonly gridSharpes: readonly number[]
  readonly axes: readonly number[]
  /** what the axes are, for the picture */
  readonly grid?: readonly Axis[]
  readonly candidate: number
  readonly regimes: readonly Regime[]
  /** net P&L over equity, by asset, of the whole window; names beside it */
  readonly assetTotals: readonly number[]
  readonly assets: readonly string[]
  /** net P&L over equity of each UTC day, and of each asset's day that had any */
  readonly days: Float64Array
  readonly assetDays: Float64Array
  /** Sharpe per period of the rule on random halves of its assets; empty when there are fewer than four */
  readonly halves: readonly number[]
  /** independent positions in a half, over those in all */
  readonly halfShare: number
  /** shape [F][T] returns of what everybody holds, with their names */
  readonly factors: readonly Float64Array[]
  readonly factorNames: readonly string[]
  /** mean per bar: net before impact, and impact, both at the declared capital */
  readonly beforeImpact: number
  readonly impact: number
  readonly capital: number
  /** fills over the notional traded in their bars: median and 95 % quantile */
  readonly participation: {readonly median: number; readonly p95: number}
  /** what it adds to each confirmed book, nearest first */
  readonly marginal: readonly Marginal[]
  /** one thing that goes worse than the model says: annual net return with it */
  readonly stresses: readonly {readonly name: string; readonly note: string; readonly net: number}[]
  readonly labelHorizonBars: number
  readonly periodsPerYear: number
  readonly seed: string
}

type Limits = GauntletConfig['robustness']

/**
 * Stage 8: is it an edge, or one lucky parameter, asset, day, year or regime?
 *
 * All gates are joined by AND. Asset-days are reported and days are gated: without its best hundredth of independent
 * asset-days an honest, widely spread Sharpe of 2 has nothing left either (decision 0038).
 *
 * @see gauntlet.md M19, M20, M23 and amendment 0.1.6
 */
export function judgeRobustness(input: RobustnessInput, limits: Limits): Judgement {
  const gates = [
    ...stable(input, limits),
    ...overTime(input, limits),
    ...inEachRegime(input, limits),
    ...spread(input),
    ...onHalves(input, limits),
    ...ownAlpha(input, limits),
    ...adds(input, limits),
    ...carries(input, limits),
  ]
  return stageOf(8, 'robustness', gates, 'The edge is spread over parameters, time, regimes and assets.', {
    seed: input.seed,
    notRun: ['another data vendor'],
  })
}

/** A plateau of parameters, not a spike. */
function stable({gridSharpes, axes, grid = [], candidate, periodsPerYear}: RobustnessInput, limits: Limits): Gate[] {
  if (gridSharpes.length < 2) return [reported('plateau', 'not applicable', 'a grid of one point has no neighbours')]
  const found = plateau(gridSharpes, axes, candidate)
  const note = `${found.neighbours} neighbours of the declared point`
  return [
    drawn(
      atLeast('plateau, median neighbour over the point', found.ratio, limits.min_plateau, {note}),
      plateauExhibit(grid, gridSharpes, candidate, Math.sqrt(periodsPerYear)),
    ),
    above('worst neighbour, Sharpe per bar', found.worst, 0, {note}),
    atLeast('share of the grid that earns', found.positiveShare, limits.min_positive_grid),
    reported('neighbours with half of the Sharpe', found.halfShare),
  ]
}

/** Five equal times whose Sharpe agrees; eight of which no one carries the rest. */
function overTime({net}: RobustnessInput, limits: Limits): Gate[] {
  const parts = equalParts(net.length, 5).map(([from, to]) => net.subarray(from, to))
  const idle = parts.filter((part) => part.every((r) => r === part[0])).length
  if (idle > 0) return [holds('five times with trades', false, `${idle} of 5 without any`)]
  const q = cochranQ(parts.map(moments))
  const totals = equalParts(net.length, 8).map(([from, to]) => sum(net.subarray(from, to)))
  const total = sum(totals)
  const best = Math.max(...totals)
  return [
    atLeast('p of equal Sharpe over five times', q.p, limits.min_time_p, {note: `I² ${q.I2.toFixed(2)}`}),
    above('return without the best of eight times', total - best, 0, {note: 'sum of simple returns'}),
    atLeast('times of eight that earn', totals.filter((part) => part > 0).length, limits.min_earning_blocks),
    atMost('share of the return in one of eight times', best / total, limits.max_block_share),
  ]
}

/** No regime in which the rule loses by more than chance. */
function inEachRegime({net, regimes, periodsPerYear}: RobustnessInput, limits: Limits): Gate[] {
  const judged = regimes
    .map(({name, bars}) => ({name, r: Float64Array.from(bars, (t) => net[t]!)}))
    .filter(({r}) => r.length >= 30 && r.some((value) => value !== r[0]))
  if (judged.length === 0) return [holds('regimes', false, 'no regime has 30 bars with trades')]
  const found = judged.map(({name, r}) => {
    const {sr, g3, g4, T} = moments(r)
    return {name, sr, T, p: normalCdf(sr / sharpeErrorMertens(sr, g3, g4, T, 1))}
  })
  const worst = found.reduce((a, b) => (b.p < a.p ? b : a))
  const said = found.map(({name, sr, T}) => `${name}: ${sr.toFixed(3)} a bar, ${T} bars`).join('; ')
  return [
    atLeast('p that the worst regime does not lose', worst.p, limits.regime_alpha / judged.length, {
      note: `${worst.name}, ${judged.length} regimes`,
    }),
    drawn(
      reported('Sharpe by regime', judged.length, said),
      regimeExhibit(
        found.map(({name, sr, T}) => ({name, bars: T, sharpe: sr * Math.sqrt(periodsPerYear)})),
        moments(net).sr * Math.sqrt(periodsPerYear),
      ),
    ),
  ]
}

/** Not one asset, and not a handful of days. */
function spread({assetTotals, assets, days, assetDays}: RobustnessInput): Gate[] {
  const total = sum(assetTotals)
  const best = assetTotals.reduce((top, value, a) => (value > assetTotals[top]! ? a : top), 0)
  const withoutBest = total - (assetTotals[best] ?? 0)
  const gates =
    assetTotals.length < 2
      ? [reported('return without the best asset', 'not applicable', 'the rule trades one asset')]
      : [above('return without the best asset', withoutBest, 0, {note: `${assets[best]}, of ${assetTotals.length}`})]
  const earning = assetTotals.filter((value) => value > 0)
  return [
    ...gates,
    above('return without the best hundredth of days', withoutTop(days), 0, {
      note: `of ${days.length} days of the account, in place of asset-days, which an honest edge fails by arithmetic (decision 0038)`,
    }),
    reported(
      'return without the best hundredth of asset-days',
      withoutTop(assetDays),
      `of ${assetDays.length}; shown, not gated`,
    ),
    ...(earning.length >= 2 ? [reported('concentration over assets (HHI)', concentration(earning))] : []),
  ]
}

/** Total without the largest hundredth, at least one. */
function withoutTop(values: Float64Array): number {
  const sorted = values.toSorted()
  return sum(sorted.subarray(0, sorted.length - Math.max(1, Math.ceil(sorted.length / 100))))
}

/** A random half of the assets keeps what a half of independent bets would. */
function onHalves({net, halves, halfShare}: RobustnessInput, limits: Limits): Gate[] {
  if (halves.length === 0) return [reported('random halves', 'not applicable', 'fewer than four assets were traded')]
  const least = limits.min_half_share * Math.sqrt(halfShare) * moments(net).sr
  return [
    atLeast('Sharpe per bar on a random half of the assets', median(Float64Array.from(halves)), least, {
      note: `median of ${halves.length}; ${limits.min_half_share} × √${halfShare.toFixed(2)} of the whole`,
    }),
  ]
}

/** Something is left once what everybody holds is taken out. */
function ownAlpha({net, factors, factorNames, labelHorizonBars}: RobustnessInput, limits: Limits): Gate[] {
  const {t, betas} = factorAlpha(net, factors, labelHorizonBars)
  const shown = factorNames.map((name, f) => `${name} ${betas[f]!.toFixed(2)}`).join(', ')
  return [atLeast('HAC t of alpha beyond the market', t, limits.min_alpha_t, {note: `betas: ${shown}`})]
}

/** It earns what no confirmed book earns already. */
function adds({marginal}: RobustnessInput, limits: Limits): Gate[] {
  const [nearest] = marginal
  if (nearest === undefined)
    return [reported('marginal value', 'not applicable', 'no vault has confirmed another hypothesis yet')]
  return marginal.flatMap(({book: {hypothesis, state}, correlation, t}, i): Gate[] => {
    const book = `${hypothesis} (${state})`
    if (correlation === null)
      return [
        holds(`comparable with ${book}`, false, 'no', {
          otherwise: 'INSUFFICIENT',
          decidesOn: 'hypotheses/returns',
          because: `Nobody can say whether it earns anything that ${book} does not: too few common days, or the stored returns of the book are gone.`,
        }),
      ]
    const alike = correlation > limits.max_book_correlation
    // The books it does not resemble are one line: the nearest of them.
    if (!alike && i > 0) return []
    if (!alike)
      return [
        atMost(`correlation with ${book}`, correlation, limits.max_book_correlation, {
          note: `the nearest of ${marginal.length}`,
        }),
      ]
    return [
      reported(`correlation with ${book}`, correlation, '', limits.max_book_correlation, false),
      atLeast(`HAC t of alpha beyond ${book}`, t, limits.min_marginal_t, {
        because: `It is ${hypothesis} again: research returns correlate ${correlation.toFixed(2)} and leave ${Number.isNaN(t) ? 'nothing' : `a t of ${t.toFixed(2)}`} beyond it.`,
      }),
    ]
  })
}

/** The declared capital is no more than the market carries. */
function carries(input: RobustnessInput, limits: Limits): Gate[] {
  const {beforeImpact, impact, capital, participation, stresses} = input
  const {zero, mostProfit} = capacity(beforeImpact, impact, capital)
  return [
    atLeast(
      'capital that earns most',
      mostProfit === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : mostProfit,
      capital,
      {
        note: `${Math.round(capital)} is declared; nothing is earned at ${zero === Infinity ? 'no size' : Math.round(zero)}`,
      },
    ),
    atMost('participation, median fill', participation.median, limits.max_median_participation),
    atMost('participation, 95 % of fills', participation.p95, limits.max_p95_participation),
    ...stresses.map(({name, note, net}) => reported(`annual net return, ${name}`, net, note)),
  ]
}
