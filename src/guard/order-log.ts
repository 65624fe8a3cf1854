import type {ControlVerdict, Intent, OrderPhase, OrderState} from '../contracts/orders.ts'
import type {JournalEntry} from '../desk.ts'
import {compare, decimal, decimalText, subtract} from '../kernel/decimal.ts'
import type {WorkingOrder} from '../reflex/controls/control-input.ts'

const WORKING: ReadonlySet<OrderPhase> = new Set(['signed', 'open', 'unknown'])
const SECOND = 1_000
const MINUTE = 60_000

/** One signed action that carried orders: what is needed to find out what became of it. */
export interface Sent {
  readonly nonce: number
  readonly expiresAfter: number
  readonly cloids: readonly string[]
}

/** Every order this guard ever decided on, rebuilt from its journal at the start. */
export class OrderLog {
  readonly #orders = new Map<string, OrderState>()
  readonly #sent = new Map<string, Sent>()
  readonly #sequences = new Map<string, number>()
  /** messages by parent: monotonic times of the last minute */
  readonly #messages = new Map<string, number[]>()
  #sends = 0

  /** Take over what an earlier guard wrote. */
  replay(entries: readonly JournalEntry[]): void {
    for (const {kind, body} of entries) {
      if (kind === 'verdict')
        this.decided(body['intent'] as Intent, body['verdict'] as ControlVerdict, body['at'] as number)
      if (kind === 'send') this.sent(body as unknown as Sent)
      if (kind === 'order') this.apply(body['order'] as OrderState)
    }
  }

  decided(intent: Intent, {pass, control, reason}: ControlVerdict, at: number): OrderState {
    const {cloid, strategy, parent, coin, side, px, sz, tif, reduceOnly, bar, seq} = intent
    const order: OrderState = {
      ...{cloid, strategy, parent, coin, side, px, sz, tif, reduceOnly},
      phase: pass ? 'signed' : 'vetoed',
      filledSz: '0',
      avgPx: null,
      oid: null,
      reason: pass ? null : `${control}: ${reason}`,
      at,
    }
    // An intent that is refused because it was seen before does not replace what it repeats.
    if (!this.#orders.has(cloid)) this.#orders.set(cloid, order)
    const key = `${strategy}|${bar}|${coin}`
    this.#sequences.set(key, Math.max(this.#sequences.get(key) ?? 0, seq + 1))
    return order
  }

  sent(send: Sent): void {
    this.#sends += 1
    for (const cloid of send.cloids) this.#sent.set(cloid, send)
  }

  apply(order: OrderState): void {
    this.#orders.set(order.cloid, order)
  }

  get(cloid: string): OrderState | null {
    return this.#orders.get(cloid) ?? null
  }

  sendOf(cloid: string): Sent | null {
    return this.#sent.get(cloid) ?? null
  }

  has(cloid: string): boolean {
    return this.#orders.has(cloid)
  }

  nextSeq(strategy: string, bar: number, coin: string): number {
    return this.#sequences.get(`${strategy}|${bar}|${coin}`) ?? 0
  }

  /** true when an order ever left: without one there is nothing at the venue that could be ours */
  get everSent(): boolean {
    return this.#sends > 0
  }

  /** Orders whose fate is not settled: a send without a readable answer, or one a crash cut short. */
  unresolved(): OrderState[] {
    return [...this.#orders.values()].filter(({phase}) => phase === 'unknown' || phase === 'signed')
  }

  /** Orders that may still fill, what is left of each. */
  working(): (WorkingOrder & {readonly phase: OrderPhase})[] {
    return [...this.#orders.values()].flatMap(({cloid, coin, side, px, sz, tif, reduceOnly, phase, filledSz, at}) => {
      if (!WORKING.has(phase)) return []
      const left = subtract(decimal(sz), decimal(filledSz))
      if (compare(left, {units: 0n, scale: 0}) <= 0) return []
      return [{cloid, coin, side, px, sz: decimalText(left), tif, reduceOnly, at, phase}]
    })
  }

  /** Count one message of a parent. */
  message(parent: string, monotonic: number): void {
    const recent = (this.#messages.get(parent) ?? []).filter((at) => monotonic - at < MINUTE)
    this.#messages.set(parent, [...recent, monotonic])
  }

  messages(parent: string, monotonic: number): {lastSecond: number; lastMinute: number} {
    const recent = (this.#messages.get(parent) ?? []).filter((at) => monotonic - at < MINUTE)
    return {lastMinute: recent.length, lastSecond: recent.filter((at) => monotonic - at < SECOND).length}
  }
}
