/** Counts by name. Two of them add up in any order, so that neither threads nor restarts show in a result. */
export type Tally = Readonly<Record<string, number>>

export function addUp(tallies: readonly Tally[]): Tally {
  const total: Record<string, number> = {}
  for (const tally of tallies) {
    for (const [name, count] of Object.entries(tally)) total[name] = (total[name] ?? 0) + count
  }
  return Object.fromEntries(Object.entries(total).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export const countOf = (tally: Tally, name: string): number => tally[name] ?? 0

/** Names that begin with `prefix`, without it. */
export const namedBy = (tally: Tally, prefix: string): [string, number][] =>
  Object.entries(tally)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, count]) => [name.slice(prefix.length), count])
