import {Fault} from '../../kernel/fault.ts'
import {mean, requireColumns, requireThat, type Series} from './series.ts'

export interface Cscv {
  readonly S: number
  readonly blockLength: number
  readonly combinations: number
  /** share of splits whose in-sample winner is in the worse half out of sample */
  readonly pbo: number
  /** share of splits whose winner loses money out of sample */
  readonly probabilityOfLoss: number
  /** mean OOS Sharpe of the winners / mean IS Sharpe; NaN when the latter is not positive */
  readonly degradation: number
  /** OLS of OOS on IS Sharpe of the winners; NaN when IS does not vary */
  readonly slope: number
  readonly intercept: number
  readonly r2: number
  readonly meanInSample: number
  readonly meanOutOfSample: number
  /** per split, lexicographic: logit of the winner's relative rank, its column, its Sharpe IS and OOS */
  readonly logits: Float64Array
  readonly winners: Int32Array
  readonly inSample: Float64Array
  readonly outOfSample: Float64Array
  /** columns without variance: their Sharpe counts as 0 */
  readonly flat: readonly number[]
}

/** S of the gauntlet: 10 blocks below 1,600 observations, 16 from there on. */
export const cscvBlocks = (T: number): 10 | 16 => (T < 1600 ? 10 : 16)

/**
 * Probability of backtest overfitting by combinatorially symmetric cross-validation.
 *
 * The first T mod S rows are dropped; S equal blocks; each choice of S/2 is in-sample once. Works on block sums and
 * sums of squares, so a split costs S additions a column and not T.
 *
 * @param columns  shape [K][T] per-period returns of K >= 2 configurations on the same bars
 * @param S        even, 2 … 16; blocks of at least 30 observations
 * @throws Fault   `gauntlet.too_few_configurations`, `gauntlet.sample_too_small`, `gauntlet.not_finite`,
 *                 `gauntlet.ragged_columns`, `gauntlet.out_of_range`
 * @see Bailey, Borwein, López de Prado & Zhu (2017), J. Computational Finance 20(4)
 */
export function cscv(columns: readonly Series[], S: number): Cscv {
  const K = columns.length
  if (K < 2) {
    throw new Fault('gauntlet.too_few_configurations', {
      family: 'data',
      what: `Overfitting was to be measured on ${K} configuration(s).`,
      why: 'Choosing the best of one is no choice.',
      next: ['give the hypothesis a parameter grid'],
    })
  }
  requireThat(Number.isInteger(S) && S >= 2 && S <= 16 && S % 2 === 0, `${S} blocks were asked for.`)
  requireColumns(columns, 30 * S)
  const blockLength = Math.floor(columns[0]!.length / S)
  const blocks = columns.map((column) => blockSums(column, S, blockLength))
  const splits = halves(S)
  const C = splits.length
  const logits = new Float64Array(C)
  const winners = new Int32Array(C)
  const inSample = new Float64Array(C)
  const outOfSample = new Float64Array(C)
  const out = new Float64Array(K)
  splits.forEach((mask, c) => {
    let [winner, best] = [0, Number.NEGATIVE_INFINITY]
    for (let k = 0; k < K; k++) {
      const sharpe = sharpeOf(blocks[k]!, mask, S, blockLength)
      if (sharpe > best) [winner, best] = [k, sharpe]
      out[k] = sharpeOf(blocks[k]!, ~mask, S, blockLength)
    }
    const own = out[winner]!
    let [below, tied] = [0, 0]
    for (let k = 0; k < K; k++) {
      if (out[k]! < own) below += 1
      else if (out[k] === own) tied += 1
    }
    const rank = (below + (tied + 1) / 2) / (K + 1)
    logits[c] = Math.log(rank / (1 - rank))
    winners[c] = winner
    inSample[c] = best
    outOfSample[c] = own
  })
  return {
    S,
    blockLength,
    combinations: C,
    pbo: logits.filter((lambda) => lambda <= 0).length / C,
    probabilityOfLoss: outOfSample.filter((sharpe) => sharpe < 0).length / C,
    ...regression(inSample, outOfSample),
    logits,
    winners,
    inSample,
    outOfSample,
    flat: blocks.flatMap((block, k) => (block.flat ? [k] : [])),
  }
}

/** P_loss <= 0.10 and (PBO <= 0.5 or degradation >= 0.5): PBO alone passes half of all null families. */
export const cscvGate = ({probabilityOfLoss, pbo, degradation}: Cscv): boolean =>
  probabilityOfLoss <= 0.1 + 1e-12 && (pbo <= 0.5 + 1e-12 || degradation >= 0.5 - 1e-12)

interface BlockSums {
  readonly centre: number
  readonly sums: Float64Array
  readonly squares: Float64Array
  readonly flat: boolean
}

/** Sums per block of deviations from the column mean: without that, squares would drown small dispersions. */
function blockSums(column: Series, S: number, blockLength: number): BlockSums {
  const first = column.length - S * blockLength
  const centre = mean(column)
  const sums = new Float64Array(S)
  const squares = new Float64Array(S)
  let flat = true
  for (let block = 0; block < S; block++) {
    for (let i = 0; i < blockLength; i++) {
      const value = column[first + block * blockLength + i]!
      if (value !== column[first]) flat = false
      sums[block]! += value - centre
      squares[block]! += (value - centre) ** 2
    }
  }
  return {centre, sums, squares, flat}
}

function sharpeOf({centre, sums, squares, flat}: BlockSums, mask: number, S: number, blockLength: number): number {
  if (flat) return 0
  let [total, square] = [0, 0]
  for (let block = 0; block < S; block++) {
    if ((mask & (1 << block)) === 0) continue
    total += sums[block]!
    square += squares[block]!
  }
  const n = (S / 2) * blockLength
  const variance = (square - (total * total) / n) / (n - 1)
  // A column that is flat on this half only leaves rounding noise, not zero.
  if (variance <= (1e-13 * square) / n) return 0
  return (centre + total / n) / Math.sqrt(variance)
}

/** Every choice of S/2 of S blocks as a bit mask, lexicographic in the block numbers. */
function halves(S: number): number[] {
  const found: number[] = []
  const choose = (from: number, left: number, mask: number): void => {
    if (left === 0) found.push(mask)
    else for (let block = from; block <= S - left; block++) choose(block + 1, left - 1, mask | (1 << block))
  }
  choose(0, S / 2, 0)
  return found
}

function regression(x: Float64Array, y: Float64Array) {
  const [meanInSample, meanOutOfSample] = [mean(x), mean(y)]
  let [xx, xy, yy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - meanInSample, y[i]! - meanOutOfSample]
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  const slope = xx > 0 ? xy / xx : Number.NaN
  return {
    meanInSample,
    meanOutOfSample,
    degradation: meanInSample > 0 ? meanOutOfSample / meanInSample : Number.NaN,
    slope,
    intercept: meanOutOfSample - slope * meanInSample,
    r2: xx > 0 && yy > 0 ? (xy * xy) / (xx * yy) : Number.NaN,
  }
}
