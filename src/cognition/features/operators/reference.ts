import {Fault} from '../../../kernel/fault.ts'
import {nearestAsset} from '../../../kernel/nearest-name.ts'
import type {FoldedFrame} from '../frame.ts'
import type {Kernel, Operator} from './operator.ts'

/** Another asset's series, on every asset's row. */
const ref: Kernel = ([a], _, out, {assets, assetCount, barCount}, asset) => {
  const name = asset.replace(/^[a-z0-9_]+:/, '')
  const row = assets.indexOf(name)
  if (row === -1) {
    const near = nearestAsset(name, assets)
    throw new Fault('feature.reference_missing', {
      family: 'data',
      what: `The panel has no asset '${asset}'.`,
      why: 'ref("…", x) reads that asset at every bar, and a missing asset is never replaced.',
      next: [
        near === null ? 'name an asset of the venue, with #2 for a second incarnation' : `ref("${near}", …)`,
        'qo lake status',
      ],
    })
  }
  const source = a!.values.slice(row * barCount, (row + 1) * barCount)
  for (let i = 0; i < assetCount; i++) out.set(source, i * barCount)
}

/** Values of folded bars shown on the bars of the base frame, nothing before the first one. */
export function unfold(values: Float64Array, folded: FoldedFrame, out: Float64Array): void {
  const T = folded.shownAt.length
  for (let a = 0; a < folded.assetCount; a++) {
    for (let t = 0; t < T; t++) {
      const b = folded.shownAt[t]!
      out[a * T + t] = b < 0 ? Number.NaN : values[a * folded.barCount + b]!
    }
  }
}

/** `at` and `at_open` change the bars themselves: the evaluator unfolds them and never calls a kernel. */
const unfolded: Kernel = (_, __, out) => {
  out.fill(Number.NaN)
}

export const REFERENCE = {
  ref: {
    family: 'reference',
    summary: 'x of another asset, as in ref("BTC", x)',
    args: ['asset', 'series'],
    run: ref,
  },
  at: {
    family: 'reference',
    summary: 'x on longer bars, each from its close on, as in at("1d", x)',
    args: ['interval', 'series'],
    run: unfolded,
  },
  at_open: {
    family: 'look-ahead',
    summary: 'x on the longer bar that contains this one: reads the future',
    args: ['interval', 'series'],
    future: true,
    run: unfolded,
  },
} satisfies Record<string, Operator>
