import type {QualityFigure, QualityLimits} from '../contracts/ingest.ts'
import {BAR} from '../contracts/panel.ts'
import {median} from '../kernel/median.ts'
import type {Bars} from './bars.ts'
import type {Gap} from './find-gaps.ts'
import {type Mark, marksOf, worstOf} from './grade.ts'
import type {Incarnation} from './incarnations.ts'
import type {Marks} from './mark-bars.ts'

/** What a coin's bars are worth, in figures. Nothing here refuses a row; screens and stages do, with their limits. */
export interface CoinQuality {
  readonly coin: string
  readonly rows: number
  /** epoch ms of the first and last open */
  readonly from: number
  readonly to: number
  readonly incarnations: number
  readonly gaps: number
  readonly missingBars: number
  /** high below open, close or low; low above open or close */
  readonly ohlcViolations: number
  readonly zeroVolumeShare: number
  /** open = high = low = close = the close before */
  readonly staleShare: number
  /** |log return| beyond `outlierSd` robust standard deviations, within an incarnation */
  readonly outliers: number
  readonly offGrid: number
  readonly prelistingBars: number
  readonly deadBars: number
  /** rows that were known later than their time says */
  readonly lateRows: number
  /** open of the last traded bar when the newest incarnation is dead, else null */
  readonly diedAt: number | null
  /** the figures against their limits, and the worst of them */
  readonly marks: Readonly<Partial<Record<QualityFigure, Mark>>>
  readonly mark: Mark
}

/** 1.4826 × MAD estimates the standard deviation of a normal. */
const MAD_TO_SD = 1.4826

/** Quality figures per coin, in the order of the rows. */
export function quality(
  bars: Bars,
  lives: readonly Incarnation[],
  {state, diedAt}: Marks,
  gaps: readonly Gap[],
  {
    barMs,
    outlierSd,
    marks: limits,
    holes,
  }: {barMs: number; outlierSd: number; marks: QualityLimits; holes: readonly Gap[]},
): CoinQuality[] {
  const holesOf = new Map<string, number>()
  for (const {coin, missing} of holes) holesOf.set(coin, (holesOf.get(coin) ?? 0) + missing)
  const gapsOf = new Map<string, {count: number; missing: number}>()
  for (const {coin, missing} of gaps) {
    const sum = gapsOf.get(coin) ?? {count: 0, missing: 0}
    gapsOf.set(coin, {count: sum.count + 1, missing: sum.missing + missing})
  }
  const names = [...new Set(lives.map(({coin}) => coin))]
  const livesOf = groupLives(lives)
  return names.map((coin) => {
    const mine = livesOf.get(coin)!
    const [from, to] = [mine[0]!.from, mine.at(-1)!.to]
    const tally = tallyOf(bars, state, {from, to}, barMs)
    const died = diedAt[lives.indexOf(mine.at(-1)!)]!
    const rows = to - from
    const outliers = mine.reduce((sum, life) => sum + outliersOf(bars.close, life, outlierSd), 0)
    const missing = holesOf.get(coin) ?? 0
    // Bars before the first trade and after the last are of no use to anybody: their silence is no fault of the data.
    const alive = Math.max(1, rows - tally.prelisting - tally.dead)
    const marks = marksOf(
      {
        missing_share: missing / (rows + missing),
        ohlc_share: tally.violations / rows,
        zero_volume_share: Math.max(0, tally.zero - tally.prelisting - tally.dead) / alive,
        stale_share: Math.max(0, tally.stale - tally.prelisting - tally.dead) / alive,
        outlier_share: outliers / rows,
        off_grid_share: tally.offGrid / rows,
        late_share: tally.late / rows,
      },
      limits,
    )
    return {
      coin,
      rows,
      from: bars.ts[from]!,
      to: bars.ts[to - 1]!,
      incarnations: mine.length,
      gaps: gapsOf.get(coin)?.count ?? 0,
      missingBars: gapsOf.get(coin)?.missing ?? 0,
      ohlcViolations: tally.violations,
      zeroVolumeShare: tally.zero / rows,
      staleShare: tally.stale / rows,
      outliers,
      offGrid: tally.offGrid,
      prelistingBars: tally.prelisting,
      deadBars: tally.dead,
      lateRows: tally.late,
      diedAt: Number.isNaN(died) ? null : died,
      marks,
      mark: worstOf(Object.values(marks)),
    }
  })
}

interface Tally {
  violations: number
  zero: number
  stale: number
  offGrid: number
  prelisting: number
  dead: number
  late: number
}

/** Rows [from, to) of one coin, counted by what is wrong with them. A loop of its own over plain columns: it sees every row. */
function tallyOf(
  {ts, open, high, low, close, volume, availableAt}: Bars,
  state: Marks['state'],
  {from, to}: {readonly from: number; readonly to: number},
  barMs: number,
): Tally {
  const tally: Tally = {violations: 0, zero: 0, stale: 0, offGrid: 0, prelisting: 0, dead: 0, late: 0}
  const first = ts[from]!
  let before = Number.NaN
  for (let i = from; i < to; i++) {
    const o = open[i]!
    const h = high[i]!
    const l = low[i]!
    const c = close[i]!
    if (h < o || h < c || h < l || l > o || l > c) tally.violations++
    if (volume[i] === 0) tally.zero++
    if (c === before && o === h && h === l && l === c) tally.stale++
    const step = (ts[i]! - first) / barMs
    if (step !== Math.floor(step)) tally.offGrid++
    if (state[i] === BAR.prelisting) tally.prelisting++
    if (state[i] === BAR.dead) tally.dead++
    if (availableAt[i]! > ts[i]! + barMs) tally.late++
    before = c
  }
  return tally
}

function groupLives(lives: readonly Incarnation[]): Map<string, Incarnation[]> {
  const grouped = new Map<string, Incarnation[]>()
  for (const life of lives) grouped.set(life.coin, [...(grouped.get(life.coin) ?? []), life])
  return grouped
}

function outliersOf(close: Float64Array, {from, to}: Incarnation, outlierSd: number): number {
  const returns = new Float64Array(Math.max(0, to - from - 1))
  for (let i = 0; i < returns.length; i++) returns[i] = Math.log(close[from + i + 1]! / close[from + i]!)
  const centre = median(returns)
  for (let i = 0; i < returns.length; i++) returns[i] = Math.abs(returns[i]! - centre)
  const sd = MAD_TO_SD * median(returns)
  if (!(sd > 0)) return 0
  const most = outlierSd * sd
  let outliers = 0
  for (let i = 0; i < returns.length; i++) if (returns[i]! > most) outliers++
  return outliers
}
