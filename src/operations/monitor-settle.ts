import {rungFor} from '../cognition/forward/capital-ladder.ts'
import type {PaperRecord} from '../cognition/forward/paper-record.ts'
import {isConfirmed, type LifecycleMove, type LifecycleState} from '../cognition/hypotheses/lifecycle.ts'
import {type ForwardReading, ForwardRecord} from '../contracts/forward.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import type {Desk} from '../desk.ts'
import type {LedgerBook} from './ledger-book.ts'
import type {identityOf} from './ledger-git.ts'
import type {ShadowBook} from './shadow-book.ts'

/** One hypothesis after a run of the monitor. */
export interface Monitored {
  readonly id: string
  readonly configuration: string
  /** before and after */
  readonly from: LifecycleState
  readonly to: LifecycleState
  readonly share: number
  readonly because: string
  readonly certified: boolean
  readonly reading: ForwardReading
  readonly paper: PaperRecord | null
  readonly book: Omit<ShadowBook, 'days'> & {readonly days: number}
  /** null in a dry run */
  readonly path: string | null
}

/** What one hypothesis brings to the programme before anything is decided. */
export interface Reading {
  readonly hypothesis: Hypothesis
  readonly identity: ReturnType<typeof identityOf>
  readonly moves: readonly LifecycleMove[]
  readonly book: ShadowBook
  readonly reading: ForwardReading
  readonly paper: PaperRecord | null
}

export const shareOf = (moves: readonly LifecycleMove[]): number => moves.at(-1)?.share ?? 0

/** Decide, write the move if there is one, and leave the record. */
export async function settle(
  desk: Desk,
  ledger: LedgerBook,
  {hypothesis, identity, moves, book, reading, paper}: Reading,
  {level, certified}: {level: number | null; certified: boolean},
): Promise<Monitored> {
  const from = moves.at(-1)!.to
  const decision = decide(from, moves, reading, paper)
  const {to, share, because} = decision
  if (isConfirmed(from) && (to !== from || share !== shareOf(moves)) && !desk.dryRun) {
    const code_commit = await desk.git.head()
    const dirty = code_commit === null ? null : (await desk.git.dirty(['hypotheses', 'configs'])).length > 0
    const {days, e_forward, e_kill, cusum, drawdown, alarm, warning} = reading
    const evidence = {days, e_forward, e_kill, cusum, drawdown, alarm, warning, paper: paper?.because ?? null}
    await ledger.append({
      ...{kind: 'move', ...identity, code_commit, dirty, share, because},
      to: to as 'validated' | 'pilot' | 'scaled' | 'decayed',
      evidence: JSON.parse(JSON.stringify({...evidence, journal: book.journal, record: recordPath(hypothesis.id)})),
    })
  }
  const {days, ...kept} = book
  const record: ForwardRecord = {
    ...{artifact: 'forward-record@1', hypothesis: hypothesis.id, configuration: identity.configuration},
    ...{state: to, share, certified: certified && to !== 'decayed', e_lond_level: level, venue: book.venue},
    ...{first_day: book.firstDay, last_day: days.at(-1)?.day ?? null, net: days.map(({net}) => net), reading},
    journal: book.journal,
    provenance: {
      ...{data_as_of: book.dataAsOf, seed: null, qo_version: desk.version, data_sha: book.dataSha},
      inputs: {[`hypotheses/${hypothesis.id}.yaml`]: await desk.files.hash(`hypotheses/${hypothesis.id}.yaml`)},
    },
  }
  const path = desk.dryRun ? null : await desk.files.write(ForwardRecord, record, recordPath(hypothesis.id))
  return {
    ...{id: hypothesis.id, configuration: identity.configuration, from, to, share, because},
    ...{certified: record.certified, reading, paper, book: {...kept, days: days.length}, path},
  }
}

const recordPath = (id: string): string => `reports/forward/${id}.json`

function decide(
  from: LifecycleState,
  moves: readonly LifecycleMove[],
  {alarm, warning, e_forward}: ForwardReading,
  paper: PaperRecord | null,
): {to: LifecycleState; share: number; because: string} {
  if (!isConfirmed(from)) {
    const because =
      alarm === null ? 'no vault has confirmed it: its book is kept, nothing moves' : `not confirmed; ${alarm}`
    return {to: from, share: 0, because}
  }
  if (alarm !== null) return {to: 'decayed', share: 0, because: `monitor alarm: ${alarm}`}
  const wasPilot = moves.some(({to}) => to === 'pilot' || to === 'scaled')
  const {to, share} = rungFor({paperDone: wasPilot || paper?.done === true, e: e_forward, warned: warning !== null})
  const evidence = `forward e-value ${Number(e_forward.toPrecision(3))}`
  const because = [
    ...(warning === null ? [] : [`one step down: ${warning}`]),
    ...(to === 'validated' && paper !== null ? [paper.because] : [evidence]),
  ].join('; ')
  return {to, share, because}
}
