import type {LedgerEntry} from '../../contracts/ledger.ts'
import {ancestorsOf, entryPath} from './ledger.ts'

/** An entry that tells of something which was not declared before it. */
export interface Undeclared {
  readonly hypothesis: string
  readonly path: string
  readonly what: string
}

/**
 * Entries that lack the one that had to come before them, on their own branch: a grid that ran without a registration, a
 * verdict on a grid that never ran, an answer of a vault that nobody paid for.
 *
 * A chain with valid hashes can be written by hand; one that tells a complete story cannot leave a trial out.
 *
 * @param entries  of a chain whose hashes are right
 */
export function undeclaredEntries(entries: readonly LedgerEntry[]): Undeclared[] {
  return entries.flatMap((entry) => {
    const lacks = missingBefore(entry, () => ancestorsOf(entries, entry))
    return lacks === null ? [] : [{hypothesis: entry.hypothesis, path: entryPath(entry), what: lacks}]
  })
}

function missingBefore(entry: LedgerEntry, before: () => readonly LedgerEntry[]): string | null {
  const has = (test: (other: LedgerEntry) => boolean): boolean =>
    before().some((other) => other.configuration === entry.configuration && test(other))
  switch (entry.kind) {
    case 'run':
      // A backtest is a trial by its own entry; the gauntlet freezes window and vault before it runs.
      return entry.stage !== 'gauntlet' || has(({kind}) => kind === 'register')
        ? null
        : 'a grid was run that was not registered before'
    case 'verdict':
      if (!has(({kind}) => kind === 'register')) return 'a verdict was given on a rule that was not registered before'
      return entry.detail?.['missing'] === true || has((other) => other.kind === 'run' && other.stage === 'gauntlet')
        ? null
        : 'a verdict was given on a grid whose run is not in the ledger'
    case 'unseal-intent':
      return has(({kind}) => kind === 'verdict') ? null : 'a vault was asked about a rule without a verdict'
    case 'unseal':
      return has(
        (other) => other.kind === 'unseal-intent' && other.vault === entry.vault && other.attempt === entry.attempt,
      )
        ? null
        : 'a vault answered an attempt that was not declared before the sealed rows were read'
    default:
      return null
  }
}
