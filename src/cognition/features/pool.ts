/** Blocks of memory that nobody reads any more, to be used again. */
export interface Pool {
  /** what is in it is of no meaning */
  take(size: number): Float64Array
  /** a single number is no block */
  giveBack(block: Float64Array): void
}

export function poolOf(): Pool {
  const free = new Map<number, Float64Array[]>()
  return {
    take: (size) => free.get(size)?.pop() ?? new Float64Array(size),
    giveBack(block) {
      if (block.length <= 1) return
      const found = free.get(block.length)
      if (found) found.push(block)
      else free.set(block.length, [block])
    },
  }
}
