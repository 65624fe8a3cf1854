import type {Fill, HaltCause, HaltPolicy, HaltState} from '../contracts/orders.ts'
import type {Clock, FilesPort, LatchPort} from '../desk.ts'
import type {Chain} from '../io/journal.ts'
import type {GuardFiles} from './guard-files.ts'
import type {LimitsWatch} from './limits-watch.ts'
import type {Nonces} from './nonces.ts'
import type {OrderLog} from './order-log.ts'
import type {VenueLink} from './venue-link.ts'
import type {VenueView} from './venue-view.ts'

/** Everything the guard's parts share. One process, one account, one key. */
export interface Guard {
  readonly paths: GuardFiles
  readonly mode: 'paper'
  /** the account orders are for, and the address whose key signs them */
  readonly account: string
  readonly agent: string
  readonly privateKey: string
  readonly clock: Clock
  readonly files: FilesPort
  readonly latch: LatchPort
  /** verdicts, signed actions, answers, fills, reconciles */
  readonly journal: Chain
  /** boots, halts and releases */
  readonly events: Chain
  readonly nonces: Nonces
  readonly link: VenueLink
  readonly view: VenueView
  readonly log: OrderLog
  readonly rules: LimitsWatch
  /** one decision at a time: what is being decided counts in the next decision */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>
  /** what is true now beside the files */
  readonly now: GuardNow
  readonly halt: HaltDesk
}

/** The halt, as the rest of the guard sees it. */
export interface HaltDesk {
  /** latch first, synchronously; then the sequence runs by itself. A running one is joined. */
  engage(order: HaltOrder): {readonly id: string; readonly latched: true | 'memory'}
  /** the latch was found engaged: run the sequence for it */
  adopt(): void
  /** somebody removed the file by hand: only a release ends a halt */
  restoreLatch(): void
  readonly state: HaltState | null
  readonly id: string | null
  readonly policy: HaltPolicy | null
  /** settles when a running sequence is clean or was stopped */
  readonly done: Promise<void>
  /** end the sequence where it is; the latch stands and a restart takes it up again */
  stop(): void
  /** forget a halt that was released */
  clear(): void
}

export interface HaltOrder {
  readonly cause: HaltCause
  readonly reason: string
  /** null: by cause from the limits file */
  readonly policy: HaltPolicy | null
}

export interface GuardNow {
  /** a latch that could not be written */
  memoryLatch: boolean
  /** true from the moment a halt begins until its release */
  halting: boolean
  /** why only reductions pass, or null */
  reduceOnly: string | null
  /** the guard's own record of orders was damaged: any order may be in flight until it would have expired */
  recordLost: boolean
  /** that venue time, epoch ms; null until the venue was first read */
  blindUntil: number | null
  /** fills that no `account` request has been given yet */
  undelivered: Fill[]
}

/** No new risk: a latch, a halt under way, or no proof of the contrary. */
export const isHalted = ({now, latch}: Pick<Guard, 'now' | 'latch'>): boolean =>
  now.memoryLatch || now.halting || latch.look() !== 'absent'

/** Run pieces of work one after the other. */
export function oneAtATime(): Guard['turn'] {
  let queue: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = queue.then(work)
    queue = result.catch(() => undefined)
    return result
  }
}
