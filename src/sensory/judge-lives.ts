import type {Bars} from './bars.ts'
import {type Incarnation, incarnations, type Redenomination} from './incarnations.ts'
import {type Marks, markBars} from './mark-bars.ts'

/** The incarnations among bars and what their bars are: looked up once, for all who ask about the same bars. */
export interface Judged {
  readonly lives: readonly Incarnation[]
  readonly marks: Marks
}

/** @param asOf  decision time, epoch ms: deaths are judged then, or at the end of the data if that comes first */
export function judgeLives(
  bars: Bars,
  {barMs, asOf, redenominations = []}: {barMs: number; asOf: number; redenominations?: readonly Redenomination[]},
): Judged {
  const lives = incarnations(bars, barMs, redenominations)
  let end = Number.NEGATIVE_INFINITY
  for (let i = 0; i < bars.count; i++) if (bars.availableAt[i]! > end) end = bars.availableAt[i]!
  return {lives, marks: markBars(bars, lives, barMs, Math.min(asOf, end))}
}
