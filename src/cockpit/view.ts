import type {AccountSnapshot, HaltState} from '../contracts/orders.ts'
import type {TradeRow} from '../contracts/trade.ts'
import type {Reading} from './reading.ts'
import type {RitualStanding} from './rituals/ritual-standing.ts'

/** Everything a frame shows, already read; times are epoch ms, money is decimal text. */
export interface CockpitView {
  readonly asOf: number
  readonly workspace: string
  readonly venue: string | null
  readonly guard: GuardView
  readonly limits: Reading<readonly LimitUse[]>
  readonly account: Reading<RecordedAccount>
  readonly lake: Reading<LakeView>
  readonly hypotheses: Reading<readonly HypothesisStanding[]>
  /** the last cycle of trade, by its own last word */
  readonly cycle: Reading<TradeRow<'cycle_ended'>>
  /** differences the last reconcile found */
  readonly differences: Reading<number>
  readonly verdicts: Reading<readonly VerdictCount[]>
  readonly rituals: Reading<readonly RitualStanding[]>
  readonly events: Reading<readonly CockpitEvent[]>
}

export interface GuardView {
  /** `unreadable`: its absence could not be proven, which means halted */
  readonly latch: 'absent' | 'engaged' | 'unreadable'
  /** state by the running guard, else by the last it recorded; null when there never was one */
  readonly state: HaltState | null
  /** null: no guard is running */
  readonly mode: string | null
  readonly account: string | null
  readonly cause: string | null
  readonly reason: string | null
  readonly engagedAt: string | null
  /** orders whose fate is not known yet; null when nobody can say */
  readonly unresolved: number | null
  /** false: the guard's own record is damaged, which means halted */
  readonly intact: boolean
  /** why the guard could not be asked, or its record not be read */
  readonly trouble: string | null
}

/** One control against its limit; `used` is value / limit, null when a ratio has no meaning. */
export interface LimitUse {
  readonly control: string
  readonly subject: string
  readonly value: string
  readonly limit: string
  readonly used: number | null
}

/** The venue's truth, and when we wrote it down by our own clock: the venue's may stand elsewhere. */
export interface RecordedAccount {
  readonly snapshot: AccountSnapshot
  readonly recordedAt: number
  /** highest equity of any reconcile so far, USD text */
  readonly peakEquity: string
  /** orders that filled after it was written down: positions are not what is shown */
  readonly filledSince: number
}

export interface LakeView {
  readonly tables: readonly TableFreshness[]
  /** when the last commit was received, by our clock; epoch ms */
  readonly lastCommitAt: number
  /** now by the clock the data follow */
  readonly now: number
}

/** Orders the controls let pass (`control` null) or refused. */
export interface VerdictCount {
  readonly control: string | null
  readonly orders: number
}

export interface TableFreshness {
  readonly table: string
  readonly venue: string
  readonly interval: string | null
  /** open time of the newest row */
  readonly newest: number
  readonly rows: number
  readonly openGaps: number
  /** length of the open gaps together, ms */
  readonly openGapMs: number
  /** bars behind as of the frame; null for tables without an interval */
  readonly barsBehind: number | null
}

export interface HypothesisStanding {
  readonly id: string
  readonly state: string
  /** last verdict or decay alarm, in a few words */
  readonly note: string
}

export interface CockpitEvent {
  readonly ts: number
  /** which chain recorded it */
  readonly source: string
  readonly kind: string
  readonly detail: string
}

const OPEN: readonly HaltState[] = ['DISARMED', 'ARMED', 'REDUCE_ONLY']

/**
 * Is trading halted? Yes, whenever a latch exists, its absence cannot be proven, the guard's record is damaged, or the
 * halt machine is in any state but its open ones.
 */
export const isHalted = ({latch, state, intact}: GuardView): boolean =>
  latch !== 'absent' || !intact || (state !== null && !OPEN.includes(state))
