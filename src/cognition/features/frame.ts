import type {InputName, Panel} from '../../contracts/panel.ts'
import {Fault} from '../../kernel/fault.ts'

/**
 * A panel laid out for kernels: each input is one block. Element a · assetStep + t · barStep is asset a at bar t: asset
 * after asset, but on a stretch of some bars, which has the assets of a bar side by side.
 */
export interface Frame {
  readonly assets: readonly string[]
  readonly assetCount: number
  readonly barCount: number
  readonly assetStep: number
  readonly barStep: number
  /** shape [T], open time of each bar, epoch ms */
  readonly ts: Float64Array
  readonly barMs: number
  /** shape [N × T], 1 where the asset is in the universe at that bar */
  readonly universe: Uint8Array
  /** shape [N × T], written into `out` where one is given; @throws Fault `feature.input_missing` (data) */
  readonly input: (name: InputName, out?: Float64Array) => Float64Array
}

/** How the bars of a folded frame lie over those of its base. */
export interface FoldedFrame extends Frame {
  /** base bar -> index of the folded bar whose value it may show, −1 before there is one */
  readonly shownAt: Int32Array
}

/** Panel and universe -> the frame of its own bars. */
export function frameOf(panel: Panel, universe: readonly Uint8Array[]): Frame {
  const [assetCount, barCount] = [panel.assets.length, panel.ts.length]
  const mask = new Uint8Array(assetCount * barCount)
  for (let a = 0; a < assetCount; a++) mask.set(universe[a]!, a * barCount)
  return {
    assets: panel.assets,
    assetCount,
    barCount,
    assetStep: barCount,
    barStep: 1,
    ts: panel.ts,
    barMs: panel.barMs,
    universe: mask,
    input(name, flat = new Float64Array(assetCount * barCount)) {
      const columns = panel.series.get(name)
      if (!columns) {
        throw new Fault('feature.input_missing', {
          family: 'data',
          what: `The lake has no '${name}' for ${panel.venue}.`,
          why: 'An expression reads it, and a missing input is never filled.',
          next: [`bring the table in, then run the command again`, 'qo lake status'],
        })
      }
      for (let a = 0; a < assetCount; a++) flat.set(columns[a]!, a * barCount)
      return flat
    },
  }
}

/** Some bars of a block, bar after bar: element k · N + a; NaN for a bar before the first. */
export function pick(
  block: Float64Array,
  {assetCount: N, barCount}: Pick<Frame, 'assetCount' | 'barCount'>,
  bars: Int32Array,
  out: Float64Array,
): Float64Array {
  for (let a = 0; a < N; a++) {
    const start = a * barCount
    for (let k = 0, i = a; k < bars.length; k++, i += N) out[i] = bars[k]! < 0 ? Number.NaN : block[start + bars[k]!]!
  }
  return out
}

/** Some bars, and who is in the universe there: element k · N + a is asset a at bar k. */
export interface Stretch {
  readonly bars: Int32Array
  readonly universe: Uint8Array
  /** 1 for bars with every asset in it */
  readonly isWhole: Uint8Array
}

const cut = new WeakMap<Int32Array, {of: readonly Uint8Array[]; length: number; stretches: readonly Stretch[]}>()

/**
 * Bars in stretches of so many. They are the same ones for as long as the same bars of the same universe are asked for:
 * what is remembered of them stays.
 */
export function stretchesOf(universe: readonly Uint8Array[], bars: Int32Array, length: number): readonly Stretch[] {
  const found = cut.get(bars)
  if (found?.of === universe && found.length === length) return found.stretches
  const N = universe.length
  const stretches: Stretch[] = []
  for (let from = 0; from < bars.length; from += length) {
    const some = bars.subarray(from, from + length)
    const block = new Uint8Array(N * some.length)
    const isWhole = new Uint8Array(some.length).fill(1)
    for (let a = 0; a < N; a++) {
      for (let k = 0; k < some.length; k++) {
        const member = universe[a]![some[k]!]!
        block[k * N + a] = member
        if (member !== 1) isWhole[k] = 0
      }
    }
    stretches.push({bars: some, universe: block, isWhole})
  }
  cut.set(bars, {of: universe, length, stretches})
  return stretches
}

const FOLD: Readonly<Record<InputName, 'first' | 'max' | 'min' | 'last' | 'sum'>> = {
  open: 'first',
  high: 'max',
  low: 'min',
  close: 'last',
  volume: 'sum',
  trades: 'sum',
  funding: 'sum',
}

/**
 * Fold the bars of a frame into UTC-aligned bars of a longer interval.
 *
 * `closed`: complete bars only, each shown from its close on. `containing`: each base bar shows the longer bar it lies
 * in, finished or not: that is the leak `at_open` exists to plant. A hole in any base bar is a hole in the longer one.
 */
export function foldFrame(base: Frame, barMs: number, kind: 'closed' | 'containing'): FoldedFrame {
  const per = barMs / base.barMs
  const {barCount: T, assetCount: N} = base
  const first = T === 0 ? 0 : Math.floor(base.ts[0]! / barMs)
  const blockOf = (t: number): number => Math.floor(base.ts[t]! / barMs) - first
  const blocks = T === 0 ? 0 : blockOf(T - 1) + 1
  const [from, to] = [new Int32Array(blocks).fill(-1), new Int32Array(blocks)]
  for (let t = 0; t < T; t++) {
    const b = blockOf(t)
    if (from[b] === -1) from[b] = t
    to[b] = t
  }
  const whole = (b: number): boolean => to[b]! - from[b]! + 1 === per
  const shownAt = Int32Array.from({length: T}, (_, t) => {
    const b = blockOf(t)
    return kind === 'containing' || (t === to[b] && whole(b)) ? b : b - 1
  })
  const usable = (b: number): boolean => kind === 'containing' || whole(b)
  const universe = new Uint8Array(N * blocks)
  for (let a = 0; a < N; a++) for (let b = 0; b < blocks; b++) universe[a * blocks + b] = base.universe[a * T + to[b]!]!
  return {
    assets: base.assets,
    assetCount: N,
    barCount: blocks,
    assetStep: blocks,
    barStep: 1,
    ts: Float64Array.from({length: blocks}, (_, b) => (first + b) * barMs),
    barMs,
    universe,
    shownAt,
    input(name, folded = new Float64Array(N * blocks)) {
      const x = base.input(name)
      folded.fill(Number.NaN)
      for (let a = 0; a < N; a++)
        for (let b = 0; b < blocks; b++)
          if (usable(b)) folded[a * blocks + b] = foldRange(x, a * T + from[b]!, a * T + to[b]!, FOLD[name])
      return folded
    },
  }
}

function foldRange(x: Float64Array, from: number, to: number, how: 'first' | 'max' | 'min' | 'last' | 'sum'): number {
  let [most, least, sum] = [x[from]!, x[from]!, 0]
  for (let i = from; i <= to; i++) {
    const v = x[i]!
    if (Number.isNaN(v)) return Number.NaN
    if (v > most) most = v
    if (v < least) least = v
    sum += v
  }
  return {first: x[from]!, last: x[to]!, max: most, min: least, sum}[how]
}
