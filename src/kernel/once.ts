/** Computed at the first call, remembered after it. */
export function once<T>(compute: () => T): () => T {
  let known: {readonly value: T} | null = null
  return () => {
    known ??= {value: compute()}
    return known.value
  }
}
