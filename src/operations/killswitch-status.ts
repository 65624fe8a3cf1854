import type {HaltState} from '../contracts/orders.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import {readStanding} from './killswitch-read.ts'

export interface KillswitchStatus {
  readonly artifact: 'killswitch-status@1'
  readonly ok: boolean
  readonly state: HaltState
  readonly latched: boolean | 'memory'
  readonly id: string | null
  readonly cause: string | null
  readonly reason: string | null
  readonly policy: string | null
  readonly engagedAt: string | null
  readonly account: string | null
  readonly equity: string | null
  /** what releases it, once it is clean */
  readonly phrase: string | null
  /** why it cannot be released now; null when the phrase is all that is missing */
  readonly blocked: string | null
  /** true when a guard answers */
  readonly guard: boolean
  readonly trouble: string | null
  readonly path: string | null
}

/** State of latch and halt. The running guard is asked, and believed only where it is the stricter one. */
export async function killswitchStatus(desk: Desk): Promise<KillswitchStatus> {
  const guard = await desk.guard()
  const live = await guard?.request({type: 'status'}).catch(() => null)
  guard?.close()
  const {status, halt, note, trouble, path, judge} = await readStanding(desk)
  const isOpen = halt !== null && !halt.released
  const verdict = judge(null)
  return {
    artifact: 'killswitch-status@1',
    ok: true,
    state: status.latched ? status.state : (live?.state ?? 'DISARMED'),
    latched: live?.latched === 'memory' ? 'memory' : status.latched,
    id: status.id ?? live?.haltId ?? null,
    cause: note?.cause ?? (isOpen ? halt.cause : null),
    reason: note?.reason ?? (isOpen ? halt.reason : null),
    policy: isOpen ? halt.policy : null,
    engagedAt: note?.at ?? (isOpen ? isoOf(halt.engagedAt) : null),
    account: isOpen ? halt.account : (live?.account ?? null),
    equity: isOpen ? halt.equity : null,
    phrase: verdict.phrase,
    blocked: verdict.ok || verdict.code === 'wrong_phrase' || verdict.code === 'not_halted' ? null : verdict.reason,
    guard: live !== null && live !== undefined,
    trouble,
    path,
  }
}
