import type {LedgerEntry} from '../../contracts/ledger.ts'
import {inLedgerOrder} from './ledger.ts'

export type LifecycleState = 'draft' | 'registered' | 'eligible' | 'validated' | 'rejected' | 'insufficient' | 'invalid'

/** One step of a life, and the entry that is its evidence. */
export interface LifecycleMove {
  readonly to: LifecycleState
  readonly ts: string
  readonly seq: number
  readonly hash: string
  readonly because: string
}

/**
 * Where a hypothesis stands: derived from the ledger, never stored in its file.
 *
 * With `configuration`, only entries of that configuration speak: an edited rule is a new version, and what its former
 * self has passed does not carry over.
 */
export function stateOf(entries: readonly LedgerEntry[], hypothesis: string, configuration?: string): LifecycleState {
  return movesOf(entries, hypothesis, configuration).at(-1)?.to ?? 'draft'
}

/** The whole history, oldest first: every move with its evidence. */
export function movesOf(entries: readonly LedgerEntry[], hypothesis: string, configuration?: string): LifecycleMove[] {
  const moves: LifecycleMove[] = []
  for (const entry of inLedgerOrder(entries)) {
    if (entry.hypothesis !== hypothesis) continue
    if (configuration !== undefined && entry.configuration !== configuration) continue
    const step = stepOf(entry, moves.at(-1)?.to ?? 'draft')
    if (step) moves.push({...step, ts: entry.ts, seq: entry.seq, hash: entry.hash})
  }
  return moves
}

const VERDICT_STATE = {
  ELIGIBLE: 'eligible',
  FAIL: 'rejected',
  INSUFFICIENT: 'insufficient',
  INVALID: 'invalid',
} as const

/** What an entry does to a state; null: nothing. */
function stepOf(entry: LedgerEntry, from: LifecycleState): Pick<LifecycleMove, 'to' | 'because'> | null {
  switch (entry.kind) {
    case 'register':
      return from === 'draft' ? {to: 'registered', because: 'written to the ledger before any run'} : null
    case 'run':
    case 'unseal-intent':
      return null
    case 'verdict': {
      // An error decides nothing. What a vault has confirmed only an invalid audit undoes: the rest is for the monitors.
      if (entry.verdict === 'ERROR' || (from === 'validated' && entry.verdict !== 'INVALID')) return null
      const stage = entry.failed_stage === null ? '' : ` at stage ${entry.failed_stage}`
      return {to: VERDICT_STATE[entry.verdict], because: `gauntlet: ${entry.verdict}${stage}`}
    }
    case 'unseal':
      return {
        to: entry.verdict === 'PASS' ? 'validated' : 'rejected',
        because: `vault ${entry.vault}, attempt ${entry.attempt}: ${entry.verdict}`,
      }
  }
}
