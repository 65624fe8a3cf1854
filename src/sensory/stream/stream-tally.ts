import {partsOfStream} from '../../contracts/stream.ts'
import type {FrameClass} from './classify-frame.ts'
import {Histogram} from './histogram.ts'
import type {ClockJump} from './receive-clock.ts'
import type {StaleAction, Step} from './steps.ts'

/** A hole as the result tells it. Times are receive stamps, epoch ms; `to` is null while it is open. */
export interface ToldGap {
  readonly table: string
  readonly coin: string
  readonly interval: string | null
  readonly from: number
  readonly to: number | null
  readonly state: 'OPEN' | 'BACKFILLED' | 'UNRECOVERABLE'
  readonly cause: string
}

/** Lists in a result stay readable; their true length is always told. */
const MOST_TOLD = 200

/** What a recording did, counted while it runs in constant memory. */
export class StreamTally {
  frames = 0
  bytes = 0
  connects = 0
  /** connections that were made */
  opened = 0
  refused = 0
  gaps = 0
  actions = 0
  readonly rejected = new Map<string, number>()
  readonly lag = new Histogram()
  readonly recovery = new Histogram()
  readonly jumps: ClockJump[] = []
  readonly toldActions: StaleAction[] = []
  readonly #toldGaps: ToldGap[] = []
  readonly #open = new Map<string, {from: number; cause: string}>()

  /** @param at  when the frame came, on the venue's clock, epoch ms */
  frame(said: FrameClass, bytes: number, at: number): void {
    this.frames++
    this.bytes += bytes
    if (said.kind === 'malformed') this.reject(said.why)
    if (said.kind === 'unknown') this.reject('unknown channel')
    if (said.kind === 'error') this.reject('error from the venue')
    if (said.kind !== 'rows') return
    const {content} = said
    if (content.channel === 'bbo' || content.channel === 'l2Book') this.lag.add(at - content.time)
  }

  take(step: Step): void {
    if (step.do === 'acted') {
      this.actions++
      if (this.toldActions.length < MOST_TOLD) this.toldActions.push(step.action)
    }
    if (step.do === 'lost') {
      this.gaps += step.streams.length
      for (const name of step.streams) this.#open.set(name, step)
    }
    if (step.do === 'back') {
      this.#open.delete(step.stream.key)
      this.recovery.add(step.at - step.from)
      const state = step.healed ? 'BACKFILLED' : 'UNRECOVERABLE'
      this.#tell({...partsOfStream(step.stream.key), from: step.from, to: step.at, state, cause: step.cause})
    }
  }

  reject(reason: string): void {
    this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + 1)
  }

  jump(jump: ClockJump): void {
    if (this.jumps.length < MOST_TOLD) this.jumps.push(jump)
  }

  /** Closed ones first come, first told; then those that are open. */
  toldGaps(): ToldGap[] {
    const open = [...this.#open].map(([name, {from, cause}]): ToldGap => {
      return {...partsOfStream(name), from, to: null, state: 'OPEN', cause}
    })
    return [...open, ...this.#toldGaps].slice(0, MOST_TOLD)
  }

  get openGaps(): number {
    return this.#open.size
  }

  #tell(gap: ToldGap): void {
    if (this.#toldGaps.length < MOST_TOLD) this.#toldGaps.push(gap)
  }
}
