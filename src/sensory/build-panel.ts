import {BAR, type InputName, type Panel} from '../contracts/panel.ts'
import {Fault} from '../kernel/fault.ts'
import {INTERVAL_MS, type Interval, isoOf} from '../kernel/instant.ts'
import {aggregateBars} from './aggregate-bars.ts'
import type {Bars, Payments} from './bars.ts'
import {type DigestPieces, dataShaPieces} from './data-sha.ts'
import {fundingInBars} from './funding-in-bars.ts'
import type {Incarnation} from './incarnations.ts'
import type {Judged} from './judge-lives.ts'

export interface PanelRequest {
  readonly venue: string
  readonly interval: Interval
  /** interval of `bars`; divides `interval` */
  readonly storedInterval: Interval
  readonly inputs: readonly InputName[]
  /** bars with from <= open and close <= to */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** What the lake says beside the rows. */
export interface PanelFacts {
  readonly sizeDecimals: ReadonlyMap<string, number>
  readonly universe: Panel['universe']
  readonly completeFrom: number | null
  readonly survivorSource: boolean
}

/**
 * Rows of one venue -> the panel research works on.
 *
 * The rows must reach back to the first bar of each coin, whatever `from` says: incarnations and first trades are
 * facts of the whole history.
 *
 * @param judged the lives of `bars` at the decision time
 * @returns      the panel and what its `dataSha` is the hash of
 * @throws Fault `lake.no_bars`, `lake.off_grid` (data)
 */
export function buildPanel(
  bars: Bars,
  payments: Payments | null,
  request: PanelRequest,
  facts: PanelFacts,
  {lives, marks}: Judged,
): {panel: Omit<Panel, 'dataSha'>; pieces: DigestPieces} {
  const barMs = INTERVAL_MS[request.interval]
  const storedMs = INTERVAL_MS[request.storedInterval]
  const folded =
    barMs === storedMs
      ? {bars, lives, state: marks.state}
      : aggregateBars(bars, lives, marks.state, {fromMs: storedMs, toMs: barMs})
  const kept = withinRange(folded.bars, folded.lives, barMs, request)
  if (kept.length === 0) throw noBars(request)

  const steady = kept.map((life) => isSteady(folded.bars.ts, life, barMs))
  const ts = gridOf(folded.bars, kept, steady, barMs, request)
  const at = (i: number): number => Math.round((folded.bars.ts[i]! - ts[0]!) / barMs)
  const put = <A extends Float64Array | Uint8Array>(column: A, source: A, a: number): A => {
    const {from, to} = kept[a]!
    if (steady[a]) column.set(source.subarray(from, to), at(from))
    else for (let i = from; i < to; i++) column[at(i)] = source[i]!
    return column
  }
  const place = (source: Float64Array): Float64Array[] =>
    kept.map((_, a) => put(new Float64Array(ts.length).fill(Number.NaN), source, a))
  const state = kept.map((_, a) => put(new Uint8Array(ts.length).fill(BAR.absent), folded.state, a))
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

/** Whether the bars of a life follow one another without a hole: then they lie on the grid as they lie in the lake. */
function isSteady(ts: Float64Array, {from, to}: Incarnation, barMs: number): boolean {
  for (let i = from + 1; i < to; i++) if (ts[i]! - ts[i - 1]! !== barMs) return false
  return true
}

/** One uniform grid; bars that do not lie on it cannot be compared across assets. */
function gridOf(
  {ts}: Bars,
  lives: readonly Incarnation[],
  steady: readonly boolean[],
  barMs: number,
  {venue, interval}: PanelRequest,
): Float64Array {
  let [first, last] = [Infinity, -Infinity]
  for (const {from, to} of lives) {
    first = Math.min(first, ts[from]!)
    last = Math.max(last, ts[to - 1]!)
  }
  for (const [a, {coin, from, to}] of lives.entries()) {
    const end = steady[a] ? from + 1 : to
    for (let i = from; i < end; i++) if ((ts[i]! - first) % barMs !== 0) throw offGrid(venue, coin, interval, ts[i]!)
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
  return dataShaPieces(assets, {
    ...Object.fromEntries(series),
    ...(fundingAtOpen ? {funding_at_open: fundingAtOpen} : {}),
    state: state.map((codes) => new Float64Array(codes)),
    available_at: availableAt,
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
