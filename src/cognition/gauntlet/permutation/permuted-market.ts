import type {InputName, Panel} from '../../../contracts/panel.ts'
import {sourcesOf} from './presence.ts'

/** A market whose bars may have been put in another order. */
export interface Market {
  readonly panel: Panel
  /** shape [N][T], which bar of the original each bar is; null: its own */
  readonly sources: readonly Int32Array[] | null
}

/** Moves of one asset inside the window: bar i -> the open of its next bar. Index 0 is the first bar of the window. */
interface Moves {
  readonly kind: number
  /** places of its bars in the window, ascending */
  readonly places: Int32Array
  /** by place: close over open at 2 · place, what was traded worth at its close in the element after it */
  readonly bar: Float64Array
  /** the next open over the close, by place */
  readonly gap: Float64Array
}

/** Assets that have their moves at the same places share what is done to them. */
interface Kind {
  /** 1 where there is a bar and a later one to move to; shape [n − 1] */
  readonly has: Uint8Array
  readonly bars: Int32Array
  readonly gaps: Int32Array
  /** shape [T] */
  readonly sources: Int32Array
}

/**
 * One market, in as many orders of its bars as are asked for.
 *
 * All that is known of a bar moves with it: its range, its volume at what it was worth, its trades, its funding. Whoever
 * is in the panel, and in the universe, stays where it is in time, and every asset has each of its own moves once. Bars
 * before `from` are untouched; the first open of the window, its last bar, and so the way from one to the other are kept.
 *
 * The memory of a permutation is used again by the next one.
 *
 * @see gauntlet M14; Masters (2018)
 */
export class PermutedMarket {
  /** moves that are put in order: one fewer than the bars of the window */
  readonly moves: number
  readonly #panel: Panel
  readonly #from: number
  readonly #moves: readonly Moves[]
  readonly #kinds: readonly Kind[]
  readonly #series: ReadonlyMap<InputName, readonly Float64Array[]>
  readonly #sources: readonly Int32Array[]

  /**
   * @param panel  ends with the window
   * @param from   first bar that is moved; at least 1
   */
  constructor(panel: Panel, from: number) {
    const T = panel.ts.length
    this.#panel = panel
    this.#from = from
    this.moves = Math.max(0, T - from - 1)
    const kinds = new Map<string, Kind & {id: number}>()
    this.#moves = panel.assets.map((_, a) => {
      const {has, ...moves} = movesOf(panel, a, from)
      const key = has.join('')
      const kind = kinds.get(key) ?? {
        ...{id: kinds.size, has, bars: new Int32Array(has.length), gaps: new Int32Array(has.length)},
        sources: Int32Array.from({length: T}, (_, t) => t),
      }
      kinds.set(key, kind)
      return {...moves, kind: kind.id}
    })
    this.#kinds = [...kinds.values()]
    this.#sources = this.#moves.map(({kind}) => this.#kinds[kind]!.sources)
    this.#series = new Map([...panel.series].map(([name, columns]) => [name, columns.map((c) => c.slice())]))
  }

  /**
   * @param bars  shape [moves], which bar's inside comes at each place
   * @param gaps  shape [moves], which bar's gap to the next follows it; `bars` itself keeps both together
   */
  in(bars: Int32Array, gaps: Int32Array): Market {
    const from = this.#from
    for (const kind of this.#kinds) {
      sourcesOf(bars, kind.has, kind.bars)
      if (gaps === bars) kind.gaps.set(kind.bars)
      else sourcesOf(gaps, kind.has, kind.gaps)
      for (let i = 0; i < kind.has.length; i++) if (kind.has[i] === 1) kind.sources[from + i] = from + kind.bars[i]!
    }
    for (const [a, moves] of this.#moves.entries()) this.#move(a, moves)
    return {panel: {...this.#panel, series: this.#series}, sources: this.#sources}
  }

  #move(a: number, moves: Moves): void {
    const {gaps, sources} = this.#kinds[moves.kind]!
    const column = (name: InputName): Column | null => {
      const is = this.#series.get(name)?.[a]
      return is ? {is, was: this.#panel.series.get(name)![a]!} : null
    }
    const [open, close, volume] = [column('open')!, column('close')!, column('volume')]
    movePrices(open, close, volume?.is ?? null, moves, gaps, sources, this.#from)
    for (const name of ['high', 'low'] as const) {
      const prices = column(name)
      if (prices) moveInProportion(prices, open, moves.places, sources, this.#from)
    }
    for (const name of ['trades', 'funding'] as const) {
      const values = column(name)
      if (values) carry(values, moves.places, sources, this.#from)
    }
  }
}

interface Column {
  readonly is: Float64Array
  readonly was: Float64Array
}

/** Prices are chained move by move; as many coins are traded as were worth the same then. */
function movePrices(
  open: Column,
  close: Column,
  volume: Float64Array | null,
  {places, bar, gap}: Moves,
  gaps: Int32Array,
  sources: Int32Array,
  from: number,
): void {
  const [o, c] = [open.is, close.is]
  const last = places.length - 1
  if (last < 0) return
  let px = open.was[from + places[0]!]!
  for (let k = 0; k <= last; k++) {
    const place = places[k]!
    const t = from + place
    const s = 2 * (sources[t]! - from)
    o[t] = px
    px *= bar[s]!
    c[t] = px
    if (volume) volume[t] = bar[s + 1]! / px
    if (k < last) px *= gap[gaps[place]!]!
  }
}

/** A high stands as far above its open as it did. */
function moveInProportion({is, was}: Column, open: Column, places: Int32Array, sources: Int32Array, from: number) {
  for (let k = 0; k < places.length; k++) {
    const t = from + places[k]!
    const s = sources[t]!
    is[t] = was[s]! * (open.is[t]! / open.was[s]!)
  }
}

function carry({is, was}: Column, places: Int32Array, sources: Int32Array, from: number) {
  for (let k = 0; k < places.length; k++) {
    const t = from + places[k]!
    is[t] = was[sources[t]!]!
  }
}

function movesOf(panel: Panel, a: number, from: number): Omit<Moves, 'kind'> & {has: Uint8Array} {
  const [open, close] = [panel.series.get('open')![a]!, panel.series.get('close')![a]!]
  const volume = panel.series.get('volume')?.[a]
  const n = panel.ts.length - from
  const found: number[] = []
  for (let i = 0; i < n; i++) if (open[from + i]! > 0 && close[from + i]! > 0) found.push(i)
  const places = Int32Array.from(found)
  const has = new Uint8Array(Math.max(0, n - 1))
  const [bar, gap] = [new Float64Array(2 * n), new Float64Array(n)]
  places.forEach((place, k) => {
    const shut = close[from + place]!
    bar[2 * place] = shut / open[from + place]!
    bar[2 * place + 1] = (volume?.[from + place] ?? Number.NaN) * shut
    const next = places[k + 1]
    if (next === undefined) return
    has[place] = 1
    gap[place] = open[from + next]! / shut
  })
  return {has, places, bar, gap}
}
