import type {FeedWatch} from './feed-watch.ts'
import type {StreamTally} from './stream-tally.ts'

/** What a person who watches a recording sees, once a second. */
export class StreamProgress {
  #frames = 0
  #ranMs = 0

  line(of: {readonly tally: StreamTally; readonly watch: FeedWatch}, ranMs: number, pendingBytes: number): string {
    const {tally, watch} = of
    const perSecond = ((tally.frames - this.#frames) * 1000) / Math.max(1, ranMs - this.#ranMs)
    ;[this.#frames, this.#ranMs] = [tally.frames, ranMs]
    return [
      watch.isOpen ? `${Math.round(perSecond)} frames/s` : 'not connected',
      `lag p50 ${tally.lag.quantile(0.5) ?? '-'} ms`,
      `${watch.openGaps} gaps open`,
      `${Math.max(0, tally.opened - 1)} reconnects`,
      `${Math.ceil(pendingBytes / 1024)} KiB on their way to disk`,
    ].join(' · ')
  }
}
