import type {GuardReply} from '../contracts/orders.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {killswitchStatus} from './killswitch-status.ts'

export interface GuardStatus {
  readonly artifact: 'guard-status@1'
  readonly ok: boolean
  /** false when no guard answers; then state and latch come from its files */
  readonly live: boolean
  readonly state: string
  readonly latched: boolean | 'memory'
  readonly account: string | null
  readonly mode: string | null
  readonly venue: string | null
  readonly venueTime: string | null
  readonly unresolved: number | null
  readonly limitsSha: string | null
}

/** What the running guard says about itself. */
export async function guardStatus(desk: Desk): Promise<GuardStatus> {
  const guard = await desk.guard()
  const live: GuardReply<'status'> | null =
    guard === null ? null : await guard.request({type: 'status'}).catch(() => null)
  guard?.close()
  const {state, latched, account} = await killswitchStatus(desk)
  return {
    artifact: 'guard-status@1',
    ok: true,
    live: live !== null,
    state: live?.state ?? state,
    latched: live?.latched ?? latched,
    account: live?.account ?? account,
    mode: live?.mode ?? null,
    venue: live?.venue ?? null,
    venueTime: live === null || live.venueTime === null ? null : isoOf(live.venueTime),
    unresolved: live?.unresolved ?? null,
    limitsSha: live?.limitsSha ?? null,
  }
}
