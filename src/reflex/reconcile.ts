import type {Fill, OpenOrder} from '../contracts/orders.ts'
import {add, compare, type Decimal, decimal, decimalText, isZero, negate, subtract} from '../kernel/decimal.ts'

/** What the journal says the account must look like, and what the venue says it is. */
export interface ReconcileInput {
  /** asset -> signed coins at the start of the cycle, venue truth */
  readonly before: ReadonlyMap<string, string>
  /** every fill of the account since then; duplicates are dropped */
  readonly fills: readonly Fill[]
  /** cloid -> asset of every order this workspace ever sent */
  readonly known: ReadonlySet<string>
  /** cloids the journal holds to be resting */
  readonly resting: ReadonlySet<string>
  readonly positions: ReadonlyMap<string, string>
  readonly openOrders: readonly OpenOrder[]
}

/** One disagreement between journal and venue. The venue wins; the difference is an event. */
export interface Difference {
  readonly kind: 'position' | 'foreign_fill' | 'fill_gap' | 'orphan_order' | 'lost_order'
  readonly asset: string
  readonly expected: string
  readonly venue: string
}

/**
 * Compare the venue's truth with the journal.
 *
 * position      start plus fills is not the position the venue reports
 * foreign_fill  a fill that belongs to none of our orders (manual trade, liquidation)
 * fill_gap      the startPosition chain is broken: a fill is missing between two others
 * orphan_order  an order rests at the venue that the journal does not hold to be resting
 * lost_order    the journal holds an order to be resting and the venue does not
 *
 * @see execution.md 4, risk.md C27
 */
export function reconcile(input: ReconcileInput): Difference[] {
  const fills = uniqueFills(input.fills)
  const assets = [
    ...new Set([...input.before.keys(), ...input.positions.keys(), ...fills.map(({coin}) => coin)]),
  ].sort()
  const zero = '0'
  const positions = assets.flatMap((asset): Difference[] => {
    const before = decimal(input.before.get(asset) ?? zero)
    const expected = fills.filter(({coin}) => coin === asset).reduce((sum, fill) => add(sum, signed(fill)), before)
    const venue = decimal(input.positions.get(asset) ?? zero)
    return compare(expected, venue) === 0
      ? []
      : [{kind: 'position', asset, expected: decimalText(expected), venue: decimalText(venue)}]
  })
  const foreign = fills
    .filter(({cloid}) => cloid === null || !input.known.has(cloid))
    .map((fill): Difference => ({kind: 'foreign_fill', asset: fill.coin, expected: 'none', venue: fill.tid}))
  const gaps = assets.flatMap((asset) =>
    brokenLinks(fills.filter(({coin}) => coin === asset)).map(
      ({expected, fill}): Difference => ({kind: 'fill_gap', asset, expected, venue: fill.startPosition}),
    ),
  )
  const open = new Set(input.openOrders.map(({cloid}) => cloid))
  const orphans = input.openOrders
    .filter(({cloid}) => cloid === null || !input.resting.has(cloid))
    .map((order): Difference => ({kind: 'orphan_order', asset: order.coin, expected: 'none', venue: order.oid}))
  const lost = [...input.resting]
    .filter((cloid) => !open.has(cloid))
    .map((cloid): Difference => ({kind: 'lost_order', asset: '-', expected: cloid, venue: 'none'}))
  return [...positions, ...foreign, ...gaps, ...orphans, ...lost]
}

/** One of each (tid, oid), by time; within a millisecond in the order of the startPosition chain. */
export function uniqueFills(fills: readonly Fill[]): Fill[] {
  const byId = new Map(fills.map((fill) => [`${fill.tid}|${fill.oid}`, fill]))
  const byTime = [...byId.values()].sort((a, b) => a.time - b.time)
  const chained: Fill[] = []
  const position = new Map<string, Decimal>()
  while (byTime.length > 0) {
    const time = byTime[0]!.time
    const ties = byTime.filter((fill) => fill.time === time)
    const next = ties.find((fill) => {
      const at = position.get(fill.coin)
      return at !== undefined && compare(at, decimal(fill.startPosition)) === 0
    })
    const first = next ?? headOf(ties)
    chained.push(first)
    position.set(first.coin, add(decimal(first.startPosition), signed(first)))
    byTime.splice(byTime.indexOf(first), 1)
  }
  return chained
}

/** Of fills in one millisecond the first is the one that no other leads to. */
function headOf(ties: readonly Fill[]): Fill {
  const leadsTo = (a: Fill, b: Fill): boolean =>
    a !== b && a.coin === b.coin && compare(add(decimal(a.startPosition), signed(a)), decimal(b.startPosition)) === 0
  return ties.find((fill) => !ties.some((other) => leadsTo(other, fill))) ?? ties[0]!
}

function brokenLinks(chain: readonly Fill[]): {expected: string; fill: Fill}[] {
  return chain.slice(1).flatMap((fill, i) => {
    const previous = chain[i]!
    const expected = add(decimal(previous.startPosition), signed(previous))
    return isZero(subtract(expected, decimal(fill.startPosition))) ? [] : [{expected: decimalText(expected), fill}]
  })
}

const signed = ({side, sz}: Fill): Decimal => (side === 'buy' ? decimal(sz) : negate(decimal(sz)))
