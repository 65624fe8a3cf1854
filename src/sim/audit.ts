import type {VenueState} from './venue-state.ts'

/** One broken invariant, in words. An empty list is a sound venue. */
export interface AuditReport {
  readonly ok: boolean
  readonly breaches: readonly string[]
  readonly accounts: number
  readonly orders: number
  readonly fills: number
}

/**
 * What must hold whatever the clients do: positions and cash add up to zero over all participants, positions are what
 * the fills say, no order is overfilled, no book is crossed, no nonce is used twice.
 *
 * @see spec hyperliquid.md §6.3
 */
export function audit(state: VenueState): AuditReport {
  const breaches = [
    ...positionBreaches(state),
    ...cashBreaches(state),
    ...fillBreaches(state),
    ...orderBreaches(state),
    ...bookBreaches(state),
    ...nonceBreaches(state),
  ]
  const fills = [...state.accounts.values()].reduce((sum, account) => sum + account.fills.length, 0)
  return {ok: breaches.length === 0, breaches, accounts: state.accounts.size, orders: state.orders.size, fills}
}

const participants = ({accounts, house}: VenueState) => [...accounts.values(), house]

function positionBreaches(state: VenueState): string[] {
  return state.listing.flatMap(({name}, asset) => {
    const sum = participants(state).reduce((total, {positions}) => total + (positions.get(asset)?.lots ?? 0), 0)
    return sum === 0 ? [] : [`positions in ${name} add up to ${sum} lots`]
  })
}

function cashBreaches(state: VenueState): string[] {
  const sum = participants(state).reduce(
    (total, account) => total + account.cash + account.feesPaid - account.deposited,
    0n,
  )
  return sum === 0n ? [] : [`cash, fees and deposits differ by ${sum} × 10^-12 USD`]
}

function fillBreaches(state: VenueState): string[] {
  return [...state.accounts.values()].flatMap((account) =>
    state.listing.flatMap(({name, szDecimals}, asset) => {
      const last = account.fills.findLast(({coin}) => coin === name)
      if (!last) return []
      const lots = (text: string): number => Math.round(Number(text) * 10 ** szDecimals)
      const end = lots(last.startPosition) + (last.side === 'B' ? 1 : -1) * lots(last.sz)
      const held = account.positions.get(asset)?.lots ?? 0
      return end === held ? [] : [`${account.address} holds ${held} lots of ${name}, its fills end at ${end}`]
    }),
  )
}

function orderBreaches({orders}: VenueState): string[] {
  return [...orders.values()].flatMap(({oid, lots, origLots, status}) => {
    if (lots < 0 || lots > origLots) return [`order ${oid} has ${lots} of ${origLots} lots left`]
    return status === 'filled' && lots !== 0 ? [`order ${oid} is filled with ${lots} lots left`] : []
  })
}

function bookBreaches({books, listing}: VenueState): string[] {
  return books.flatMap(({bids, asks}, asset) => {
    const crossed = bids[0] && asks[0] && bids[0].px >= asks[0].px
    const closed = [...bids, ...asks].filter(({status}) => status !== 'open')
    return [
      ...(crossed ? [`the book of ${listing[asset]!.name} is crossed`] : []),
      ...closed.map(({oid}) => `order ${oid} rests without being open`),
    ]
  })
}

function nonceBreaches({nonces}: VenueState): string[] {
  return [...nonces]
    .filter(([, {used}]) => new Set(used).size !== used.length)
    .map(([signer]) => `${signer} used a nonce twice`)
}
