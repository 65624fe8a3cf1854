import type {ConfirmedState} from '../hypotheses/lifecycle.ts'

/** A rung: the state, and the fraction of its risk budget that a hypothesis may use with real money. */
export interface Rung {
  readonly to: ConfirmedState
  readonly share: number
  /** forward e-value from which it is reached; 0: the paper record decides */
  readonly from: number
}

/** @see features-hypotheses.md 3 */
export const LADDER: readonly Rung[] = [
  {to: 'validated', share: 0, from: 0},
  {to: 'pilot', share: 0.1, from: 0},
  {to: 'scaled', share: 0.25, from: 3},
  {to: 'scaled', share: 0.5, from: 8},
  {to: 'scaled', share: 1, from: 20},
]

/**
 * The rung a hypothesis stands on: the highest its forward e-value reaches, one lower while a monitor warns.
 *
 * A function of the evidence alone, so that asking twice moves nothing, and a warning that has passed is taken back.
 *
 * @param paperDone  its paper record is complete, or it has been a pilot before
 * @param e          forward e-value today: what fell again sizes no more
 */
export function rungFor({paperDone, e, warned}: {paperDone: boolean; e: number; warned: boolean}): Rung {
  const reached = paperDone ? LADDER.findLastIndex(({from}) => e >= from) : 0
  return LADDER[Math.max(0, reached - (warned ? 1 : 0))]!
}
