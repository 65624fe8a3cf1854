import type {RawRows} from './check-rows.ts'

/** Side of a row: `bid` is also the buyer's side of a trade, `ask` the seller's. */
export const SIDE = {bid: 0, ask: 1, none: -1} as const

const WORDS: Readonly<Record<string, 0 | 1>> = {
  ...{bid: 0, buy: 0, b: 0},
  ...{ask: 1, sell: 1, a: 1, s: 1},
}

/** Who made the price: a buyer who was there before means that the taker sold. */
const MAKERS: Readonly<Record<string, 0 | 1>> = {true: 1, '1': 1, false: 0, '0': 0}

/** Side of each row, from `side` or from Binance's `is_buyer_maker`; null when the file has neither. */
export function readSides({count, texts}: Pick<RawRows, 'count' | 'texts'>): Int8Array | null {
  const [cells, words] = texts?.['side'] ? [texts['side'], WORDS] : [texts?.['maker'], MAKERS]
  if (!cells) return null
  const sides = new Int8Array(count)
  for (let i = 0; i < count; i++) sides[i] = words[cells[i]!.trim().toLowerCase()] ?? SIDE.none
  return sides
}
