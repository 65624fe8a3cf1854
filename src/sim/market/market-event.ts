/** What a scenario does to every market, by time since the end of the recorded past. */
export type MarketEvent =
  /** log price rises by so much an hour, for good */
  | {readonly kind: 'drift'; readonly perHour: number}
  /** the price falls by `move` (a fraction) within `durMs`, half of it comes back within `recoverMs`; books thin out */
  | {
      readonly kind: 'crash'
      readonly afterMs: number
      readonly durMs: number
      readonly recoverMs: number
      readonly move: number
      readonly depth: number
    }
  /** premium of the contract over its oracle, added to every settlement in the span */
  | {readonly kind: 'premium'; readonly afterMs: number; readonly durMs: number; readonly premium: number}

const HOUR_MS = 3_600_000

/** How far events have moved the log price. @param since ms after the recorded past */
export function logShift(events: readonly MarketEvent[], since: number): number {
  let shift = 0
  for (const event of events) {
    if (since <= 0) continue
    if (event.kind === 'drift') shift += (event.perHour * since) / HOUR_MS
    if (event.kind !== 'crash') continue
    const {afterMs, durMs, recoverMs, move} = event
    const fallen = share(since - afterMs, durMs)
    const back = share(since - afterMs - durMs, recoverMs) / 2
    shift += Math.log(1 + move) * (fallen - back)
  }
  return shift
}

/** Factor on the size that is quoted. */
export function depthFactor(events: readonly MarketEvent[], since: number): number {
  const isThin = events.find(
    (event) =>
      event.kind === 'crash' && since >= event.afterMs && since < event.afterMs + event.durMs + event.recoverMs,
  )
  return isThin?.kind === 'crash' ? isThin.depth : 1
}

/** Premium that events add to a settlement. */
export function extraPremium(events: readonly MarketEvent[], since: number): number {
  return events
    .filter((event) => event.kind === 'premium')
    .filter(({afterMs, durMs}) => since >= afterMs && since <= afterMs + durMs)
    .reduce((sum, {premium}) => sum + premium, 0)
}

const share = (passed: number, whole: number): number => Math.min(1, Math.max(0, passed / whole))
