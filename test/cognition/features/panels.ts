import {compileFeatureSet} from '../../../src/cognition/features/compile-hypothesis.ts'
import {evaluateFeatures} from '../../../src/cognition/features/evaluate.ts'
import {BAR, type InputName, type Panel} from '../../../src/contracts/panel.ts'
import {HOUR_MS} from '../../../src/kernel/instant.ts'
import {Random} from '../../../src/kernel/random.ts'

/** Columns [asset][bar] per input -> a panel of hourly bars in which every asset is live at every bar. */
export function panelOf(columns: Partial<Record<InputName, readonly Float64Array[]>>, start = 0): Panel {
  const first = Object.values(columns)[0]!
  const [N, T] = [first.length, first[0]!.length]
  return {
    venue: 'sim',
    interval: '1h',
    barMs: HOUR_MS,
    ts: Float64Array.from({length: T}, (_, t) => start + t * HOUR_MS),
    assets: Array.from({length: N}, (_, a) => (a === 0 ? 'BTC' : `COIN${a}`)),
    series: new Map(Object.entries(columns) as [InputName, readonly Float64Array[]][]),
    state: first.map(() => new Uint8Array(T).fill(BAR.live)),
    availableAt: first.map(() => Float64Array.from({length: T}, (_, t) => start + (t + 1) * HOUR_MS)),
    sizeDecimals: first.map(() => null),
    universe: 'derived',
    completeFrom: null,
    survivorSource: false,
    aggregatedFrom: null,
    dataSha: '0'.repeat(64),
  }
}

/** A panel of random walks with every input; `holes` is the share of bars without data. */
export function randomPanel(seed: string, N: number, T: number, holes = 0): Panel {
  const random = new Random(seed)
  const grid = (): Float64Array[] => Array.from({length: N}, () => new Float64Array(T))
  const [open, high, low, close, volume, trades, funding] = [grid(), grid(), grid(), grid(), grid(), grid(), grid()]
  for (let a = 0; a < N; a++) {
    let px = 10 + 90 * random.unit()
    for (let t = 0; t < T; t++) {
      const next = px * Math.exp(0.02 * random.normal())
      const hole = random.unit() < holes
      open[a]![t] = hole ? Number.NaN : px
      close[a]![t] = hole ? Number.NaN : next
      high[a]![t] = hole ? Number.NaN : Math.max(px, next) * (1 + 0.005 * random.unit())
      low[a]![t] = hole ? Number.NaN : Math.min(px, next) * (1 - 0.005 * random.unit())
      volume[a]![t] = hole ? Number.NaN : 1000 * Math.exp(random.normal())
      trades[a]![t] = hole ? Number.NaN : random.below(50)
      funding[a]![t] = hole ? Number.NaN : t % 8 === 0 ? 1e-4 * random.normal() : 0
      px = next
    }
  }
  return panelOf({open, high, low, close, volume, trades, funding}, 6 * HOUR_MS)
}

/** Every asset in the universe at every bar. */
export const everywhere = ({assets, ts}: Panel): Uint8Array[] => assets.map(() => new Uint8Array(ts.length).fill(1))

/** The first `length` bars of a panel. */
export function firstBars(panel: Panel, length: number): Panel {
  const cut = <Column extends Float64Array | Uint8Array>(columns: readonly Column[]): Column[] =>
    columns.map((column) => column.slice(0, length) as Column)
  return {
    ...panel,
    ts: panel.ts.slice(0, length),
    series: new Map([...panel.series].map(([name, columns]) => [name, cut(columns)])),
    state: cut(panel.state),
    availableAt: cut(panel.availableAt),
  }
}

/** One expression on a panel: shape [asset][bar]. */
export function computed(
  expression: string,
  panel: Panel,
  universe: readonly Uint8Array[] = everywhere(panel),
): Float64Array[] {
  return evaluateFeatures(compiled(expression), panel, universe, {}).get('x')!
}

export const compiled = (expression: string, more: Readonly<Record<string, string>> = {}) =>
  compileFeatureSet({
    artifact: 'feature-set@1',
    id: 'test',
    summary: 'one expression of a test',
    bar: '1h',
    universe: {from: 'selection', min_assets: 1},
    features: {...more, x: expression},
  })

/** One asset's closes -> values of an expression on them. */
export const onCloses = (expression: string, closes: readonly number[]): number[] => [
  ...computed(expression, panelOf({close: [Float64Array.from(closes)]}))[0]!,
]
