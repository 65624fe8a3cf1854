import type {AuditHeads} from '../../contracts/rituals.ts'

/** Where a chain is not what it was when it was written; `line` counts from 1. */
export interface Damage {
  readonly path: string
  readonly line: number
  readonly why: string
}

/** One hash chain as found. */
export interface ChainReport {
  /** ledger, lake, journal, guard or ritual */
  readonly chain: string
  readonly path: string
  readonly entries: number
  /** hashes that nothing follows; one, unless branches have not been merged yet */
  readonly heads: readonly string[]
  /** every hash in the chain, for comparison with earlier heads */
  readonly hashes: ReadonlySet<string>
  readonly damage: Damage | null
}

/**
 * A chain that is whole in itself may still be an older copy, or cut at an entry: the heads of an earlier audit must
 * still be in it.
 *
 * @param earlier  heads files, from the workspace and from git
 * @returns        one damage per chain that lost what it once had
 */
export function findRollbacks(chains: readonly ChainReport[], earlier: readonly AuditHeads[]): Damage[] {
  const lost = new Map<string, Damage>()
  for (const {chains: anchored} of earlier) {
    for (const anchor of anchored) {
      const name = `${anchor.chain} ${anchor.path}`
      const found = chains.find(({chain, path}) => `${chain} ${path}` === name)
      if (found?.damage) continue
      const missing = anchor.heads.filter((head) => !found?.hashes.has(head))
      if (missing.length === 0) continue
      const why =
        found === undefined || found.entries === 0
          ? `it held ${anchor.entries} entries at an earlier audit and is gone`
          : `it held ${anchor.entries} entries at an earlier audit; the head ${missing[0]!.slice(0, 12)} is no longer in it`
      lost.set(name, {path: anchor.path, line: (found?.entries ?? 0) + 1, why})
    }
  }
  return [...lost.values()]
}

/** What an audit leaves for the next one. */
export const headsOf = (chains: readonly ChainReport[]): AuditHeads => ({
  artifact: 'audit-heads@1',
  chains: chains
    .filter(({entries}) => entries > 0)
    .map(({chain, path, entries, heads}) => ({chain, path, entries, heads: [...heads].sort()}))
    .sort((a, b) => (`${a.chain} ${a.path}` < `${b.chain} ${b.path}` ? -1 : 1)),
})
