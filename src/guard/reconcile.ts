import type {AccountSnapshot, Fill} from '../contracts/orders.ts'
import type {JournalEntry} from '../desk.ts'
import type {Guard} from './guard.ts'
import {Fills} from './venue-replies.ts'
import type {DayEquity} from './venue-view.ts'

const PAGE = 2_000

/** Which fills are known, and up to when. */
export class FillLog {
  readonly #seen = new Set<string>()
  #watermark = 1

  add({tid, oid, time}: Fill): boolean {
    const key = `${tid}|${oid}`
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    this.#watermark = Math.max(this.#watermark, time)
    return true
  }

  /** venue time of the last fill: the next page starts there, inclusive */
  get watermark(): number {
    return this.#watermark
  }
}

/**
 * Compare with the venue and write down what it says: positions, open orders, equity, new fills. The venue wins.
 *
 * @throws Fault of family venue
 */
export async function reconcile(guard: Guard, known: FillLog): Promise<AccountSnapshot> {
  await guard.view.refresh([])
  const fills = await newFills(guard, known)
  const snapshot = snapshotOf(guard)
  const day = guard.view.dayEquity!
  const ts = guard.clock.now()
  await guard.journal.appendAll([
    ...fills.map((fill) => ({ts, kind: 'fill', body: {...fill}})),
    {ts, kind: 'reconcile', body: {...snapshot, day}},
  ])
  guard.now.undelivered.push(...fills)
  return snapshot
}

/** What an earlier guard wrote: known fills and the equity of the day. */
export function restore(guard: Guard, known: FillLog, entries: readonly JournalEntry[]): void {
  for (const {kind, body} of entries) if (kind === 'fill') known.add(body as unknown as Fill)
  const last = entries.findLast(({kind}) => kind === 'reconcile')
  if (last) guard.view.restoreDay(last.body['day'] as DayEquity)
}

async function newFills(guard: Guard, known: FillLog): Promise<Fill[]> {
  const fresh: Fill[] = []
  for (;;) {
    const startTime = known.watermark
    const page = await guard.link.ask(Fills, {type: 'userFillsByTime', user: guard.account, startTime})
    // Pages overlap by their first instant, and the venue's order is not documented.
    const added = [...page].sort((a, b) => a.time - b.time).filter((fill) => known.add(fill))
    fresh.push(...added)
    if (page.length < PAGE || added.length === 0) return fresh
  }
}

function snapshotOf({view, account}: Guard): AccountSnapshot {
  const {marginSummary, assetPositions, time} = view.clearing!
  return {
    account,
    at: time,
    equity: marginSummary.accountValue,
    dayStartEquity: view.dayEquity!.start,
    positions: assetPositions.map(({position}) => ({...position, markPx: view.listed(position.coin)?.markPx ?? null})),
    openOrders: [...view.openOrders],
  }
}
