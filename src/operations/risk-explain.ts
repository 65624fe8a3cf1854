import {ControlVerdict, Intent} from '../contracts/orders.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {readChain} from './read-chain.ts'

export interface RiskExplanation {
  readonly artifact: 'risk-explain@1'
  readonly ok: boolean
  readonly verdicts: readonly {readonly at: string; readonly intent: Intent; readonly verdict: ControlVerdict}[]
  /** what happened to the order afterwards, in the guard's words, oldest first */
  readonly events: readonly {readonly at: string; readonly kind: string; readonly says: string}[]
}

/**
 * Why an order was vetoed or let through: the verdicts the guard wrote before it signed, and what followed.
 *
 * @param cloid  the order's cloid, or its first six or more digits
 * @throws Fault `risk.unknown_order` (usage), `journal.broken_chain` (data)
 */
export async function riskExplain(desk: Desk, cloid: string): Promise<RiskExplanation> {
  const entries = await readChain(desk.files, 'data/journal/guard.jsonl')
  const isIt = (id: unknown): boolean => typeof id === 'string' && cloid.length >= 6 && id.startsWith(cloid)
  const verdicts = entries
    .filter(({kind, body}) => kind === 'verdict' && isIt((body['intent'] as {cloid?: unknown})?.cloid))
    .map(({ts, body}) => ({
      at: isoOf(ts),
      intent: Intent.parse(body['intent']),
      verdict: ControlVerdict.parse(body['verdict']),
    }))
  if (verdicts.length === 0) {
    throw new Fault('risk.unknown_order', {
      family: 'usage',
      what: `The guard of this workspace never judged an order ${cloid}.`,
      why: 'data/journal/guard.jsonl holds a verdict for every intent that reached the guard, and none for this one.',
      next: ['look up the cloid in reports/trade/', 'give at least its first six digits: 0x1a2b…'],
    })
  }
  const events = entries.flatMap(({ts, kind, body}) => {
    const order = body['order'] as
      | {cloid?: string; phase?: string; filledSz?: string; reason?: string | null}
      | undefined
    if (kind === 'order' && isIt(order?.cloid)) {
      return [
        {
          at: isoOf(ts),
          kind,
          says: `${order?.phase}, filled ${order?.filledSz}${order?.reason ? `, ${order.reason}` : ''}`,
        },
      ]
    }
    const cloids = body['cloids']
    if (!Array.isArray(cloids) || !cloids.some(isIt)) return []
    return [
      {
        at: isoOf(ts),
        kind,
        says: kind === 'answer' ? JSON.stringify(body['outcome']) : `nonce ${String(body['nonce'])}`,
      },
    ]
  })
  return {artifact: 'risk-explain@1', ok: true, verdicts, events}
}
