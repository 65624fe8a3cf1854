import type {Panel} from '../../contracts/panel.ts'
import type {BacktestResult} from '../backtest/backtest-result.ts'
import {marketReturn} from '../backtest/market-return.ts'
import {familyBlockLength} from '../statistics/block-length.ts'
import {labelUniqueness} from '../statistics/effective-sample.ts'

/** Bars [from, to) of a panel. */
export interface Bars {
  readonly from: number
  readonly to: number
}

/** Returns and labels of one stretch, ready for the statistical stages. */
export interface Evidence {
  /** bars whose returns count: the first fill to the gap before the vault */
  readonly bars: Bars
  /** shape [K][T] */
  readonly net: readonly Float64Array[]
  /** shape [K][T], net minus the benchmark of each point */
  readonly excess: readonly Float64Array[]
  readonly benchmark: string
  readonly blockLength: number
  readonly labelHorizonBars: number
  /** e: bars kept free between research and vault, and between training and test */
  readonly gapBars: number
  readonly nEff: number
}

/** Fewer bars than this and no statistic is worth its name: the window is INSUFFICIENT at stage 1. */
export const LEAST_BARS = 60

/**
 * Cut the runs of a grid to the research window and keep the gap e = max(label horizon, warm-up, ⌈block⌉) before the
 * vault free.
 *
 * @param runs      one per grid point, over the whole research panel
 * @param first     bar of the first decision; its return comes a bar later
 * @param beta      true for a rule that is not dollar-neutral: its benchmark is the universe at its own mean exposure
 */
export function gatherEvidence(
  runs: readonly BacktestResult[],
  candidate: number,
  {
    panel,
    mask,
    first,
    warmupBars,
    beta,
  }: {
    panel: Panel
    mask: readonly Uint8Array[]
    first: number
    warmupBars: number
    beta: boolean
  },
): Evidence {
  const T = panel.ts.length
  const whole = {from: Math.min(T, first + 1), to: T}
  const cut = (series: Float64Array, bars: Bars): Float64Array => series.subarray(bars.from, bars.to)
  const labelHorizonBars = medianLabel(runs[candidate]!.labels)
  const early = runs.map(({net}) => cut(net, whole))
  const measurable = whole.to - whole.from >= LEAST_BARS && early.some((column) => column.some((r) => r !== column[0]))
  const blockLength = measurable ? familyBlockLength(early) : 1
  const gapBars = Math.max(labelHorizonBars, warmupBars, blockLength)
  const bars = {from: whole.from, to: Math.max(whole.from, whole.to - gapBars)}
  const net = runs.map((run) => cut(run.net, bars))
  const market = beta ? marketReturn(panel, mask) : null
  const excess =
    market === null ? net : runs.map((run, k) => minusExposure(net[k]!, cut(run.netExposure, bars), cut(market, bars)))
  return {
    bars,
    net,
    excess,
    benchmark:
      market === null
        ? 'none: the rule is dollar-neutral'
        : 'the universe, equally weighted, at the mean net exposure of the rule',
    blockLength: Math.min(blockLength, Math.max(1, Math.floor((bars.to - bars.from) / 3))),
    labelHorizonBars,
    gapBars,
    nEff: effectiveLabels(runs[candidate]!, bars),
  }
}

/** Independent rebalances whose label begins inside the bars. */
export function effectiveLabels({labels, net}: Pick<BacktestResult, 'labels' | 'net'>, {from, to}: Bars): number {
  const inside = Array.from(labels.first.keys()).filter((i) => labels.first[i]! >= from && labels.last[i]! < to)
  const pick = (column: Int32Array): number[] => inside.map((i) => column[i]!)
  return labelUniqueness(pick(labels.first), pick(labels.last), net.length).nEff
}

/** Median life of a label, bars, at least 1. */
function medianLabel({first, last}: BacktestResult['labels']): number {
  const lives = Array.from(first, (start, i) => last[i]! - start + 1).sort((a, b) => a - b)
  return lives[Math.floor(lives.length / 2)] ?? 1
}

/** A rule must beat holding what it held on average: being long in a rising market is not skill. */
function minusExposure(net: Float64Array, exposure: Float64Array, market: Float64Array): Float64Array {
  const mean = exposure.reduce((total, x) => total + x, 0) / Math.max(1, exposure.length)
  return net.map((r, t) => r - mean * market[t]!)
}
