import type {InputName, Panel} from '../../../contracts/panel.ts'
import {sourcesOf} from './presence.ts'

/** A market whose bars may have been put in another order. */
export interface Market {
  readonly panel: Panel
  /** shape [N][T], which bar of the original each bar is; null: its own */
  readonly sources: readonly Int32Array[] | null
}

/** Assets that have their bars at the same places of the window share what is done to them. Place 0 is its first bar. */
interface Kind {
  readonly assets: Int32Array
  /** places of their bars, ascending */
  readonly places: Int32Array
  /** 1 where there is a bar and a later one to move to; shape [moves] */
  readonly has: Uint8Array
  /**
   * Moves inside a bar, the assets of a place side by side because an order asks for places here and there: close over
   * open, and after it what was traded worth at the close. Shape [places of the window × assets × 2].
   */
  readonly inside: Float64Array
  /** the next open over the close; shape [places of the window × assets] */
  readonly gap: Float64Array
  /** prices on the way; shape [assets] */
  readonly px: Float64Array
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
  readonly #kinds: readonly Kind[]
  /** shape [N × T] each, and the same by asset */
  readonly #blocks: ReadonlyMap<InputName, Float64Array>
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
    this.#kinds = kindsOf(panel, from)
    const sources: Int32Array[] = []
    for (const kind of this.#kinds) for (const a of kind.assets) sources[a] = kind.sources
    this.#sources = sources
    this.#blocks = new Map([...panel.series].map(([name, columns]) => [name, blockOf(columns, T)]))
    const rows = (block: Float64Array) => panel.assets.map((_, a) => block.subarray(a * T, (a + 1) * T))
    this.#series = new Map([...this.#blocks].map(([name, block]) => [name, rows(block)]))
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
    for (const kind of this.#kinds) this.#move(kind)
    return {panel: {...this.#panel, series: this.#series}, sources: this.#sources}
  }

  #move(kind: Kind): void {
    const {places, sources} = kind
    const block = (name: InputName): Float64Array | null => this.#blocks.get(name) ?? null
    movePrices(kind, block('open')!, block('close')!, block('volume'), this.#from)
    for (const a of kind.assets) {
      const column = (name: InputName): Column | null => {
        const is = this.#series.get(name)?.[a]
        return is ? {is, was: this.#panel.series.get(name)![a]!} : null
      }
      const open = column('open')!
      for (const name of ['high', 'low'] as const) {
        const prices = column(name)
        if (prices) moveInProportion(prices, open, places, sources, this.#from)
      }
      for (const name of ['trades', 'funding'] as const) {
        const values = column(name)
        if (values) carry(values, places, sources, this.#from)
      }
    }
  }
}

interface Column {
  readonly is: Float64Array
  readonly was: Float64Array
}

/**
 * Prices are chained move by move; as many coins are traded as were worth the same then. The first open is where it was.
 *
 * @param open  and the others: shape [N × T]
 */
function movePrices(
  {assets, places, inside, gap, px, gaps, sources}: Kind,
  open: Float64Array,
  close: Float64Array,
  volume: Float64Array | null,
  from: number,
): void {
  const M = assets.length
  const T = sources.length
  const last = places.length - 1
  if (last < 0) return
  for (let m = 0; m < M; m++) px[m] = open[assets[m]! * T + from + places[0]!]!
  for (let k = 0; k <= last; k++) {
    const t = from + places[k]!
    const row = M * (sources[t]! - from)
    const next = k < last ? M * gaps[places[k]!]! : -1
    for (let m = 0; m < M; m++) {
      const i = assets[m]! * T + t
      const start = px[m]!
      const end = start * inside[2 * (row + m)]!
      open[i] = start
      close[i] = end
      if (volume) volume[i] = inside[2 * (row + m) + 1]! / end
      if (next >= 0) px[m] = end * gap[next + m]!
    }
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

function kindsOf(panel: Panel, from: number): Kind[] {
  const [open, close] = [panel.series.get('open')!, panel.series.get('close')!]
  const T = panel.ts.length
  const found = new Map<string, {places: Int32Array; assets: number[]}>()
  panel.assets.forEach((_, a) => {
    const places: number[] = []
    for (let t = from; t < T; t++) if (open[a]![t]! > 0 && close[a]![t]! > 0) places.push(t - from)
    const key = places.join()
    const kind = found.get(key) ?? {places: Int32Array.from(places), assets: []}
    kind.assets.push(a)
    found.set(key, kind)
  })
  return [...found.values()].map(({places, assets}) => kindOf(panel, from, places, assets))
}

function kindOf(panel: Panel, from: number, places: Int32Array, assets: readonly number[]): Kind {
  const [open, close, volume] = (['open', 'close', 'volume'] as const).map((name) => panel.series.get(name))
  const T = panel.ts.length
  const [n, M] = [T - from, assets.length]
  const has = new Uint8Array(Math.max(0, n - 1))
  for (let k = 0; k + 1 < places.length; k++) has[places[k]!] = 1
  const [inside, gap] = [new Float64Array(2 * n * M), new Float64Array(n * M)]
  assets.forEach((a, m) => {
    places.forEach((place, k) => {
      const shut = close![a]![from + place]!
      inside[2 * (place * M + m)] = shut / open![a]![from + place]!
      inside[2 * (place * M + m) + 1] = (volume?.[a]?.[from + place] ?? Number.NaN) * shut
      const next = places[k + 1]
      if (next !== undefined) gap[place * M + m] = open![a]![from + next]! / shut
    })
  })
  return {
    ...{assets: Int32Array.from(assets), places, has, inside, gap, px: new Float64Array(M)},
    ...{bars: new Int32Array(has.length), gaps: new Int32Array(has.length)},
    sources: Int32Array.from({length: T}, (_, t) => t),
  }
}

function blockOf(columns: readonly Float64Array[], T: number): Float64Array {
  const block = new Float64Array(columns.length * T)
  for (const [a, column] of columns.entries()) block.set(column, a * T)
  return block
}
