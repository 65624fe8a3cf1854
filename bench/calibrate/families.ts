import {DAY_MS, HOUR_MS, YEAR_MS} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'

/** How returns scatter, in units of their own deviation; serial dependence is the same in every column. */
export type Noise = 'normal' | 't5' | 'garch' | 'ar1:0.2' | 'ar1:0.5' | 'smoothed' | 'crash'

/** Where the edge is: everywhere, in the first fifth of research and nowhere else, or at one point of the grid. */
export type Edge = 'constant' | 'first fifth' | 'spike'

/** A family of configurations of one idea, to be drawn. */
export interface Shape {
  /** values on each axis of the grid; their product is K */
  readonly axes: readonly number[]
  readonly bar: 'day' | 'hour'
  /** bars of research and of vault */
  readonly research: number
  readonly vault: number
  /** correlation of any two configurations */
  readonly rho: number
  readonly noise: Noise
  readonly edge: Edge
  /** annual Sharpe of the best point; its neighbours have a share of it, uniform on [.7, 1] */
  readonly sharpe: number
}

export interface Family {
  /** shape [K][T], net return per bar */
  readonly research: readonly Float64Array[]
  /** shape [K][V] */
  readonly vault: readonly Float64Array[]
  /** shape [T], a market that the family does not depend on */
  readonly market: Float64Array
}

/** Daily deviation of every configuration, and of the market. */
export const DAILY_DEVIATION = 0.01
const MARKET_DEVIATION = 0.03
/** Days between research and vault that nobody sees. */
const GAP_DAYS = 30
/** Least mean of a neighbour, as a share of the best point's. */
const FLAT = 0.7
/** Steps until a process has forgotten where it began. */
const BURN_IN = 200

/** A crash seller: this often, this deep, in units of the daily deviation; otherwise a little gain and this much noise. */
const CRASH = {chance: 0.004, depth: 12, noise: 0.35}
/** GARCH(1, 1) of unit variance with the persistence of daily crypto returns. */
const GARCH = {shock: 0.08, memory: 0.9}

export const barMsOf = ({bar}: Pick<Shape, 'bar'>): number => (bar === 'day' ? DAY_MS : HOUR_MS)
export const sizeOf = ({axes}: Pick<Shape, 'axes'>): number => axes.reduce((product, size) => product * size, 1)

/** The worst move anybody knows of the underlying: a crash seller's history contains the crash, its returns may not. */
export const worstKnownMove = ({noise}: Pick<Shape, 'noise'>): number =>
  noise === 'crash' ? CRASH.depth * DAILY_DEVIATION : 5 * DAILY_DEVIATION

/** Draw a family. Same shape and seed, same numbers. */
export function drawFamily(shape: Shape, seed: string): Family {
  const random = new Random(seed)
  const K = sizeOf(shape)
  const barsPerDay = DAY_MS / barMsOf(shape)
  const scale = DAILY_DEVIATION / Math.sqrt(barsPerDay)
  const means = meansOf(shape, K, random).map((annual) => annual / Math.sqrt(YEAR_MS / barMsOf(shape)))
  const next = shocks(shape, K, random)
  const row = new Float64Array(K)
  for (let t = 0; t < BURN_IN; t++) next(row)
  const draw = (bars: number, edgeUntil: number): Float64Array[] => {
    const columns = Array.from({length: K}, () => new Float64Array(bars))
    for (let t = 0; t < bars; t++) {
      next(row)
      for (let k = 0; k < K; k++) columns[k]![t] = scale * (row[k]! + (t < edgeUntil ? means[k]! : 0))
    }
    return columns
  }
  const early = shape.edge === 'first fifth'
  const research = draw(shape.research, early ? Math.floor(shape.research / 5) : shape.research)
  for (let t = 0; t < GAP_DAYS * barsPerDay; t++) next(row)
  const vault = draw(shape.vault, early ? 0 : shape.vault)
  const others = new Random(`${seed}|market`)
  const market = Float64Array.from(
    {length: shape.research},
    () => (MARKET_DEVIATION / Math.sqrt(barsPerDay)) * others.normal(),
  )
  return {research, vault, market}
}

/** Annual Sharpe of every configuration; the best point lies in the middle of the grid. */
function meansOf({axes, edge, sharpe}: Shape, K: number, random: Random): number[] {
  const centre = axes.reduce((index, size) => index * size + Math.floor(size / 2), 0)
  return Array.from({length: K}, (_, k) => {
    const share = FLAT + (1 - FLAT) * random.unit()
    if (k === centre) return sharpe
    return edge === 'spike' ? 0 : share * sharpe
  })
}

/** Fills a row with the shocks of the next bar, shape [K], unit variance (the crash seller: as its recipe has it). */
type Step = (row: Float64Array) => void

function shocks({rho, noise}: Shape, K: number, random: Random): Step {
  const plain: Step = (row) => {
    const common = Math.sqrt(rho) * random.normal()
    for (let k = 0; k < K; k++) row[k] = common + Math.sqrt(1 - rho) * random.normal()
  }
  switch (noise) {
    case 'normal':
      return plain
    case 't5':
      return scaled(plain, () => {
        let square = 0
        for (let i = 0; i < 5; i++) square += random.normal() ** 2
        // 5 / 3 is the variance of Student t with 5 degrees of freedom
        return Math.sqrt(5 / square / (5 / 3))
      })
    case 'garch':
      return clustered(plain)
    case 'ar1:0.2':
      return autoregressive(plain, 0.2, K)
    case 'ar1:0.5':
      return autoregressive(plain, 0.5, K)
    case 'smoothed':
      return smoothed(plain, K)
    case 'crash':
      return (row) => {
        const gain = (CRASH.chance * CRASH.depth) / (1 - CRASH.chance)
        const common = random.unit() < CRASH.chance ? -CRASH.depth : gain
        for (let k = 0; k < K; k++) row[k] = common + CRASH.noise * random.normal()
      }
  }
}

/** One factor for the whole row: tails that come together, as those of one market do. */
function scaled(inner: Step, factor: () => number): Step {
  return (row) => {
    inner(row)
    const by = factor()
    for (let k = 0; k < row.length; k++) row[k]! *= by
  }
}

/** GARCH(1, 1), one volatility for all columns, moved by their mean squared shock. */
function clustered(inner: Step): Step {
  let variance = 1
  return (row) => {
    inner(row)
    let square = 0
    for (let k = 0; k < row.length; k++) {
      row[k]! *= Math.sqrt(variance)
      square += row[k]! ** 2
    }
    variance = 1 - GARCH.shock - GARCH.memory + (GARCH.shock * square) / row.length + GARCH.memory * variance
  }
}

function autoregressive(inner: Step, phi: number, K: number): Step {
  const before = new Float64Array(K)
  return (row) => {
    inner(row)
    for (let k = 0; k < K; k++) {
      before[k] = phi * before[k]! + Math.sqrt(1 - phi * phi) * row[k]!
      row[k] = before[k]!
    }
  }
}

/** Means of the last three shocks: what a book marked at old prices shows. */
function smoothed(inner: Step, K: number): Step {
  let [last, earlier] = [new Float64Array(K), new Float64Array(K)]
  return (row) => {
    inner(row)
    const fresh = row.slice()
    for (let k = 0; k < K; k++) row[k] = (fresh[k]! + last[k]! + earlier[k]!) / Math.sqrt(3)
    ;[last, earlier] = [fresh, last]
  }
}
