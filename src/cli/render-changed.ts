import type {Changed} from '../operations/gauntlet-changed.ts'

/** Which hypotheses a branch touches and why, a line each. */
export function touchedLines({since, base, changed, unchanged, gone}: Changed): string[] {
  return [
    ...changed.map(({hypothesis, because}) => `${hypothesis} is judged because of ${because.join(', ')}`),
    ...gone.map((path) => `${path} is gone: what the ledger says of it stays`),
    `${changed.length} of ${changed.length + unchanged.length} hypotheses differ from ${since} (${base.slice(0, 12)})`,
  ]
}
