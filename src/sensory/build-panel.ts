import {BAR, type InputName, type Panel} from '../contracts/panel.ts'
import {Fault} from '../kernel/fault.ts'
import {INTERVAL_MS, type Interval, isoOf} from '../kernel/instant.ts'
import {aggregateBars} from './aggregate-bars.ts'
import type {Bars, Payments} from './bars.ts'
import {type DigestPieces, dataShaPieces} from './data-sha.ts'
import {fundingInBars} from './funding-in-bars.ts'
import {type Incarnation, incarnations, type Redenomination} from './incarnations.ts'
import {markBars} from './mark-bars.ts'

export interface PanelRequest {
  readonly venue: string
  readonly interval: Interval
  /** interval of `bars`; divides `interval` */
  readonly storedInterval: Interval
  readonly inputs: readonly InputName[]
  /** bars with from <= open and close <= to */
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly asOf: number
}

/** What the lake says beside the rows. */
export interface PanelFacts {
  readonly sizeDecimals: ReadonlyMap<string, number>
  readonly universe: Panel['universe']
  readonly completeFrom: number | null
  readonly survivorSource: boolean
  readonly redenominations: readonly Redenomination[]
}

/**
 * Rows of one venue -> the panel research works on.
 *
 * The rows must reach back to the first bar of each coin, whatever `from` says: incarnations and first trades are
 * facts of the whole history. Deaths are judged at `asOf`, or at the end of the data when that is earlier.
 *
 * @returns      the panel and what its `dataSha` is the hash of
 * @throws Fault `lake.no_bars`, `lake.off_grid` (data)
 */
export function buildPanel(
  bars: Bars,
  payments: Payments | null,
  request: PanelRequest,
  facts: PanelFacts,
): {panel: Omit<Panel, 'dataSha'>; pieces: DigestPieces} {
  const barMs = INTERVAL_MS[request.interval]
  const storedMs = INTERVAL_MS[request.storedInterval]
  let end = -Infinity
  for (const available of bars.availableAt) end = Math.max(end, available)
  const lives = incarnations(bars, storedMs, facts.redenominations)
  const marks = markBars(bars, lives, storedMs, Math.min(request.asOf, end))
  const folded =
    barMs === storedMs
      ? {bars, lives, state: marks.state}
      : aggregateBars(bars, lives, marks.state, {fromMs: storedMs, toMs: barMs})
  const kept = withinRange(folded.bars, folded.lives, barMs, request)
  if (kept.length === 0) throw noBars(request)

  const ts = gridOf(folded.bars, kept, barMs, request)
  const at = (i: number): number => Math.round((folded.bars.ts[i]! - ts[0]!) / barMs)
  const place = (source: Float64Array): Float64Array[] =>
    kept.map(({from, to}) => {
      const column = new Float64Array(ts.length).fill(Number.NaN)
      for (let i = from; i < to; i++) column[at(i)] = source[i]!
      return column
    })
  const state = kept.map(({from, to}) => {
    const codes = new Uint8Array(ts.length).fill(BAR.absent)
    for (let i = from; i < to; i++) codes[at(i)] = folded.state[i]!
    return codes
  })
  const series = new Map<InputName, Float64Array[]>()
  for (const name of request.inputs) if (name !== 'funding') series.set(name, place(folded.bars[name]))
  const funding = request.inputs.includes('funding') && payments ? placeFunding(payments, kept, state, ts, barMs) : null
  if (funding) series.set('funding', funding.inBar)
  const availableAt = place(folded.bars.availableAt)
  const panel = {
    venue: request.venue,
    interval: request.interval,
    barMs,
    ts,
    assets: kept.map(({asset}) => asset),
    series,
    ...(funding ? {fundingAtOpen: funding.atOpen} : {}),
    state,
    availableAt,
    sizeDecimals: kept.map(({coin}) => facts.sizeDecimals.get(coin) ?? null),
    universe: facts.universe,
    completeFrom: facts.completeFrom,
    survivorSource: facts.survivorSource,
    aggregatedFrom: barMs === storedMs ? null : request.storedInterval,
  }
  return {panel, pieces: piecesOf(panel)}
}

function withinRange(
  {ts}: Bars,
  lives: readonly Incarnation[],
  barMs: number,
  {from = -Infinity, to = Infinity}: PanelRequest,
): Incarnation[] {
  return lives.flatMap((life) => {
    let [first, last] = [life.from, life.to]
    while (first < last && ts[first]! < from) first++
    while (last > first && ts[last - 1]! + barMs > to) last--
    return last > first ? [{...life, from: first, to: last}] : []
  })
}

/** One uniform grid; bars that do not lie on it cannot be compared across assets. */
function gridOf(
  {ts}: Bars,
  lives: readonly Incarnation[],
  barMs: number,
  {venue, interval}: PanelRequest,
): Float64Array {
  let [first, last] = [Infinity, -Infinity]
  for (const {from, to} of lives) {
    first = Math.min(first, ts[from]!)
    last = Math.max(last, ts[to - 1]!)
  }
  for (const {coin, from, to} of lives) {
    for (let i = from; i < to; i++) if ((ts[i]! - first) % barMs !== 0) throw offGrid(venue, coin, interval, ts[i]!)
  }
  return Float64Array.from({length: Math.round((last - first) / barMs) + 1}, (_, t) => first + t * barMs)
}

function placeFunding(
  payments: Payments,
  lives: readonly Incarnation[],
  state: readonly Uint8Array[],
  ts: Float64Array,
  barMs: number,
): {inBar: Float64Array[]; atOpen: Float64Array[]} | null {
  const byCoin = fundingInBars(payments, ts, barMs)
  const pick = (a: number, column: 'inBar' | 'atOpen'): Float64Array => {
    const values = byCoin.get(lives[a]!.coin)?.[column]
    const placed = new Float64Array(ts.length).fill(Number.NaN)
    if (values) for (let t = 0; t < ts.length; t++) if (state[a]![t] !== BAR.absent) placed[t] = values[t]!
    return placed
  }
  const inBar = lives.map((_, a) => pick(a, 'inBar'))
  // Payments of other names only are no funding of these: an input without one value would be a rule without a trade.
  if (!inBar.some((column) => column.some((rate) => Number.isFinite(rate)))) return null
  return {inBar, atOpen: lives.map((_, a) => pick(a, 'atOpen'))}
}

function piecesOf({assets, ts, series, state, availableAt, fundingAtOpen}: Omit<Panel, 'dataSha'>): DigestPieces {
  const flat = (columns: readonly ArrayLike<number>[]): Float64Array => {
    const joined = new Float64Array(columns.length * ts.length)
    for (const [a, column] of columns.entries()) joined.set(column, a * ts.length)
    return joined
  }
  return dataShaPieces(assets, {
    ...Object.fromEntries([...series].map(([name, columns]) => [name, flat(columns)])),
    ...(fundingAtOpen ? {funding_at_open: flat(fundingAtOpen)} : {}),
    state: flat(state),
    available_at: flat(availableAt),
    ts,
  })
}

export const noBars = ({venue, interval}: Pick<PanelRequest, 'venue' | 'interval'>): Fault =>
  new Fault('lake.no_bars', {
    family: 'data',
    what: `The lake has no ${interval} bars of ${venue} that this command may read.`,
    why: 'Nothing was imported for them, or every bar lies outside the asked time or behind a vault seal.',
    next: ['qo lake status', `qo ingest file PATH --as ohlcv --venue ${venue} --interval ${interval}`],
  })

const offGrid = (venue: string, coin: string, interval: string, ts: number): Fault =>
  new Fault('lake.off_grid', {
    family: 'data',
    what: `${venue}:${coin} has a ${interval} bar at ${isoOf(ts)}, off the time grid of the other bars.`,
    why: 'A panel has one grid; bars that start at other minutes would be compared with the wrong neighbours.',
    next: ['import the coin under a venue name of its own', 'import it at an interval that divides the wanted bar'],
  })
