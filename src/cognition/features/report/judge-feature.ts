import type {HorizonFigures} from '../../../contracts/features-report.ts'
import type {Panel} from '../../../contracts/panel.ts'
import {YEAR_MS} from '../../../kernel/instant.ts'
import {coefficientOf, finite, worstStretch} from './coefficient.ts'
import {type ForwardReturns, forwardReturns} from './forward-returns.ts'
import {type InformationCoefficients, informationCoefficients} from './information-coefficient.ts'
import {rankStability, standingsOf} from './rank-stability.ts'

/** What every feature of a report is measured against. */
export interface Yardstick {
  readonly panel: Panel
  /** shape [asset][bar] */
  readonly universe: readonly Uint8Array[]
  /** bars, ascending */
  readonly horizons: readonly number[]
  /** per horizon: the return from the decision, and from the end of the horizon before */
  readonly whole: readonly ForwardReturns[]
  readonly piece: readonly ForwardReturns[]
  readonly least: number
  readonly buckets: number
}

/** One feature in figures and in the series that charts are drawn from. */
export interface JudgedFeature {
  readonly coverage: number
  readonly assets: number | null
  readonly horizons: HorizonFigures[]
  /** per horizon */
  readonly series: readonly InformationCoefficients[]
  /** shape [bar]: share of the universe with a value; NaN where the universe is empty */
  readonly covered: Float64Array
}

export function yardstick(
  panel: Panel,
  universe: readonly Uint8Array[],
  horizons: readonly number[],
  {funded, least, buckets}: {funded: boolean; least: number; buckets: number},
): Yardstick {
  const whole = horizons.map((h) => forwardReturns(panel, 0, h, funded))
  const piece = horizons.map((h, i) => (i === 0 ? whole[0]! : forwardReturns(panel, horizons[i - 1]!, h, funded)))
  return {panel, universe, horizons, whole, piece, least, buckets}
}

/** Per horizon: bars with at least `least` members of the universe whose forward return is known, value or not. */
export const usableBars = ({whole, universe, least, panel}: Yardstick): number[] =>
  whole.map(({values}) => {
    let bars = 0
    for (let t = 0; t < panel.ts.length; t++) {
      let known = 0
      for (let a = 0; a < values.length; a++) if (universe[a]![t] === 1 && Number.isFinite(values[a]![t]!)) known++
      if (known >= least) bars++
    }
    return bars
  })

/** Coefficients, buckets, turnover and coverage of one feature. @param values shape [asset][bar] */
export function judgeFeature(values: readonly Float64Array[], yard: Yardstick): JudgedFeature {
  const {universe, horizons, least, buckets, panel} = yard
  const standings = standingsOf(values, universe, least, buckets)
  const year = Math.round(YEAR_MS / panel.barMs)
  const series: InformationCoefficients[] = []
  const figures = horizons.map((horizon, i): HorizonFigures => {
    const from = i === 0 ? 0 : horizons[i - 1]!
    const cross = {values, universe, least, buckets}
    const own = informationCoefficients({...cross, returns: yard.whole[i]!.values})
    const later = i === 0 ? own : informationCoefficients({...cross, returns: yard.piece[i]!.values})
    series.push(own)
    const ranks = finite(own.rank)
    const spread = own.buckets.at(-1)!.map((high, t) => high - own.buckets[0]![t]!)
    const {top, bottom, autocorrelation} = rankStability(standings, horizon, buckets, least)
    return {
      horizon,
      bars: ranks.length,
      ic: coefficientOf(own.pearson, horizon),
      rank_ic: coefficientOf(own.rank, horizon),
      positive: ranks.length === 0 ? null : ranks.filter((v) => v > 0).length / ranks.length,
      worst_year: worstStretch(own.rank, year),
      decay: {from, rank_ic: coefficientOf(later.rank, horizon - from)},
      quantiles: own.buckets.map((bucket) => coefficientOf(bucket, horizon).mean),
      spread: coefficientOf(spread, horizon),
      turnover: {top: orNull(top), bottom: orNull(bottom)},
      autocorrelation: orNull(autocorrelation),
    }
  })
  return {horizons: figures, series, ...coverageOf(values, universe)}
}

function coverageOf(values: readonly Float64Array[], universe: readonly Uint8Array[]) {
  const T = values[0]?.length ?? 0
  const covered = new Float64Array(T).fill(Number.NaN)
  let [members, known, bars] = [0, 0, 0]
  for (let t = 0; t < T; t++) {
    let [all, some] = [0, 0]
    for (let a = 0; a < values.length; a++) {
      if (universe[a]![t] !== 1) continue
      all++
      if (Number.isFinite(values[a]![t]!)) some++
    }
    if (all === 0) continue
    covered[t] = some / all
    members += all
    known += some
    if (some > 0) bars++
  }
  return {covered, coverage: members === 0 ? 0 : known / members, assets: bars === 0 ? null : known / bars}
}

const orNull = (figure: number): number | null => (Number.isFinite(figure) ? figure : null)
