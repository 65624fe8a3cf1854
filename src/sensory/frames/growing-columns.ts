/** Numbers that arrive one at a time: doubling memory, one copy at the end. NaN is a missing number. */
export class GrowingNumbers {
  #values = new Float64Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#length++] = value
  }

  /** Take back what was pushed last. */
  cutTo(length: number): void {
    this.#length = Math.min(this.#length, length)
  }

  /** What was pushed; valid until the next push. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }
}

/** Rows of one table on their way into the lake. */
export interface TableRows {
  readonly count: number
  readonly columns: Readonly<Record<string, Float64Array | readonly string[]>>
  readonly lists?: Readonly<Record<string, readonly Float64Array[]>>
  /** text columns that hold positions in a list of names instead */
  readonly names?: Readonly<Record<string, readonly string[]>>
}
