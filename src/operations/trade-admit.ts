import {configurationHash} from '../cognition/hypotheses/configuration-hash.ts'
import {
  type ConfirmedState,
  isConfirmed,
  type LifecycleState,
  movesOf,
  stateOf,
} from '../cognition/hypotheses/lifecycle.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {type GroundOf, groundsOf} from './grounds.ts'
import {refuseTwins} from './hypothesis-files.ts'
import {openLedger} from './ledger-book.ts'

/** A hypothesis that this mode may trade. */
export interface Admitted {
  readonly hypothesis: Hypothesis
  readonly state: ConfirmedState
}

export interface Admission {
  readonly admitted: readonly Admitted[]
  readonly refused: readonly {readonly id: string; readonly state: string; readonly reason: string}[]
}

/**
 * Which hypotheses may trade on paper: those whose very configuration the ledger calls validated, with no more capital
 * than was judged.
 *
 * An edited file, another research venue or another selection rule is a new version and starts again. A file that cannot
 * be read stops the cycle: leaving it out would sell what it holds because of a typing error.
 *
 * @throws Fault `artifact.invalid`, `hypothesis.duplicate_id` (contract), `ledger.broken_chain` (data)
 */
export async function admit(desk: Desk, exchange: string): Promise<Admission> {
  const files = (await desk.files.list('hypotheses')).filter((name) => name.endsWith('.yaml'))
  const {entries} = await openLedger(desk)
  await refuseTwins(desk)
  const groundOf = await groundsOf(desk)
  const admitted: Admitted[] = []
  const refused: {id: string; state: string; reason: string}[] = []
  for (const file of files) {
    const hypothesis = await desk.files.read(Hypothesis, `hypotheses/${file}`)
    const {id, state, reason} = judge(hypothesis, entries, exchange, groundOf)
    if (reason === null && isConfirmed(state)) admitted.push({hypothesis, state})
    else refused.push({id, state, reason: reason ?? ''})
  }
  return {admitted, refused}
}

function judge(
  hypothesis: Hypothesis,
  entries: readonly LedgerEntry[],
  exchange: string,
  groundOf: GroundOf,
): {id: string; state: LifecycleState; reason: string | null} {
  const {id, data, capital_usd} = hypothesis
  const configuration = configurationHash(hypothesis, groundOf(hypothesis))
  const state = stateOf(entries, id, configuration)
  const reason = (): string | null => {
    if (state === 'decayed' || state === 'retired')
      return `${state}: ${movesOf(entries, id, configuration).at(-1)!.because}`
    if (!isConfirmed(state)) {
      return isConfirmed(stateOf(entries, id))
        ? 'edited since it was validated (rule, research venue or selection rule): a new version starts again'
        : 'paper trades validated hypotheses only'
    }
    const judged = judgedCapital(entries, configuration)
    if (capital_usd > judged) return `judged with ${judged} USD, not with ${capital_usd}: qo gauntlet ${id}`
    const venue = data?.trade ?? exchange
    return venue === exchange ? null : `it trades ${venue}, this workspace trades ${exchange}`
  }
  return {id, state, reason: reason()}
}

/** The most capital with which stages 0 to 8 let this configuration through, USD; 0 when no entry says. */
function judgedCapital(entries: readonly LedgerEntry[], configuration: string): number {
  const eligible = entries.flatMap((entry) =>
    entry.kind === 'verdict' && entry.configuration === configuration && entry.verdict === 'ELIGIBLE'
      ? [entry.detail?.['capital_usd']]
      : [],
  )
  return Math.max(0, ...eligible.filter((capital) => typeof capital === 'number'))
}
