import {abs, add, compare, type Decimal, negate} from '../../kernel/decimal.ts'
import type {AccountView} from './control-input.ts'
import {exact, exactPositive} from './exact.ts'
import {workingSize} from './reduces-risk.ts'

/** Signed coins if every working buy filled and no sell, and the other way round. */
export interface PositionRange {
  readonly long: Decimal
  readonly short: Decimal
}

/** The order that is being judged, counted as filled. */
export interface Candidate {
  readonly coin: string
  readonly side: 'buy' | 'sell'
  readonly sz: string
}

/**
 * The range a position can reach, open, in-flight and unknown orders counted as filled.
 *
 * @returns null when a size cannot be read: unknown is not zero
 */
export function positionRange(account: AccountView, coin: string, candidate: Candidate | null): PositionRange | null {
  const position = exact(account.positions.get(coin) ?? '0')
  const buys = workingSize(account.working, coin, 'buy')
  const sells = workingSize(account.working, coin, 'sell')
  const extra = candidate !== null && candidate.coin === coin ? exactPositive(candidate.sz) : {units: 0n, scale: 0}
  if (position === null || buys === null || sells === null || extra === null) return null
  const buying = candidate?.side === 'buy' ? add(buys, extra) : buys
  const selling = candidate?.side === 'sell' ? add(sells, extra) : sells
  return {long: add(position, buying), short: add(position, negate(selling))}
}

/** The larger |end| of a range, in coins. */
export function worstSize({long, short}: PositionRange): Decimal {
  const [up, down] = [abs(long), abs(short)]
  return compare(up, down) >= 0 ? up : down
}
