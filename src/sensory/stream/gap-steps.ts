import type {Now} from './receive-clock.ts'
import type {Step} from './steps.ts'
import type {Hole, StreamWatch} from './stream-watch.ts'

/** Declare that these streams miss rows since `from`; one that was lost already stays lost from where it was. */
export function lose(watches: readonly StreamWatch[], hole: Hole): Step[] {
  const fresh = watches.filter((watch) => watch.lose(hole)).map(({stream}) => stream.key)
  return fresh.length === 0 ? [] : [{do: 'lost', streams: fresh, from: hole.from, cause: hole.cause}]
}

/** A good frame behind a hole: trades and bars wait for their proof, the rest is gone for good. */
export function behindGap(watch: StreamWatch, now: Now, proven: boolean): Step[] {
  if (watch.gap === null) return []
  watch.gap.back ??= now
  if (proven) return close(watch, true)
  const {channel} = watch.stream
  if (channel === 'trades') return []
  return channel === 'candle' ? askProof(watch) : close(watch, false)
}

/** Ask REST what the replay did not show, once a hole. */
export function askProof(watch: StreamWatch): Step[] {
  const {gap, stream} = watch
  if (gap === null || gap.healing) return []
  gap.healing = true
  return [{do: 'heal', stream, gap}]
}

/** What REST said of a hole. A stream that was lost again meanwhile needs a new proof. */
export function settle(watch: StreamWatch, healed: boolean): Step[] {
  if (watch.gap?.healing !== true) return []
  watch.gap.healing = false
  return close(watch, healed)
}

function close(watch: StreamWatch, healed: boolean): Step[] {
  const {gap, stream} = watch
  if (gap?.back == null) return []
  watch.found()
  return [{do: 'back', stream, at: gap.back.wall, healed, from: gap.from, cause: gap.cause}]
}
