import {binomialSf} from '../../kernel/distributions.ts'
import {Fault} from '../../kernel/fault.ts'
import {mean, requireColumns, requireThat, type Series} from './series.ts'
import {sharpeRatio} from './sharpe.ts'

/** Half-open bar ranges [from, to). */
export interface Window {
  readonly train: readonly [number, number]
  readonly test: readonly [number, number]
}

export interface WindowPlan {
  /** bars in all */
  readonly T: number
  readonly train: number
  readonly test: number
  readonly step: number
  /** bars between train and test, e */
  readonly gap: number
  /** true: every training range starts at bar 0 */
  readonly anchored?: boolean
}

/** The default of the gauntlet: rolling, train 40 %, test 10 % of the research bars, step = test. */
export const defaultWindowPlan = (T: number, gap: number): WindowPlan => {
  const test = Math.floor(T / 10)
  return {T, train: Math.floor((2 * T) / 5), test, step: test, gap}
}

/**
 * Training and test ranges, oldest first; ends where a full test range no longer fits.
 *
 * @throws Fault `gauntlet.sample_too_small` (data) when not one window fits, `gauntlet.out_of_range`
 * @see Pardo (2008), The Evaluation and Optimization of Trading Strategies
 */
export function walkForwardWindows({T, train, test, step, gap, anchored = false}: WindowPlan): Window[] {
  const whole = [T, train, test, step, gap].every((bars) => Number.isInteger(bars) && bars >= 0)
  requireThat(whole, `Windows of ${train}/${gap}/${test} bars every ${step} of ${T} were asked for.`)
  if (train < 1 || test < 1 || step < 1 || train + gap + test > T) {
    throw new Fault('gauntlet.sample_too_small', {
      family: 'data',
      what: `${T} bars do not hold one walk-forward window of ${train} + ${gap} + ${test}.`,
      why: 'A walk-forward result needs at least one full test window.',
      next: ['widen the date range, or ingest more history'],
    })
  }
  const windows: Window[] = []
  for (let start = 0; start + train + gap + test <= T; start += step) {
    const first = start + train + gap
    windows.push({train: [anchored ? 0 : start, start + train], test: [first, first + test]})
  }
  return windows
}

export interface WalkForward {
  /** column chosen in each window */
  readonly chosen: readonly number[]
  /** test returns of the chosen columns, end to end */
  readonly stitched: Float64Array
  /** mean Sharpe of the chosen columns in their training ranges, per period */
  readonly inSample: number
  /** Sharpe of the stitched returns; NaN when they do not vary */
  readonly outOfSample: number
  /** outOfSample / inSample, report only; NaN when inSample is not positive */
  readonly efficiency: number
  /** windows whose test return is positive, and P(at least as many | a coin) */
  readonly profitable: number
  readonly profitableP: number
}

/**
 * Choose the best column by Sharpe on each training range and take its returns on the test range.
 *
 * Columns that do not vary in training are not chosen; ties go to the lowest index.
 *
 * @param columns  shape [K][T] per-period net returns
 * @param windows  from `walkForwardWindows` over the same T
 * @throws Fault   `gauntlet.no_variance` when no column varies in a training range, `gauntlet.not_finite`,
 *                 `gauntlet.ragged_columns`, `gauntlet.sample_too_small`
 */
export function walkForward(columns: readonly Series[], windows: readonly Window[]): WalkForward {
  requireColumns(columns, windows.at(-1)?.test[1] ?? 1)
  const full = columns.map((column) => Float64Array.from(column))
  const chosen: number[] = []
  const parts: Float64Array[] = []
  let total = 0
  for (const {train, test} of windows) {
    const {index, sharpe} = bestOf(full.map((column) => column.subarray(train[0], train[1])))
    chosen.push(index)
    total += sharpe
    parts.push(full[index]!.subarray(test[0], test[1]))
  }
  const stitched = Float64Array.from(parts.flatMap((part) => [...part]))
  const inSample = total / windows.length
  const outOfSample = varies(stitched) ? sharpeRatio(stitched) : Number.NaN
  const profitable = parts.filter((part) => mean(part) > 0).length
  return {
    chosen,
    stitched,
    inSample,
    outOfSample,
    efficiency: inSample > 0 ? outOfSample / inSample : Number.NaN,
    profitable,
    profitableP: binomialSf(profitable, windows.length, 0.5),
  }
}

const varies = (x: Float64Array): boolean => x.some((value) => value !== x[0])

function bestOf(ranges: readonly Float64Array[]): {index: number; sharpe: number} {
  const scores = ranges.map((range) => (varies(range) ? sharpeRatio(range) : Number.NEGATIVE_INFINITY))
  const sharpe = Math.max(...scores)
  if (sharpe === Number.NEGATIVE_INFINITY) {
    throw new Fault('gauntlet.no_variance', {
      family: 'data',
      what: 'No configuration varies on a training window.',
      why: 'None of them traded there, so there is nothing to choose by.',
      next: ['widen the training window or check the signal'],
    })
  }
  return {index: scores.indexOf(sharpe), sharpe}
}
