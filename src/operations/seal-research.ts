import {exhaustedVaults} from '../cognition/gauntlet/ledger-history.ts'
import type {Span} from '../cognition/gauntlet/plan-vault.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import type {Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {type Researched, sealVaults} from './gauntlet-vaults.ts'
import {type LedgerBook, openLedger} from './ledger-book.ts'
import {requireAskedVaults} from './unseal-gates.ts'

/** What research stands on: nothing at or after the start of a venue's first vault may be read. */
export interface ResearchGround {
  readonly ledger: LedgerBook
  readonly vaults: readonly Vault[]
  /** vaults that were sealed by this very call; in a dry run, those that would be */
  readonly made: readonly Vault[]
  readonly spans: ReadonlyMap<string, Span>
  /** ids of vaults whose alpha is spent */
  readonly exhausted: ReadonlySet<string>
}

/**
 * Seal a venue before anybody researches it: whichever command comes first, a later seal over seen rows would prove
 * nothing.
 *
 * @throws Fault `vault.no_room`, `ledger.*` (data), `vault.moved` (contract)
 */
export async function sealBeforeResearch(desk: Desk, batch: readonly Researched[]): Promise<ResearchGround> {
  const {vault: rules} = await desk.files.read(GauntletConfig)
  const ledger = await openLedger(desk)
  const sealed = await desk.lake.vaults()
  requireAskedVaults(ledger.entries, sealed)
  const exhausted = exhaustedVaults(ledger.entries, sealed, rules.alpha)
  return {ledger, exhausted, ...(await sealVaults(desk, batch, rules, exhausted))}
}

/** Sharpe that a vault is sized for when nobody has declared one. */
const DEFAULT_SR_TARGET = 1.5

/** Research on a venue that no hypothesis asks for yet: its vault begins on a whole day, so that bars of any length fit. */
export const researchOf = (venue: string, bar: Hypothesis['bar'] = '1d'): Researched => ({
  venue,
  hypothesis: {bar, gauntlet: {sr_target: DEFAULT_SR_TARGET}},
})

/** Venues whose bars are in the lake, sorted. */
export async function lakeVenues(desk: Desk): Promise<string[]> {
  const commits = await desk.lake.commits()
  return [...new Set(commits.filter(({table}) => table === 'candles').map(({venue}) => venue))].sort()
}
