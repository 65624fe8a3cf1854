const STEPS = 4096

/**
 * Length of a bootstrap block from a uniform u: 1 + ⌊log(1 − u) / log(1 − 1/b)⌋, geometric with mean b.
 *
 * Most of 4,096 equal steps of u know one length only: those are looked up, and the logarithm is left to the others.
 *
 * @param b  mean, > 1
 * @see Politis & Romano (1994), JASA 89
 */
export function blockLengths(b: number): (u: number) => number {
  const logStay = Math.log(1 - 1 / b)
  const exact = (u: number): number => 1 + Math.floor(Math.log(1 - u) / logStay)
  const known = new Float64Array(STEPS)
  for (let step = 0; step + 1 < STEPS; step++) {
    const shortest = exact(step / STEPS)
    // The steps beside it as well, so that the rounding of a logarithm decides nothing.
    const isKnown = shortest === exact(Math.max(0, step - 1) / STEPS) && shortest === exact((step + 2) / STEPS)
    if (isKnown) known[step] = shortest
  }
  return (u) => known[(u * STEPS) | 0]! || exact(u)
}
