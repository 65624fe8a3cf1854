import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {prefixSums, windowsOf} from '../../../src/cognition/features/operators/prefix-sums.ts'
import {WINDOW_SUMS} from '../../../src/cognition/features/operators/window-sums.ts'

const UNIT = 2 ** -20
/** Whole numbers of a unit, up to 2^30 of them, and holes. */
const value = fc.oneof(
  {weight: 9, arbitrary: fc.integer({min: -(2 ** 30), max: 2 ** 30}).map((m) => m * UNIT)},
  {
    weight: 1,
    arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0),
  },
)

function windows(columns: readonly number[][], bars: readonly number[], n: number, divisor: number) {
  const frame = {assetCount: columns.length, barCount: columns[0]!.length}
  const at = Int32Array.from(bars)
  const sums = prefixSums(
    Float64Array.from(columns.flat()),
    frame,
    at,
    new Float64Array(2 * columns.length * (frame.barCount + 1)),
  )
  const out = new Float64Array(columns.length * bars.length).fill(-1)
  windowsOf(sums, frame, n, divisor, at, out)
  return {out, isExact: sums.isExact}
}

describe('sums of windows as differences of running sums', () => {
  it('are those of the window, rounded once', () => {
    fc.assert(
      fc.property(fc.array(value, {minLength: 30, maxLength: 80}), fc.integer({min: 1, max: 30}), (column, n) => {
        const bars = [...column.keys()].filter((t) => t % 3 !== 1)
        const {out, isExact} = windows([column], bars, n, n)
        expect(isExact[0]).toBe(1)
        bars.forEach((t, k) => {
          const window = t + 1 < n ? [Number.NaN] : column.slice(t + 1 - n, t + 1)
          const whole = window.every(Number.isFinite)
          const total = whole ? window.reduce((sum, x) => sum + BigInt(x / UNIT), 0n) : 0n
          expect(out[k]).toBe(whole ? (Number(total) * UNIT) / n : Number.NaN)
        })
      }),
    )
  })

  it('have the bits of the sums that slide from bar to bar', () => {
    const random = fc.sample(fc.double({min: 1e-4, max: 1e4, noNaN: true}), {numRuns: 3000, seed: 7})
    const columns = [
      random.slice(0, 1500),
      random.slice(1500).map((x, t) => (t < 40 || t % 700 === 9 ? Number.NaN : x)),
    ]
    const bars = [...columns[0]!.keys()].filter((t) => t % 12 === 5)
    for (const n of [1, 7, 255, 600]) {
      const slid = new Float64Array(3000)
      const frame = {assetCount: 2, barCount: 1500, ts: Float64Array.of(1.6e12), barMs: 3_600_000}
      WINDOW_SUMS.ts_mean.run([{values: Float64Array.from(columns.flat()), step: 1}], [n], slid, frame as never, '')
      const {out} = windows(columns, bars, n, n)
      expect(Array.from(out)).toEqual(bars.flatMap((t) => [slid[t], slid[1500 + t]]))
    }
  })

  it('are not told where a sum has lost digits: the asset beside it is', () => {
    const {out, isExact} = windows(
      [
        [1e300, 1e-300, -1e300, 1],
        [1, 2, 3, 4],
      ],
      [2, 3],
      2,
      1,
    )
    expect(Array.from(isExact)).toEqual([0, 1])
    expect(Array.from(out)).toEqual([-1, 5, -1, 7])
  })
})
