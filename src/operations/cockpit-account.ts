import {none, type Reading, read} from '../cockpit/reading.ts'
import type {RecordedAccount} from '../cockpit/view.ts'
import {AccountSnapshot, OrderState} from '../contracts/orders.ts'
import type {JournalEntry} from '../desk.ts'
import {compare, decimal} from '../kernel/decimal.ts'
import type {Journals} from './cockpit-sections.ts'

/** The venue's truth as the guard last wrote it down. */
export function accountSection({guard}: Journals): Reading<RecordedAccount> {
  if (guard.state !== 'read') return guard
  const at = guard.value.findLastIndex(({kind}) => kind === 'reconcile')
  const last = guard.value[at]
  if (last !== undefined) {
    const {day: _, ...snapshot} = last.body
    return read({
      snapshot: AccountSnapshot.parse(snapshot),
      recordedAt: last.ts,
      peakEquity: peakOf(guard.value),
      filledSince: filledIn(guard.value.slice(at)),
    })
  }
  return none('no account was ever reconciled here')
}

/** Orders that ended filled among these entries, each once. */
function filledIn(entries: readonly JournalEntry[]): number {
  const orders = entries.flatMap(({kind, body}) => (kind === 'order' ? [OrderState.safeParse(body['order']).data] : []))
  return new Set(orders.filter((order) => order?.phase === 'filled').map((order) => order?.cloid)).size
}

function peakOf(entries: readonly JournalEntry[]): string {
  const equities = entries.filter(({kind}) => kind === 'reconcile').map(({body}) => String(body['equity']))
  return equities.reduce((peak, equity) => (compare(decimal(equity), decimal(peak)) > 0 ? equity : peak))
}
