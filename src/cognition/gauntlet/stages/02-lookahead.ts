import type {BeginningAudit} from '../audit-beginning.ts'
import type {CanaryAudit} from '../audit-canary.ts'
import type {FillsAudit} from '../audit-fills.ts'
import type {LookaheadAudit} from '../audit-lookahead.ts'
import {atMost, type Gate, type Judgement, reported, stageOf} from '../check.ts'

export interface LookaheadInput {
  readonly audit: LookaheadAudit
  /** where the first leak is, in words: expression, asset, bar */
  readonly guilty: string | null
  /** operators of the text that look ahead by name */
  readonly suspects: readonly string[]
  readonly seed: string
  /** the rule on histories that begin later */
  readonly beginning: BeginningAudit
  /** what became of a planted rule that knows the next bar */
  readonly canary: CanaryAudit
  /** fills of the declared rule */
  readonly fills: FillsAudit
}

/** Stage 2: a rule that knows the future is void, however good it looks. */
export function judgeLookahead(input: LookaheadInput): Judgement {
  const {audit, guilty, suspects, seed, beginning, canary, fills} = input
  const invalid = {
    otherwise: 'INVALID' as const,
    note: guilty ?? '',
    because: `The rule knows the future. ${guilty ?? ''}`,
  }
  const gates = [
    atMost('decisions changed by cutting off the future', audit.truncationLeaks, 0, invalid),
    atMost('decisions changed by replacing the future', audit.scrambleLeaks, 0, invalid),
    atMost('decisions that differ between two equal runs', audit.unstable, 0, {otherwise: 'INVALID'}),
    laterBeginning(beginning),
    plantedOracle(canary),
    atMost('fills at a price their bar did not trade, or before a decision', fills.impossible, 0, {
      otherwise: 'INVALID',
      note: fills.guilty ?? `${fills.fills} fills`,
      because: `A fill could not have happened. ${fills.guilty ?? ''}`,
    }),
    reported('cuts audited', audit.cuts, `${audit.scrambles} scrambles, ${audit.compared} decisions compared`),
    reported('operators that look ahead by name', suspects.length, suspects.join(', ')),
  ]
  const said = `No decision changed in ${audit.cuts} truncations and ${audit.scrambles} scrambled futures.`
  return stageOf(2, 'look-ahead', gates, said, {seed})
}

/** An audit that does not hear a planted oracle says nothing about the rule; where nothing could be asked, neither. */
const plantedOracle = ({asked, unheard}: CanaryAudit): Gate =>
  noneOf('planted oracles that the audit did not hear', unheard, asked, {
    note: `the return of the next bar as a feature, asked ${asked} times`,
    found: 'The audit did not hear a rule that knows the next bar: what it found of this one proves nothing.',
    nothing: 'No bar is followed by another one: there is no future to audit.',
  })

/** A history too short to begin later shows nothing: no count, and so no pass. Stage 1 says from when on it is not. */
const laterBeginning = ({audit: {drops, compared, changed}, guilty}: BeginningAudit): Gate =>
  noneOf('decisions changed by a history that begins later', changed, compared, {
    note: guilty ?? `${drops.length} beginnings, ${compared} decisions compared`,
    found: `The rule depends on where its history begins. ${guilty ?? ''}`,
    nothing: 'The history is too short to begin later and still be decided on.',
  })

/** None of the things looked at may be one of these. Where nothing was looked at there is no count, and so no pass. */
function noneOf(
  name: string,
  count: number,
  lookedAt: number,
  {note, found, nothing}: {readonly note: string; readonly found: string; readonly nothing: string},
): Gate {
  const isKnown = lookedAt > 0
  return atMost(name, isKnown ? count : Number.NaN, 0, {
    otherwise: isKnown ? 'INVALID' : 'INSUFFICIENT',
    because: isKnown ? found : nothing,
    note,
  })
}
