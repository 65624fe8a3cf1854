import {choose} from './arithmetic.ts'
import {type Kernel, maskOf, type Operator} from './operator.ts'

/** A kernel from a function of one value; a result that is not finite has no value. */
const map =
  (f: (x: number) => number): Kernel =>
  ([a], _, out) => {
    const [x, p] = [a!.values, maskOf(a!)]
    for (let i = 0; i < out.length; i++) {
      const v = f(x[i & p]!)
      out[i] = v - v === 0 ? v : Number.NaN
    }
  }

const map2 =
  (f: (x: number, y: number) => number): Kernel =>
  ([a, b], _, out) => {
    const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
    for (let i = 0; i < out.length; i++) {
      const v = f(x[i & p]!, y[i & q]!)
      out[i] = v - v === 0 ? v : Number.NaN
    }
  }

/** min and max over two or more series, bar by bar. */
const extreme =
  (better: (x: number, y: number) => boolean): Kernel =>
  (inputs, _, out) => {
    for (let i = 0; i < out.length; i++) {
      let best = inputs[0]!.values[i * inputs[0]!.step]!
      for (let k = 1; k < inputs.length; k++) {
        const v = inputs[k]!.values[i * inputs[k]!.step]!
        if (Number.isNaN(v) || better(v, best)) best = v
        if (Number.isNaN(best)) break
      }
      out[i] = best
    }
  }

const clip: Kernel = ([a, lower, upper], _, out) => {
  const [x, p] = [a!.values, maskOf(a!)]
  for (let i = 0; i < out.length; i++) {
    const [v, least, most] = [x[i & p]!, lower!.values[i * lower!.step]!, upper!.values[i * upper!.step]!]
    // Math.min and Math.max let a missing bound through as missing.
    out[i] = Math.min(most, Math.max(least, v))
  }
}

const isnan: Kernel = ([a], _, out) => {
  const [x, p] = [a!.values, maskOf(a!)]
  for (let i = 0; i < out.length; i++) out[i] = Number.isNaN(x[i & p]!) ? 1 : 0
}

const fillForward: Kernel = ([a], [limit], out, {assetCount, barCount}) => {
  const x = a!.values
  for (let asset = 0; asset < assetCount; asset++) {
    let [last, age] = [Number.NaN, 0]
    for (let t = 0, i = asset * barCount; t < barCount; t++, i++) {
      const v = x[i]!
      if (!Number.isNaN(v)) [last, age] = [v, 0]
      else age++
      out[i] = age <= limit! ? last : Number.NaN
    }
  }
}

const element = (args: Operator['args'], summary: string, run: Kernel): Operator => ({
  family: 'element',
  summary,
  args,
  pointwise: true,
  run,
})

export const ELEMENT = {
  abs: element(['any'], 'absolute value', map(Math.abs)),
  sign: element(['any'], '−1, 0 or 1', map(Math.sign)),
  log: element(['any'], 'natural logarithm; nothing at or below 0', map(Math.log)),
  exp: element(['any'], 'exponential', map(Math.exp)),
  sqrt: element(['any'], 'square root; nothing below 0', map(Math.sqrt)),
  power: element(['any', 'any'], 'x to the power y; also x ** y', map2(Math.pow)),
  signed_power: element(
    ['any', 'any'],
    'sign of x times |x| to the power y',
    map2((x, y) => Math.sign(x) * Math.abs(x) ** y),
  ),
  clip: element(['any', 'any', 'any'], 'x held between a lower and an upper bound', clip),
  min: {
    ...element(
      ['any', 'any'],
      'smallest of its arguments, bar by bar',
      extreme((x, y) => x < y),
    ),
    rest: 'any',
  },
  max: {
    ...element(
      ['any', 'any'],
      'largest of its arguments, bar by bar',
      extreme((x, y) => x > y),
    ),
    rest: 'any',
  },
  where: element(['any', 'any', 'any'], 'the second where the first is true, else the third; also c ? a : b', choose),
  isnan: element(['any'], '1 where there is no value', isnan),
  fill_forward: {
    family: 'element',
    summary: 'the last value, carried over at most n bars without one',
    args: ['series', 'window'],
    memory: ([limit]) => limit!,
    run: fillForward,
  },
} satisfies Record<string, Operator>
