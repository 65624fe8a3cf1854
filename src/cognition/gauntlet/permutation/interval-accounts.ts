import type {Hypothesis} from '../../../contracts/hypothesis.ts'
import type {DecisionTable} from './decision-table.ts'

/** The accounts of a grid on one market, each traded decision by decision, and taken up where it was left. */
export class IntervalAccounts {
  /** shape [grid][decisions]: return of each interval, a fraction of equity; 0 after an account has been lost */
  readonly returns: Float64Array[]
  readonly #table: DecisionTable
  readonly #band: number
  /** coins held, shape [grid][N] */
  readonly #held: readonly Float64Array[]
  readonly #equity: Float64Array
  /** decisions each account has seen */
  readonly #next: Int32Array
  #point = 0

  constructor(table: DecisionTable, hypothesis: Pick<Hypothesis, 'portfolio' | 'capital_usd'>, points: number) {
    const decisions = table.N === 0 ? 0 : table.close.length / table.N
    this.#table = table
    this.#band = hypothesis.portfolio.no_trade_band
    this.returns = Array.from({length: points}, () => new Float64Array(decisions))
    this.#held = Array.from({length: points}, () => new Float64Array(table.N))
    this.#equity = new Float64Array(points).fill(hypothesis.capital_usd)
    this.#next = new Int32Array(points)
  }

  /** The account of grid point `g` is the one that trades from now on. */
  turnTo(g: number): void {
    this.#point = g
  }

  /** Go on to the next decision with this book, and hold it until the one after. */
  trade(book: Float64Array): void {
    const {N, close, isFilled, before, after} = this.#table
    const band = this.#band
    const units = this.#held[this.#point]!
    const start = this.#equity[this.#point]!
    const k = this.#next[this.#point]!
    let earned = 0
    for (let a = 0, row = k * N; a < N && start > 0; a++, row++) {
      const held = units[a]!
      const weight = book[a]!
      if (held !== 0) earned += held * before[2 * row + Number(held < 0)]!
      else if (weight === 0) continue
      // An order that no bar takes waits: the next decision replaces it.
      if (isFilled[row] === 0) continue
      let wanted = 0
      if (weight !== 0) {
        const px = close[row]!
        const moves = px > 0 && !(band > 0 && Math.abs(weight - (held * px) / start) <= band)
        wanted = moves ? (weight * start) / px : held
      }
      if (wanted !== 0) earned += wanted * after[2 * row + Number(wanted < 0)]!
      units[a] = wanted
    }
    this.returns[this.#point]![k] = start > 0 ? Math.max(-1, earned / start) : 0
    this.#equity[this.#point] = start + earned
    this.#next[this.#point] = k + 1
  }
}
