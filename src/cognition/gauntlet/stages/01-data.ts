import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {BAR, type Panel} from '../../../contracts/panel.ts'
import {dayOf} from '../../../kernel/instant.ts'
import {atLeast, atMost, holds, type Judgement, reported, stageOf} from '../check.ts'
import {laggingPrices} from '../lagging-prices.ts'
import {robustDeviation} from '../robust-deviation.ts'

export interface DataInput {
  readonly panel: Panel
  /** shape [N][T] */
  readonly mask: readonly Uint8Array[]
  /** bars [first, last) of the research window; null when it never starts */
  readonly window: {readonly first: number; readonly last: number} | null
  /** bars whose returns count */
  readonly bars: number
  /** bars of the window on which fewer than min_assets were selected */
  readonly thinBars: number
  readonly minAssets: number
  readonly warmupBars: number
  /** fewer bars than this and no statistic is worth its name */
  readonly leastBars: number
  /** when the window would be long enough, ISO date; or the table that has too few assets */
  readonly startsOn: string
  readonly inactiveScreens: readonly string[]
}

const LAG = 'correlation of an asset with its own last bar'
const NO_LAG = 'no selected asset has enough returns that vary'

/** Stage 1 when the lake does not have what the hypothesis reads: nothing was run, and the table is named. */
export function judgeMissingData(tables: readonly string[], venue: string, sealed: readonly string[] = []): Judgement {
  const because =
    sealed.length > 0
      ? `${sealed.join(' ')} Older rows would decide it.`
      : `The lake has no ${tables.join(' and no ')} rows for ${venue}.`
  const gate = holds(
    'inputs are in the lake',
    false,
    sealed.length > 0 ? `${tables.join(', ')} sealed` : `no ${tables.join(', ')}`,
    {
      otherwise: 'INSUFFICIENT',
      decidesOn: tables.join(', '),
      because,
    },
  )
  return stageOf(1, 'data', [gate], '')
}

/**
 * Stage 1: survivorship, gaps and stale prices are not statistical questions, so they come before statistics.
 *
 * Gaps and stale bars are pooled over the asset-bars on which an asset was selected.
 */
export function judgeData(input: DataInput, limits: GauntletConfig['data']): Judgement {
  const {panel, window, minAssets} = input
  const stamped = panel.state.every((state, a) =>
    state.every((bar, t) => bar === BAR.absent || panel.availableAt[a]![t]! > 0),
  )
  const gates = [
    holds('every source has available_at', stamped, stamped ? 'yes' : 'no', {otherwise: 'INVALID'}),
    holds('no row from a survivor list', !panel.survivorSource, panel.survivorSource ? 'tainted' : 'clean', {
      otherwise: 'INVALID',
      note: panel.survivorSource ? 'the list was drawn up knowing who would survive' : '',
    }),
    holds(
      `at least ${minAssets} assets after ${input.warmupBars} bars of warm-up`,
      window !== null,
      window ? 'yes' : 'never',
      {
        otherwise: 'INSUFFICIENT',
        decidesOn: input.startsOn,
      },
    ),
    atLeast('bars in the research window', input.bars, input.leastBars, {
      otherwise: 'INSUFFICIENT',
      decidesOn: input.startsOn,
    }),
    reported('universe', panel.universe, universeNote(panel)),
    ...input.inactiveScreens.map((screen) => reported('inactive screen', screen, 'the lake has no table it needs')),
  ]
  if (window !== null) gates.push(...quality(input, window, limits))
  // What could not be looked at is no pass: it stands among what was not run.
  const isMade = gates.some(({check}) => check.name === LAG && check.gate)
  const notRun = isMade ? [] : [`${LAG}: ${window === null ? 'there is no research window' : NO_LAG}`]
  return stageOf(1, 'data', gates, 'Point in time, without holes, at traded prices.', {notRun})
}

function quality(
  {panel, mask, thinBars}: DataInput,
  window: {first: number; last: number},
  limits: GauntletConfig['data'],
) {
  const {first, last} = window
  const volume = panel.series.get('volume')
  const close = panel.series.get('close') ?? []
  let [selected, gaps, stale, outliers, reverting] = [0, 0, 0, 0, 0]
  for (let a = 0; a < panel.assets.length; a++) {
    const member = mask[a]!
    const sd = robustDeviation(close[a] ?? new Float64Array(), first, last)
    let held = false
    let open = 0
    for (let t = first; t < last; t++) {
      if (panel.state[a]![t] === BAR.absent) {
        if (held) open += 1
        continue
      }
      // A hole counts once the asset is back: without a return it is the end of a life, not a gap.
      if (open > 0) gaps += open
      open = 0
      held = member[t] === 1
      if (!held) continue
      selected += 1
      if (volume !== undefined && !(volume[a]![t]! > 0)) stale += 1
      const [move, next] = [change(close[a]!, t), change(close[a]!, t + 1)]
      if (!(Math.abs(move) > limits.outlier_sd * sd)) continue
      outliers += 1
      if (t + 1 < last && next / move <= -0.9) reverting += 1
    }
  }
  const lag = laggingPrices(close, mask, window)
  const share = (count: number, of: number): number => (of === 0 ? Number.NaN : count / of)
  const bars = last - first
  const enough = panel.ts[first]! + (thinBars / limits.max_thin_share) * panel.barMs
  return [
    atMost('share of missing bars while selected', share(gaps, gaps + selected), limits.max_gap_share),
    atMost('share of bars without a trade', share(stale, selected), limits.max_stale_share),
    atMost('share of outliers that revert at once', share(reverting, selected), limits.max_reverting_outlier_share),
    lag === null
      ? reported(LAG, 'not made', NO_LAG)
      : atMost(LAG, lag.proven, limits.max_self_correlation, {
          note: `${panel.assets[lag.asset]}: ${lag.correlation.toFixed(2)} less three standard errors; a price that lags was never traded`,
        }),
    atMost('share of bars with too few assets', share(thinBars, bars), limits.max_thin_share, {
      otherwise: 'INSUFFICIENT' as const,
      decidesOn: dayOf(enough),
    }),
    reported('selected asset-bars', selected),
    reported('outlier bars', outliers, `beyond ${limits.outlier_sd} robust standard deviations of their asset`),
  ]
}

const change = (close: Float64Array, t: number): number => Math.log(close[t]! / close[t - 1]!)

function universeNote({universe, completeFrom}: Panel): string {
  if (universe === 'snapshot' && completeFrom !== null) return `complete from ${dayOf(completeFrom)}`
  return `${universe} from the rows themselves: whether delisted assets are missing is unknown`
}
