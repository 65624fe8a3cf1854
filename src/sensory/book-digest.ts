import {sha256} from '../kernel/sha256.ts'

/** Levels of one book, best first. */
export interface BookLevels {
  readonly bidPx: ArrayLike<number>
  readonly bidSz: ArrayLike<number>
  readonly askPx: ArrayLike<number>
  readonly askSz: ArrayLike<number>
}

/**
 * What tells two books of one instant apart: the first 16 hex digits of the SHA-256 of their prices and sizes, written
 * as `bids|asks`, each level `px:sz`. The number of orders is not in it: a file that lacks it holds the same book.
 */
export function bookDigest({bidPx, bidSz, askPx, askSz}: BookLevels): string {
  const side = (px: ArrayLike<number>, sz: ArrayLike<number>): string => {
    let text = ''
    for (let i = 0; i < px.length; i++) text += `${i === 0 ? '' : ','}${px[i]}:${sz[i]}`
    return text
  }
  return sha256(`${side(bidPx, bidSz)}|${side(askPx, askSz)}`).slice(0, 16)
}
