import type {HaltCause, HaltPolicy, HaltState, OpenOrder} from '../contracts/orders.ts'
import {HaltRecord} from '../contracts/risk.ts'
import {isoOf} from '../kernel/instant.ts'
import {lastHalt} from '../reflex/halt-log.ts'
import type {Guard} from './guard.ts'

/**
 * What a halt leaves: lines in the event log and `reports/risk/halt-<id>.yaml`.
 *
 * Neither may stop the halt: on a full disk the sequence goes on without its record.
 */
export class HaltReport {
  readonly #guard: Guard
  #record: HaltRecord
  #entered = ''

  constructor(
    guard: Guard,
    {id, cause, policy, reason}: {id: string; cause: HaltCause; policy: HaltPolicy; reason: string},
  ) {
    this.#guard = guard
    const at = Date.parse(guard.latch.note()?.at ?? '')
    const isUsed = guard.log.everSent || guard.now.recordLost
    this.#record = {
      artifact: 'halt@1',
      id,
      state: 'ENGAGING',
      cause,
      reason,
      policy,
      engaged_at: isoOf(Number.isNaN(at) ? guard.clock.now() : at),
      account: isUsed ? guard.account : null,
      venue: isUsed ? guard.link.name() : null,
      equity: null,
      cancelled: [],
      flattened: [],
      dust: [],
      kept: [],
      verified: [],
      attempts: 0,
      trouble: null,
      finished_at: null,
      released_at: null,
    }
  }

  /** Write down that the halt begins, or that it begins again: what was done before stays in its record. */
  async engaged(): Promise<void> {
    const {id, cause, policy, reason} = this.#record
    const logged = lastHalt(await this.#guard.events.read().catch(() => []))
    const old = await this.#guard.files.read(HaltRecord, this.#path).catch(() => null)
    if (old !== null) {
      const {cancelled, flattened, attempts} = old
      this.#record = {...this.#record, cancelled, flattened, attempts}
    }
    if (logged?.id !== id || logged.released) {
      await this.#event('engaged', {id, cause, policy, reason, ...this.#guard.latch.evidence(), ...this.#said()})
    } else if (logged.state === 'HALTED_CLEAN') {
      const {account, equity} = logged
      await this.#event('state', {id, state: 'ENGAGING', policy, account, equity})
    }
    await this.#write()
  }

  async enter(state: HaltState, trouble: string | null): Promise<void> {
    const isNews = `${state} ${trouble}` !== this.#entered
    if (!isNews) return
    const isNewState = state !== this.#record.state
    this.#entered = `${state} ${trouble}`
    const now = this.#guard.clock.now()
    this.#record = {...this.#record, state, trouble, finished_at: state === 'HALTED_CLEAN' ? isoOf(now) : null}
    const {id, policy, account, equity} = this.#record
    if (isNewState)
      await this.#event('state', {id, state, policy, account, equity, ...(trouble === null ? {} : {trouble})})
    await this.#write()
  }

  /** One read of the venue: what is there, and whether it proves anything. */
  saw({view}: Guard, policy: HaltPolicy): void {
    const positions = view.clearing!.assetPositions.map(({position: {coin, szi}}) => ({coin, szi}))
    const {flattened} = this.#record
    const met = policy === 'flatten' ? positions.filter(({coin}) => !flattened.some((one) => one.coin === coin)) : []
    const read = {at: isoOf(view.venueTime!), orders: view.openOrders.length, positions: positions.length}
    this.#record = {
      ...this.#record,
      policy,
      venue: this.#guard.link.name(),
      equity: view.clearing!.marginSummary.accountValue,
      flattened: [...flattened, ...met],
      dust: policy === 'flatten' ? positions : [],
      kept: policy === 'flatten' ? [] : positions,
      verified: [...this.#record.verified, read].slice(-2),
      attempts: this.#record.attempts + 1,
    }
  }

  cancelling(orders: readonly OpenOrder[]): void {
    const known = new Set(this.#record.cancelled.map(({oid}) => oid))
    const fresh = orders
      .filter(({oid}) => !known.has(oid))
      .map(({oid, coin, side, sz, px}) => ({oid, coin, side, sz, px}))
    this.#record = {...this.#record, cancelled: [...this.#record.cancelled, ...fresh]}
  }

  get #path(): string {
    return `reports/risk/halt-${this.#record.id}.yaml`
  }

  /** When and by which uptime the latch itself says it was engaged. */
  #said(): Record<string, string> {
    const {uptime, boot} = this.#guard.latch.note() ?? {}
    return uptime === undefined || boot === undefined ? {} : {uptime, boot}
  }

  async #event(kind: string, body: Record<string, unknown>): Promise<void> {
    await this.#guard.events.append(this.#guard.clock.now(), kind, body).catch(() => undefined)
  }

  async #write(): Promise<void> {
    await this.#guard.files.write(HaltRecord, this.#record, this.#path).catch(() => undefined)
  }
}
