import {z} from 'zod'

/** Faults a client can meet, by what it sees on the wire. @see spec hyperliquid.md §6.5 */
const FAULT_IDS = [
  'ex.timeout.accepted',
  'ex.timeout.dropped',
  'ex.500',
  'ex.reply.slow',
  'http.429',
  'info.500',
  'info.timeout',
] as const
export const FaultRequest = z.strictObject({
  id: z.enum(FAULT_IDS),
  /** request or action type it applies to, e.g. `order`; default all */
  scope: z.string().optional(),
  /** let this many pass first */
  after: z.number().int().min(0).default(0),
  /** then hit this many */
  count: z.number().int().min(1).default(1),
  /** how long a slow or withheld reply takes */
  durMs: z.number().int().min(0).max(120_000).default(30_000),
})
export type FaultRequest = z.infer<typeof FaultRequest>

/** Scheduled faults; each request uses up at most one. */
export class Faults {
  #armed: {request: FaultRequest; passed: number; hits: number}[] = []

  arm(request: FaultRequest): void {
    this.#armed.push({request, passed: 0, hits: 0})
  }

  clear(): void {
    this.#armed = []
  }

  /** The fault this request meets, if any. */
  meet(path: '/info' | '/exchange', type: string): FaultRequest | null {
    for (const fault of this.#armed) {
      const {id, scope, after, count} = fault.request
      const applies = id === 'http.429' || id.startsWith(path === '/info' ? 'info.' : 'ex.')
      if (!applies || (scope !== undefined && scope !== type) || fault.hits >= count) continue
      if (fault.passed < after) {
        fault.passed++
        continue
      }
      fault.hits++
      return fault.request
    }
    return null
  }

  list(): readonly {readonly request: FaultRequest; readonly hits: number}[] {
    return this.#armed.map(({request, hits}) => ({request, hits}))
  }
}
