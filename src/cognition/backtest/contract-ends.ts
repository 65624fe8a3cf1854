import {BAR} from '../../contracts/panel.ts'
import {DAY_MS} from '../../kernel/instant.ts'
import type {WeightsRun} from './weights-run.ts'

/** Bars without a price after which a position counts as settled: the same span that makes an asset dead in the lake. */
const absentLimit = (barMs: number): number => Math.max(24, Math.ceil((3 * DAY_MS) / barMs))

/** Tells, bar by bar, whether the contract of a held position has ended. A hole in the whole venue ends nothing. */
export class ContractEnds {
  readonly #run: Pick<WeightsRun, 'close' | 'state'>
  readonly #absent: Int32Array
  readonly #limit: number

  constructor(run: Pick<WeightsRun, 'close' | 'state' | 'barMs'>) {
    this.#run = run
    this.#absent = new Int32Array(run.close.length)
    this.#limit = absentLimit(run.barMs)
  }

  /** Look at bar t of an asset that is held: once per bar, in time order. */
  has(a: number, t: number): boolean {
    const {close, state} = this.#run
    const present = close[a]![t]! > 0
    this.#absent[a] = present ? 0 : this.#absent[a]! + this.#venueIsOpen(t)
    const ended = (state && state[a]![t] === BAR.dead) || this.#absent[a]! > this.#limit
    if (ended) this.#absent[a] = 0
    return Boolean(ended)
  }

  /** 1 when at least one asset has a price. */
  #venueIsOpen(t: number): 0 | 1 {
    return this.#run.close.some((column) => column[t]! > 0) ? 1 : 0
  }
}

/** What a position in a contract that ended before bar t is paid, by the venue's rule. @param last  its last mark */
export function settlementPx(
  {high, low, costs}: Pick<WeightsRun, 'high' | 'low' | 'costs'>,
  {a, t, last, held}: {a: number; t: number; last: number; held: number},
): number {
  const before = t - 1
  const mean = costs.settleAtBarMean && high && low ? (high[a]![before]! + low[a]![before]! + last) / 3 : Number.NaN
  const reference = mean > 0 ? mean : last
  return reference * (1 - Math.sign(held) * costs.settlementHaircut)
}
