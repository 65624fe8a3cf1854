import type {Vault} from '../../contracts/workspace.ts'
import {Fault} from '../../kernel/fault.ts'
import {dayOf, isoOf, YEAR_MS} from '../../kernel/instant.ts'

export interface Span {
  /** open time of the venue's first tradable bar, epoch ms */
  readonly from: number
  /** close of its last complete bar, epoch ms */
  readonly to: number
}

export interface VaultPlan {
  /** smallest Sharpe that anybody of the batch declares */
  readonly srTarget: number
  /** the coarsest bar of the batch */
  readonly barMs: number
  readonly share: number
  readonly maxShare: number
  /** end of what research has read already, epoch ms: seen rows cannot be sealed any more */
  readonly notBefore?: number
}

/** Years of vault at which an edge of `srTarget` passes half of the time at the 2.5 % level. */
export const vaultYearsFor = (srTarget: number): number => (1.96 / srTarget) ** 2

/**
 * The window that a venue's first gauntlet run seals: the newest part of its history.
 *
 * Length: the larger of `share` of the span and the years that give half power at `srTarget`, at most `maxShare` of the
 * span, rounded up to whole bars.
 *
 * @param taken    vaults of this workspace: ids are not reused and windows of one venue do not overlap
 * @throws Fault   `vault.no_room` (data) when what is left is shorter than one bar
 */
export function planVault(
  venue: string,
  span: Span,
  {srTarget, barMs, share, maxShare, notBefore = span.from}: VaultPlan,
  taken: readonly Vault[],
): Vault {
  const end = Math.floor(span.to / barMs) * barMs
  const years = vaultYearsFor(srTarget) * YEAR_MS
  const length = Math.min(Math.max(share * (end - span.from), years), maxShare * (end - span.from))
  const sealedUntil = taken.filter((vault) => vault.venue === venue).map((vault) => Date.parse(vault.end))
  const start = Math.max(end - Math.ceil(length / barMs) * barMs, notBefore, ...sealedUntil)
  if (!(start < end && start > span.from)) {
    throw new Fault('vault.no_room', {
      family: 'data',
      what: `There is no room for a sealed window in the ${venue} history.`,
      why: `It runs from ${isoOf(span.from)} to ${isoOf(span.to)}; a vault needs whole bars after research and after earlier vaults.`,
      next: ['ingest more history', 'qo lake status'],
    })
  }
  const base = `V-${venue.replaceAll('_', '-')}-${dayOf(end).slice(0, 7).replace('-', '')}`
  const used = new Set(taken.map(({id}) => id))
  let id = base
  for (let n = 2; used.has(id); n++) id = `${base}-${n}`
  return {id, venue, start: isoOf(start), end: isoOf(end), tier: 'V0', policy: 'keep'}
}

/** The date on which a vault of half the span would be long enough for `srTarget`, epoch ms. */
export const vaultDecidesAt = (spanFrom: number, srTarget: number, maxShare: number): number =>
  spanFrom + (vaultYearsFor(srTarget) * YEAR_MS) / maxShare
