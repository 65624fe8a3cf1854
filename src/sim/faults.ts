import {z} from 'zod'
import {Random} from '../kernel/random.ts'
import {CATALOGUE, FAULT_IDS, type FaultId} from './fault-catalogue.ts'

export const FaultRequest = z.strictObject({
  id: z.enum(FAULT_IDS),
  /** what it applies to: a request or action type; for frames a channel, a coin, `channel:coin` or `#connection` */
  scope: z.string().optional(),
  /** which form of a fault that has several, e.g. `twice` of funding.late */
  variant: z.string().optional(),
  /** armed from this venue time on, epoch ms; default: now */
  at: z.number().int().min(0).optional(),
  /** let this many pass first */
  after: z.number().int().min(0).default(0),
  /** then hit this many; default 1, or all of `durMs` for faults that last */
  count: z.number().int().min(1).optional(),
  /** how long it lasts, or how long a slow or withheld reply takes; default 30 s */
  durMs: z.number().int().min(0).max(3_600_000).optional(),
  /** chance that one that could be hit is hit */
  prob: z.number().min(0).max(1).default(1),
})
export type FaultRequest = z.infer<typeof FaultRequest>

const DEFAULT_MS = 30_000

/** A fault that was asked for, and how far it has come. */
export interface ArmedFault {
  readonly request: FaultRequest
  readonly id: FaultId
  readonly from: number
  /** no longer from here on */
  readonly until: number
  readonly limit: number
  /** how long it lasts or withholds, ms */
  readonly durMs: number
  passed: number
  hits: number
  /** what a lasting fault keeps repeating, by stream */
  readonly memory: Map<string, unknown>
}

/** Scheduled faults. Each request, frame or handshake meets at most one; chance comes from the seed. */
export class Faults {
  readonly #random: Random
  #armed: ArmedFault[] = []
  #live: ArmedFault[] = []

  constructor(seed: string | number = 0) {
    this.#random = new Random(`qo-sim|faults|${seed}`)
  }

  arm(request: FaultRequest, now: number): ArmedFault {
    const from = request.at ?? now
    const {durMs: meaning} = CATALOGUE[request.id]
    const durMs = request.durMs ?? DEFAULT_MS
    const isCounted = request.count !== undefined || meaning !== 'lasts'
    const isBounded = request.durMs === undefined ? !isCounted : meaning !== 'hold'
    const until = isBounded ? from + durMs : FOREVER
    const limit = isCounted ? (request.count ?? 1) : FOREVER
    const armed = {request, id: request.id, from, until, limit, durMs, passed: 0, hits: 0, memory: new Map()}
    this.#armed.push(armed)
    this.#live.push(armed)
    return armed
  }

  clear(): void {
    this.#armed = []
    this.#live = []
  }

  /** The fault an HTTP request meets, if any. */
  meet(path: '/info' | '/exchange', type: string, now: number): ArmedFault | null {
    const own = path === '/info' ? 'info' : 'ex'
    return this.first(now, ({id}) => CATALOGUE[id].meets === 'request' || CATALOGUE[id].meets === own, [type])
  }

  /**
   * The first live fault of these whose scope is one of `names`; uses up one of its hits.
   *
   * @param names  what the scope may say, e.g. channel, coin, `channel:coin`
   */
  first(now: number, wanted: (fault: ArmedFault) => boolean, names: readonly string[]): ArmedFault | null {
    if (this.#live.length === 0) return null
    this.#live = this.#live.filter(({until, hits, limit}) => now < until && hits < limit)
    for (const fault of this.#live) {
      const {scope, after, prob} = fault.request
      if (now < fault.from || !wanted(fault) || (scope !== undefined && !names.includes(scope))) continue
      if (fault.passed < after) {
        fault.passed++
        continue
      }
      if (prob < 1 && this.#random.unit() >= prob) continue
      fault.hits++
      return fault
    }
    return null
  }

  /** Use up a hit of a fault that strikes the market by itself; false when chance spares it or it was cleared. */
  strikes(fault: ArmedFault): boolean {
    const {prob} = fault.request
    if (!this.#live.includes(fault) || (prob < 1 && this.#random.unit() >= prob)) return false
    fault.hits++
    return true
  }

  list(): readonly {readonly request: FaultRequest; readonly hits: number}[] {
    return this.#armed.map(({request, hits}) => ({request, hits}))
  }
}

const FOREVER = Number.POSITIVE_INFINITY
