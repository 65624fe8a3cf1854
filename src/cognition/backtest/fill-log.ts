import type {Fills} from './backtest-result.ts'

/** Fills in the order they happened; counted always, kept when somebody will read them. */
export class FillLog {
  count = 0
  readonly #keep: boolean
  readonly #bar: number[] = []
  readonly #asset: number[] = []
  readonly #units: number[] = []
  readonly #px: number[] = []
  readonly #cost: number[] = []

  constructor(keep: boolean) {
    this.#keep = keep
  }

  /** @param units signed coins @param px reference price @param cost everything paid beside it, quote currency */
  add(bar: number, asset: number, units: number, px: number, cost: number): void {
    this.count++
    if (!this.#keep) return
    this.#bar.push(bar)
    this.#asset.push(asset)
    this.#units.push(units)
    this.#px.push(px)
    this.#cost.push(cost)
  }

  columns(): Fills {
    return {
      bar: Int32Array.from(this.#bar),
      asset: Int32Array.from(this.#asset),
      units: Float64Array.from(this.#units),
      px: Float64Array.from(this.#px),
      cost: Float64Array.from(this.#cost),
    }
  }
}
