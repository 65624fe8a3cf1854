import type {InputName} from '../../../contracts/panel.ts'
import type {Frame} from '../frame.ts'

/**
 * What an argument may be.
 *
 * `any` a series or a number · `series` a series · `window` a positive whole number of bars, known before any data ·
 * `number` a number known before any data · `interval` and `asset` a quoted name.
 */
export type ArgumentKind = 'any' | 'series' | 'window' | 'number' | 'interval' | 'asset'

/** Values of a sub-expression: [asset × bar] in one block with step 1, or one number with step 0. */
export interface Column {
  readonly values: Float64Array
  readonly step: 0 | 1
}

/** Index mask of a column: `i & -1` is i, `i & 0` is 0, so that a number is read again and again. */
export const maskOf = ({step}: Column): -1 | 0 => (step === 1 ? -1 : 0)

/** Fills `out` (length assets × bars) from the inputs; `text` is the quoted argument, if there is one. */
export type Kernel = (
  inputs: readonly Column[],
  constants: readonly number[],
  out: Float64Array,
  frame: Frame,
  text: string,
) => void

/**
 * One operator: what it takes, how much history it needs, and its kernel.
 *
 * Kernels promise: finite or NaN out; the value at a bar depends on bars up to it only, unless `future` says otherwise;
 * NaN in gives NaN out; a window with a hole is NaN.
 */
export interface Operator {
  readonly family: 'element' | 'time' | 'cross-section' | 'calendar' | 'reference' | 'look-ahead'
  readonly summary: string
  /** names the arguments in help and errors, in order: `x` or `n` */
  readonly args: readonly ArgumentKind[]
  /** further arguments of this kind may follow */
  readonly rest?: ArgumentKind
  /** inputs the kernel reads besides its arguments; they come first */
  readonly implicit?: readonly InputName[]
  /** smallest window; default 1 */
  readonly least?: number
  /** why these constants make no sense, or null */
  readonly refuse?: (constants: readonly number[]) => string | null
  /** bars of history a value needs before its own bar, beyond what its inputs need; default 0 */
  readonly memory?: (constants: readonly number[]) => number
  /** carries state from the first bar: no finite history gives the same value for certain */
  readonly unbounded?: true
  /** reads later bars: made to be caught */
  readonly future?: true
  /** works value by value, so it can also be applied to plain numbers before any data is there */
  readonly pointwise?: true
  readonly run: Kernel
  /** it is the sum of its window over this: exact sums of the column tell it at any bar */
  readonly divisorOf?: (n: number) => number
}

/** An operator over the last n bars of one series. */
export const windowOperator = (summary: string, run: Kernel, least = 1): Operator => ({
  family: 'time',
  summary,
  args: ['series', 'window'],
  least,
  memory: ([n]) => n! - 1,
  run,
})
