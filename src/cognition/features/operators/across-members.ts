import type {Kernel} from './operator.ts'

/**
 * Work on one bar's members: `value[k]` belongs to the k-th of `count` members; what `out[k]` is set to is its result.
 * Both arrays are longer than `count`.
 */
export type AcrossMembers = (
  value: Float64Array,
  count: number,
  out: Float64Array,
  constants: readonly number[],
) => void

/**
 * A kernel over the universe of each bar: assets outside it, and members without a value, neither count nor get one.
 *
 * @param begin  makes the work for panels of so many assets: it may keep room between bars
 */
export const across =
  (begin: (assetCount: number) => AcrossMembers): Kernel =>
  ([a], constants, out, {assetCount, barCount, assetStep, barStep, universe}) => {
    const x = a!.values
    const work = begin(assetCount)
    const [value, result] = [new Float64Array(assetCount), new Float64Array(assetCount)]
    const member = new Int32Array(assetCount)
    for (let t = 0; t < barCount; t++) {
      let count = 0
      for (let k = 0, i = t * barStep; k < assetCount; k++, i += assetStep) {
        const v = x[i]!
        if (universe[i] !== 1 || v - v !== 0) {
          out[i] = Number.NaN
          continue
        }
        value[count] = v
        member[count++] = i
      }
      work(value, count, result, constants)
      for (let k = 0; k < count; k++) {
        const v = result[k]!
        out[member[k]!] = v - v === 0 ? v : Number.NaN
      }
    }
  }
