import {none, type Reading, read} from '../cockpit/reading.ts'
import type {HypothesisStanding} from '../cockpit/view.ts'
import {movesOf} from '../cognition/hypotheses/lifecycle.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'

/** Every hypothesis that has a file or a ledger entry, its state, and the evidence that moved it there. */
export async function hypothesesSection(
  desk: Desk,
  ledger: Reading<readonly LedgerEntry[]>,
): Promise<Reading<readonly HypothesisStanding[]>> {
  if (ledger.state !== 'read') return ledger
  const entries = ledger.value
  const files = (await desk.files.list('hypotheses')).filter((name) => name.endsWith('.yaml'))
  const named = [...files.map((name) => name.slice(0, -'.yaml'.length)), ...entries.map(({hypothesis}) => hypothesis)]
  const ids = [...new Set(named)].sort()
  if (ids.length === 0) return none('none yet: qo hypothesis new')
  return read(
    ids.map((id) => {
      const last = movesOf(entries, id).at(-1)
      return {id, state: last?.to ?? 'draft', note: last === undefined ? 'never registered' : shortened(last.because)}
    }),
  )
}

/** The verdict first: a frame has thirty columns for it. */
const shortened = (because: string): string =>
  because.replace(/^gauntlet: /, '').replace(/^vault (\S+), attempt (\d+): (\w+)$/, '$3 at $1, attempt $2')
