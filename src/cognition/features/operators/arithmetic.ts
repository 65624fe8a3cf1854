import type {SymbolName} from '../expression.ts'
import {type Kernel, maskOf, type Operator} from './operator.ts'

/**
 * Symbols of the language. Truth is 1 or 0; NaN on either side is NaN, so an unknown comparison never fires.
 *
 * The loops are written out one by one: a shared loop that calls a function per value is several times slower, and these
 * run once per variant of a sweep; destructuring inside them doubles their time. `v - v === 0` is true of finite numbers
 * only: a result that overflows has no value.
 */
const add: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const v = x[i & p]! + y[i & q]!
    out[i] = v - v === 0 ? v : Number.NaN
  }
}

const sub: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  if (p !== 0) {
    if (q !== 0) subSeries(x, y, out)
    else subNumber(x, y[0]!, out)
    return
  }
  for (let i = 0; i < out.length; i++) {
    const v = x[i & p]! - y[i & q]!
    out[i] = v - v === 0 ? v : Number.NaN
  }
}

/** What nearly every variant of a sweep ends in. */
function subSeries(x: Float64Array, y: Float64Array, out: Float64Array): void {
  const whole = out.length & ~1
  for (let i = 0; i < whole; i += 2) {
    const v = x[i]! - y[i]!
    const w = x[i + 1]! - y[i + 1]!
    out[i] = v - v === 0 ? v : Number.NaN
    out[i + 1] = w - w === 0 ? w : Number.NaN
  }
  for (let i = whole; i < out.length; i++) {
    const v = x[i]! - y[i]!
    out[i] = v - v === 0 ? v : Number.NaN
  }
}

function subNumber(x: Float64Array, y: number, out: Float64Array): void {
  for (let i = 0; i < out.length; i++) {
    const v = x[i]! - y
    out[i] = v - v === 0 ? v : Number.NaN
  }
}

const mul: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const v = x[i & p]! * y[i & q]!
    out[i] = v - v === 0 ? v : Number.NaN
  }
}

/** Division by zero has no value. */
const div: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const v = x[i & p]! / y[i & q]!
    out[i] = v - v === 0 ? v : Number.NaN
  }
}

const neg: Kernel = ([a], _, out) => {
  const [x, p] = [a!.values, maskOf(a!)]
  for (let i = 0; i < out.length; i++) out[i] = -x[i & p]!
}

/** Four values a turn: the comparison of a sweep is as long as its account, and this takes a third off it. */
const lt: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  const whole = out.length & ~3
  for (let i = 0; i < whole; i += 4) {
    const u0 = x[i & p]!
    const u1 = x[(i + 1) & p]!
    const u2 = x[(i + 2) & p]!
    const u3 = x[(i + 3) & p]!
    const v0 = y[i & q]!
    const v1 = y[(i + 1) & q]!
    const v2 = y[(i + 2) & q]!
    const v3 = y[(i + 3) & q]!
    out[i] = u0 < v0 ? 1 : u0 >= v0 ? 0 : Number.NaN
    out[i + 1] = u1 < v1 ? 1 : u1 >= v1 ? 0 : Number.NaN
    out[i + 2] = u2 < v2 ? 1 : u2 >= v2 ? 0 : Number.NaN
    out[i + 3] = u3 < v3 ? 1 : u3 >= v3 ? 0 : Number.NaN
  }
  for (let i = whole; i < out.length; i++) {
    const u = x[i & p]!
    const v = y[i & q]!
    out[i] = u < v ? 1 : u >= v ? 0 : Number.NaN
  }
}

const le: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const u = x[i & p]!
    const v = y[i & q]!
    out[i] = u <= v ? 1 : u > v ? 0 : Number.NaN
  }
}

const gt: Kernel = ([a, b], constants, out, frame, text) => lt([b!, a!], constants, out, frame, text)

const ge: Kernel = ([a, b], constants, out, frame, text) => le([b!, a!], constants, out, frame, text)

const eq: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const u = x[i & p]!
    const v = y[i & q]!
    out[i] = u === v ? 1 : u < v || u > v ? 0 : Number.NaN
  }
}

const ne: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const u = x[i & p]!
    const v = y[i & q]!
    out[i] = u === v ? 0 : u < v || u > v ? 1 : Number.NaN
  }
}

const and: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const u = x[i & p]!
    const v = y[i & q]!
    out[i] = Number.isNaN(u) || Number.isNaN(v) ? Number.NaN : u !== 0 && v !== 0 ? 1 : 0
  }
}

const or: Kernel = ([a, b], _, out) => {
  const [x, y, p, q] = [a!.values, b!.values, maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const u = x[i & p]!
    const v = y[i & q]!
    out[i] = Number.isNaN(u) || Number.isNaN(v) ? Number.NaN : u !== 0 || v !== 0 ? 1 : 0
  }
}

const not: Kernel = ([a], _, out) => {
  const [x, p] = [a!.values, maskOf(a!)]
  for (let i = 0; i < out.length; i++) {
    const u = x[i & p]!
    out[i] = Number.isNaN(u) ? Number.NaN : u === 0 ? 1 : 0
  }
}

/** An unknown condition has no value; the branch not taken does not matter. */
export const choose: Kernel = ([c, a, b], _, out) => {
  const [w, x, y, o, p, q] = [c!.values, a!.values, b!.values, maskOf(c!), maskOf(a!), maskOf(b!)]
  for (let i = 0; i < out.length; i++) {
    const u = w[i & o]!
    out[i] = Number.isNaN(u) ? Number.NaN : u !== 0 ? x[i & p]! : y[i & q]!
  }
}

const symbol = (summary: string, run: Kernel, count = 2): Operator => ({
  family: 'element',
  summary,
  args: Array.from({length: count}, () => 'any' as const),
  pointwise: true,
  run,
})

export const ARITHMETIC = {
  add: symbol('sum', add),
  sub: symbol('difference', sub),
  mul: symbol('product', mul),
  div: symbol('quotient; nothing where the divisor is 0', div),
  neg: symbol('opposite sign', neg, 1),
  lt: symbol('1 where less', lt),
  le: symbol('1 where less or equal', le),
  gt: symbol('1 where greater', gt),
  ge: symbol('1 where greater or equal', ge),
  eq: symbol('1 where equal', eq),
  ne: symbol('1 where different', ne),
  and: symbol('1 where both are true', and),
  or: symbol('1 where either is true', or),
  not: symbol('1 where false', not, 1),
  if: symbol('the second where the first is true, else the third', choose, 3),
} satisfies Record<SymbolName, Operator>
