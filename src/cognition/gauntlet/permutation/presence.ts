/**
 * Which moves an asset takes when time is put in another order, though it does not have a bar everywhere.
 *
 * Place i gets the move of bar order[i], for all assets alike, so that what moved together still does. Where an asset has
 * only one of the two, its bars without a place go to its places without a bar, in the order in which they came up: it
 * keeps each of its own moves exactly once, and only those.
 *
 * @param order  shape [n], a permutation of 0 … n − 1
 * @param has    shape [n], 1 where the asset has a move
 * @param out    shape [n]; written where `has` is 1
 */
export function sourcesOf(order: Int32Array, has: Uint8Array, out: Int32Array): void {
  const n = order.length
  const spare: number[] = []
  for (let i = 0; i < n; i++) {
    const source = order[i]!
    if (has[i] === 1) out[i] = has[source] === 1 ? source : -1
    else if (has[source] === 1) spare.push(source)
  }
  for (let i = 0, next = 0; i < n && next < spare.length; i++)
    if (has[i] === 1 && out[i] === -1) out[i] = spare[next++]!
}
