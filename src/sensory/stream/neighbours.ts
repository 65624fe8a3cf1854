import type {Owner} from './classify-frame.ts'
import type {StreamWatch} from './stream-watch.ts'
import type {Channel} from './streams.ts'

/** What a sign of life on a channel makes the coin's other streams owe. A bar sums up trades, a mid price the quotes. */
const OWED: Readonly<Record<Channel, readonly Channel[]>> = {
  trades: ['bbo', 'l2Book', 'candle'],
  bbo: ['l2Book'],
  activeAssetCtx: ['bbo', 'l2Book'],
  candle: ['trades'],
  l2Book: [],
}

/** Something happened to a coin: the streams that should tell of it as well may be silent no longer. */
export function tellNeighbours(coin: readonly StreamWatch[], channel: Channel, at: number): void {
  const owed = OWED[channel]
  if (owed.length === 0) return
  for (const watch of coin) if (owed.includes(watch.stream.channel)) watch.sign(at)
}

/** Streams of which an unreadable frame may have held what comes only once: a trade, or the end of a bar. */
export function ownedBy(
  owner: Owner,
  all: ReadonlyMap<string, StreamWatch>,
  byCoin: ReadonlyMap<string, readonly StreamWatch[]>,
): readonly StreamWatch[] {
  if (owner === null) return []
  if (owner !== 'anybody' && 'key' in owner) {
    const watch = all.get(owner.key)
    return watch === undefined ? [] : [watch]
  }
  const any = owner === 'anybody' ? [...all.values()] : (byCoin.get(owner.coin) ?? [])
  return any.filter(({stream}) => stream.channel === 'trades' || stream.channel === 'candle')
}
