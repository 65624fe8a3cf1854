import type {VenuePort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {INTERVAL_MS} from '../kernel/instant.ts'
import {httpFrameText} from '../sensory/frames/http-frame.ts'
import {printsOf} from '../sensory/stream/classify-frame.ts'
import type {Step} from '../sensory/stream/steps.ts'
import {reachesBack} from '../sensory/stream/stream-watch.ts'

type Heal = Extract<Step, {do: 'heal'}>

/** What a proof needs of the recording. */
export interface Healing {
  readonly venue: VenuePort
  /** venue time, epoch ms */
  readonly time: () => number
  /** the reply belongs to the raw log before anybody judges it */
  readonly keep: (text: string) => void
  readonly settled: (key: string, healed: boolean) => void
}

/** A hole that waits longer than this for its proof is left as it is: there is a new one by then. */
const MOST_WAITING = 2000

/**
 * Ask REST, one request after the other below the venue's weight budget, for what the socket missed.
 *
 * Trades are proven when the newest prints reach back to the last one before the hole. Bars are fetched from the open
 * one before the hole on: the subscription came first, the snapshot second, their rows meet by key.
 */
export class StreamHealer {
  readonly #healing: Healing
  readonly #waiting: Heal[] = []
  #running: Promise<void> | null = null
  #stopped = false
  requests = 0

  constructor(healing: Healing) {
    this.#healing = healing
  }

  push(heal: Heal): void {
    if (this.#waiting.length >= MOST_WAITING) this.#healing.settled(heal.stream.key, false)
    else this.#waiting.push(heal)
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
  }

  /** What waits is not asked any more; the request that runs is awaited. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    // After the current turn: a push from inside a frame must not settle before the frame is done.
    await Promise.resolve()
    while (this.#waiting.length > 0 && !this.#stopped) {
      const heal = this.#waiting.shift()!
      const healed = await this.#ask(heal)
      this.#healing.settled(heal.stream.key, healed)
    }
  }

  async #ask({stream, gap}: Heal): Promise<boolean> {
    const {coin, interval} = stream
    const {venue, time, keep} = this.#healing
    const barMs = interval === null ? 0 : INTERVAL_MS[interval]
    const startTime = gap.bar ?? Math.floor(Math.min(gap.from, time()) / Math.max(1, barMs)) * barMs
    const request =
      interval === null
        ? {type: 'recentTrades', coin}
        : {type: 'candleSnapshot', req: {coin, interval, startTime, endTime: time()}}
    const askedAt = Math.floor(time())
    this.requests++
    try {
      const reply = await venue.info(request)
      keep(httpFrameText({request, reply, askedAt, receivedAt: Math.floor(time())}))
      if (interval !== null) return Array.isArray(reply)
      const prints = printsOf(reply)
      return prints !== null && (prints.length === 0 ? gap.anchor === null : reachesBack(prints, gap.anchor))
    } catch (cause) {
      // A venue without recentTrades refuses, one in trouble does not answer: then there is no proof.
      if (cause instanceof Fault && cause.code.startsWith('venue.')) return false
      throw cause
    }
  }
}
