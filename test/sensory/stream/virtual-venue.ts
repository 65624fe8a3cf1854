import {Random} from '../../../src/kernel/random.ts'
import {Backoff} from '../../../src/sensory/stream/backoff.ts'
import {classifyFrame, type FrameClass} from '../../../src/sensory/stream/classify-frame.ts'
import {FeedWatch} from '../../../src/sensory/stream/feed-watch.ts'
import type {Step} from '../../../src/sensory/stream/steps.ts'
import {type Channel, type Stream, streamKey, streamsOf} from '../../../src/sensory/stream/streams.ts'

export const WALL = 1_800_000_000_000

/** What the venue does, as a test wants it; a stream is named by its key. */
export interface Behaviour {
  /** no bytes at all */
  dead: boolean
  /** handshakes are refused */
  refuses: boolean
  /** subscriptions that kill the socket */
  readonly kills: Set<string>
  /** streams that send nothing, and books that repeat themselves */
  readonly mute: Set<string>
  readonly frozen: Set<string>
  /** subscriptions that are served without an acknowledgement */
  readonly unacked: Set<string>
  /** coins in which nothing happens */
  readonly quiet: Set<string>
  /** a replay reaches back this many prints */
  replay: number
}

/** A venue of one process with a virtual clock, in front of a `FeedWatch`. Time moves in ticks of 50 ms. */
export class VirtualVenue {
  readonly watch: FeedWatch
  readonly steps: {at: number; step: Step}[] = []
  readonly does: Behaviour = {
    dead: false,
    refuses: false,
    kills: new Set(),
    mute: new Set(),
    frozen: new Set(),
    unacked: new Set(),
    quiet: new Set(),
    replay: 30,
  }
  at = 0
  #socket: 'none' | 'opening' | 'open' = 'none'
  /** times each stream was subscribed on the socket that is open */
  readonly subscribed = new Map<string, number>()
  readonly connects: number[] = []
  #inbox: {at: number; text: string}[] = []
  #tids = new Map<string, number>()
  #counted = new Map<string, number>()
  #heals: Extract<Step, {do: 'heal'}>[] = []

  constructor(
    coins: readonly string[],
    channels: readonly Channel[] = ['bbo', 'trades', 'l2Book', 'activeAssetCtx', 'candle'],
  ) {
    this.watch = new FeedWatch(this.streams(coins, channels), new Backoff(new Random('virtual')), this.now())
  }

  streams(coins: readonly string[], channels: readonly Channel[]): Stream[] {
    return streamsOf(coins, channels, ['1m'])
  }

  now() {
    return {mono: this.at, wall: WALL + this.at}
  }

  /** Let `ms` pass; the watch is ticked every 250 ms unless the process is stopped. */
  run(ms: number, {stopped = false} = {}): this {
    const end = this.at + ms
    while (this.at < end) {
      this.at += 50
      this.#market()
      if (stopped) continue
      this.#deliver()
      if (this.at % 250 === 0 || this.watch.isSending) this.take(this.watch.tick(this.now()))
    }
    return this
  }

  /** Cut the socket from outside. */
  cut(cause = 'socket closed 1006'): void {
    this.#socket = 'none'
    this.#inbox = []
    this.take(this.watch.ended(this.now(), cause))
  }

  /** A frame of the test's own. */
  say(frame: FrameClass): void {
    this.take(this.watch.frame(this.now(), frame))
  }

  /** Answer what REST was asked. */
  answer(healed: boolean): readonly string[] {
    const heals = this.#heals
    this.#heals = []
    for (const {stream} of heals) this.take(this.watch.healed(stream.key, healed))
    return heals.map(({stream}) => stream.key)
  }

  of<D extends Step['do']>(kind: D): (Extract<Step, {do: D}> & {readonly at: number})[] {
    return this.steps.flatMap(({at, step}) =>
      step.do === kind ? [{...(step as Extract<Step, {do: D}>), when: at, at}] : [],
    ) as never
  }

  take(steps: readonly Step[]): void {
    for (const step of steps) {
      this.steps.push({at: this.at, step})
      if (step.do === 'connect') this.#connect()
      if (step.do === 'terminate') {
        this.#socket = 'none'
        this.#inbox = []
      }
      if (step.do === 'send' && this.#socket === 'open') this.#receive(step.text)
      if (step.do === 'heal') this.#heals.push(step)
    }
  }

  #connect(): void {
    this.connects.push(this.at)
    this.#socket = 'opening'
    this.subscribed.clear()
    this.#inbox.push({at: this.at + 100, text: this.does.refuses ? 'refused' : 'opened'})
  }

  #receive(text: string): void {
    if (this.does.dead) return
    const {method, subscription} = JSON.parse(text) as {
      method: string
      subscription?: {type: Channel; coin: string; interval?: string}
    }
    if (method === 'ping') this.#post('{"channel":"pong"}')
    if (subscription === undefined) return
    const key = streamKey(subscription.type, subscription.coin, subscription.interval ?? null)
    if (method === 'unsubscribe') {
      this.subscribed.delete(key)
      return
    }
    this.subscribed.set(key, (this.subscribed.get(key) ?? 0) + 1)
    if (this.does.kills.has(key)) this.#inbox.push({at: this.at + 150, text: 'killed'})
    const ack = {channel: 'subscriptionResponse', data: {method, subscription}}
    if (!this.does.unacked.has(key) && !this.does.kills.has(key)) this.#post(JSON.stringify(ack))
    if (subscription.type === 'trades') this.#replay(subscription.coin, key)
  }

  #replay(coin: string, key: string): void {
    const newest = this.#tids.get(coin) ?? 0
    const tids = Array.from({length: Math.min(newest, this.does.replay)}, (_, i) => newest - i).reverse()
    if (tids.length > 0 && !this.does.mute.has(key)) this.#post(tradesText(coin, tids))
  }

  #post(text: string): void {
    this.#inbox.push({at: this.at + 50, text})
  }

  /** One print a second and coin, at the full second; books and quotes follow. */
  #market(): void {
    const second = Math.floor(this.at / 1000)
    const isPrint = this.at % 1000 === 0
    for (const key of new Set([...this.subscribed.keys(), ...(isPrint ? ['clock'] : [])])) {
      if (key === 'clock') continue
      const [table, coin] = key.split(':') as [string, string]
      const lives = !this.does.quiet.has(coin)
      const say = (text: string): void => {
        if (this.#socket === 'open' && !this.does.dead && !this.does.mute.has(key)) this.#post(text)
      }
      const shown = this.does.frozen.has(key) || !lives ? 'frozen' : String(second)
      const time = WALL + this.at
      const level = `{"px":"1","sz":"${shown}","n":1}`
      if (table === 'book' && this.at % 500 === 0)
        say(`{"channel":"l2Book","data":{"coin":"${coin}","time":${time},"levels":[[${level}],[]],"fast":true}}`)
      if (table === 'asset_ctx' && isPrint)
        say(
          `{"channel":"activeAssetCtx","data":{"coin":"${coin}","ctx":{"markPx":"1","midPx":"${lives ? second : 1}"}}}`,
        )
      if (table === 'bbo' && isPrint && lives)
        say(`{"channel":"bbo","data":{"coin":"${coin}","time":${time},"bbo":[${level},null]}}`)
    }
    if (isPrint) for (const coin of this.#coins()) this.#print(coin)
  }

  #coins(): Set<string> {
    return new Set(this.watch.streams.map(({coin}) => coin))
  }

  #print(coin: string): void {
    if (this.does.quiet.has(coin)) return
    const tid = Math.floor(this.at / 1000)
    this.#tids.set(coin, tid)
    const open = Math.floor((WALL + this.at) / 60_000) * 60_000
    const bar = `${coin} ${open}`
    this.#counted.set(bar, (this.#counted.get(bar) ?? 0) + 1)
    const isOn = (key: string): boolean =>
      this.#socket === 'open' && !this.does.dead && this.subscribed.has(key) && !this.does.mute.has(key)
    if (isOn(`trades:${coin}`)) this.#post(tradesText(coin, [tid]))
    if (isOn(`candles:${coin}:1m`)) {
      this.#post(
        `{"channel":"candle","data":{"t":${open},"s":"${coin}","i":"1m","c":"1","n":${this.#counted.get(bar)}}}`,
      )
    }
  }

  #deliver(): void {
    const due = this.#inbox.filter(({at}) => at <= this.at)
    this.#inbox = this.#inbox.filter(({at}) => at > this.at)
    for (const {text} of due) {
      if (text === 'opened') {
        this.#socket = 'open'
        this.take(this.watch.opened(this.now()))
      } else if (text === 'refused' || text === 'killed') this.cut(text)
      else if (this.#socket === 'open') this.take(this.watch.frame(this.now(), classifyFrame(text)))
    }
  }
}

const tradesText = (coin: string, tids: readonly number[]): string =>
  JSON.stringify({
    channel: 'trades',
    data: tids.map((tid) => ({coin, side: 'B', px: '1', sz: '1', time: WALL + tid * 1000, tid})),
  })
