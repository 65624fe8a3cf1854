import type {LedgerEntry} from '../../contracts/ledger.ts'
import {inLedgerOrder} from './ledger.ts'

/** Nearest to money last; the last five are ends. */
export const LIFECYCLE_STATES = [
  'draft',
  'registered',
  'eligible',
  'validated',
  'pilot',
  'scaled',
  'insufficient',
  'rejected',
  'invalid',
  'decayed',
  'retired',
] as const
export type LifecycleState = (typeof LIFECYCLE_STATES)[number]

/** States a vault has confirmed and nothing has undone: what may hold positions. */
export const CONFIRMED = ['validated', 'pilot', 'scaled'] as const
export type ConfirmedState = (typeof CONFIRMED)[number]

/** States from which an idea does not come back under its configuration. */
const DEAD: readonly LifecycleState[] = ['rejected', 'invalid', 'decayed', 'retired']

export const isConfirmed = (state: LifecycleState): state is ConfirmedState =>
  (CONFIRMED as readonly LifecycleState[]).includes(state)
export const isDead = (state: LifecycleState): boolean => DEAD.includes(state)

/** One step of a life, and the entry that is its evidence. */
export interface LifecycleMove {
  readonly to: LifecycleState
  readonly ts: string
  readonly seq: number
  readonly hash: string
  readonly because: string
  /** fraction of its risk budget it may use with real money from here on */
  readonly share: number
  /** the numbers and files behind the move */
  readonly evidence: Readonly<Record<string, unknown>>
}

/**
 * Where a hypothesis stands: derived from the ledger, never stored in its file.
 *
 * With `configuration`, only entries of that configuration speak: an edited rule is a new version, and what its former
 * self has passed does not carry over.
 *
 * @see features-hypotheses.md 3
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
    const step = stepOf(entry, moves)
    if (step) moves.push({share: 0, ...step, ts: entry.ts, seq: entry.seq, hash: entry.hash})
  }
  return moves
}

type Step = Pick<LifecycleMove, 'to' | 'because' | 'evidence'> & {readonly share?: number}

const VERDICT_STATE = {
  ELIGIBLE: 'eligible',
  FAIL: 'rejected',
  INSUFFICIENT: 'insufficient',
  INVALID: 'invalid',
} as const

/** What an entry does to a state; null: nothing. */
function stepOf(entry: LedgerEntry, moves: readonly LifecycleMove[]): Step | null {
  const from = moves.at(-1)?.to ?? 'draft'
  // An end by the author or by a monitor is one: no later run under the same configuration undoes it.
  if (from === 'retired' || (from === 'decayed' && entry.kind !== 'retire')) return null
  switch (entry.kind) {
    case 'register':
      return from === 'draft'
        ? {to: 'registered', because: 'written to the ledger before any run', evidence: {yaml_sha: entry.yaml_sha}}
        : null
    case 'run':
    case 'unseal-intent':
      return null
    case 'verdict':
      // What a vault has refused no other gate makes eligible again.
      return moves.some(refusedByVault) ? null : byVerdict(entry, from)
    case 'unseal':
      return {
        to: entry.verdict === 'PASS' ? 'validated' : 'rejected',
        because: `vault ${entry.vault}, attempt ${entry.attempt}: ${entry.verdict}`,
        evidence: {
          ...{vault: entry.vault, attempt: entry.attempt, alpha: entry.alpha, result_sha: entry.result_sha},
          report: `reports/gauntlet/${entry.hypothesis}/unseal.json`,
        },
      }
    case 'retire':
      return {to: 'retired', because: entry.reason, evidence: {}}
    case 'move':
      // Forward evidence moves only what a vault has confirmed.
      return isConfirmed(from) && !(entry.to === from && entry.share === 0)
        ? {to: entry.to, because: entry.because, evidence: entry.evidence, share: entry.share}
        : null
  }
}

const refusedByVault = ({to, evidence}: LifecycleMove): boolean => to === 'rejected' && 'vault' in evidence

function byVerdict(entry: Extract<LedgerEntry, {kind: 'verdict'}>, from: LifecycleState): Step | null {
  // An error decides nothing. What a vault has confirmed only an invalid audit undoes: the rest is for the monitors.
  if (entry.verdict === 'ERROR' || (isConfirmed(from) && entry.verdict !== 'INVALID')) return null
  const stage = entry.failed_stage === null ? '' : ` at stage ${entry.failed_stage}`
  return {
    to: VERDICT_STATE[entry.verdict],
    because: `gauntlet: ${entry.verdict}${stage}`,
    evidence: {
      ...{failed_stage: entry.failed_stage, decides_on: entry.decides_on, result_sha: entry.result_sha},
      ...{data_sha: entry.data_sha, report: `reports/gauntlet/${entry.hypothesis}/verdict.json`},
    },
  }
}
