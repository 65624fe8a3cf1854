import type {Now} from './receive-clock.ts'
import type {OpenGap} from './stream-watch.ts'
import type {Stream} from './streams.ts'

/** What the watch asks of the shell, in order. `from` and `at` are receive stamps, epoch ms. */
export type Step =
  | {readonly do: 'connect'}
  | {readonly do: 'send'; readonly text: string}
  /** end the socket; its `ended` needs no answer any more */
  | {readonly do: 'terminate'}
  /** to the log, durable at once: these streams miss rows since `from` */
  | {readonly do: 'lost'; readonly streams: readonly string[]; readonly from: number; readonly cause: string}
  /** to the log: the hole of this stream ends at `at`; `healed` when nothing is missing in it */
  | {
      readonly do: 'back'
      readonly stream: Stream
      readonly at: number
      readonly healed: boolean
      readonly from: number
      readonly cause: string
    }
  /** ask the venue's REST side for what the stream missed, then say `healed` */
  | {readonly do: 'heal'; readonly stream: Stream; readonly gap: OpenGap}
  /** a coin may have been delisted: read the instrument list before the next connection */
  | {readonly do: 'meta'}
  | {readonly do: 'acted'; readonly action: StaleAction}

/** Something the watch did about a stream or the socket, for the record. */
export interface StaleAction {
  readonly at: number
  /** stream name, or `socket` */
  readonly what: string
  readonly action: 'resubscribe' | 'reconnect' | 'quarantine'
  readonly cause: string
  /** how long nothing (new) had come, ms */
  readonly silentMs: number
}

/** For the record, whole milliseconds. */
export const acted = (now: Now, what: Omit<StaleAction, 'at'>): Step => ({
  do: 'acted',
  action: {at: now.wall, ...what, silentMs: Math.round(what.silentMs)},
})

export interface WatchLimits {
  /** the fast book comes twice a second, the context once: this silence is a fault of the stream */
  readonly streamSilenceMs: number
  readonly socketSilenceMs: number
  /** a stream and its socket that fell silent within this are one silence */
  readonly sameSilenceMs: number
  readonly pingEveryMs: number
  /** no frame this long after a ping: the socket is dead whatever it carries */
  readonly pongMs: number
  /** signs of life of its neighbours that a stream may miss before its own silence counts */
  readonly neighbourSigns: number
  /** signs closer to one another, or to the stream's last frame, count once or not: streams lag each other */
  readonly signEveryMs: number
  readonly signGraceMs: number
  /** a subscription that is neither acknowledged nor served is sent again */
  readonly ackMs: number
  /** a replay that proves continuity is waited for this long, then REST is asked */
  readonly proofMs: number
  /** a bar that is this much ahead of the prints when reading ends is taken at its word */
  readonly lateMs: number
  /** one stream that stays silent takes the whole socket down no more often than this */
  readonly reconnectForStreamMs: number
  readonly resubscribeEveryMs: number
  /** an event loop that stood this long did not listen: its silence is nobody's fault, and beyond silence all is stale */
  readonly stallMs: number
  /** death this soon after a subscription makes the subscription suspect */
  readonly suspectMs: number
}

export const WATCH_LIMITS: WatchLimits = {
  streamSilenceMs: 5000,
  socketSilenceMs: 5000,
  sameSilenceMs: 600,
  pingEveryMs: 20_000,
  pongMs: 5000,
  neighbourSigns: 3,
  signEveryMs: 800,
  signGraceMs: 1500,
  ackMs: 10_000,
  proofMs: 3000,
  lateMs: 500,
  reconnectForStreamMs: 300_000,
  resubscribeEveryMs: 30_000,
  stallMs: 1000,
  suspectMs: 2000,
}
