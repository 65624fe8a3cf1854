import {exhaustedVaults, movableVaults} from '../cognition/gauntlet/ledger-history.ts'
import type {Span} from '../cognition/gauntlet/plan-vault.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import type {Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {type Researched, sealVaults} from './gauntlet-vaults.ts'
import {type LedgerBook, openLedger} from './ledger-book.ts'
import {requireAskedVaults} from './unseal-gates.ts'
import {rememberVaults} from './vault-memory.ts'

/** What research stands on: nothing at or after the start of a venue's first vault may be read. */
export interface ResearchGround {
  readonly ledger: LedgerBook
  readonly vaults: readonly Vault[]
  /** vaults that were sealed by this very call; in a dry run, those that would be */
  readonly made: readonly Vault[]
  readonly spans: ReadonlyMap<string, Span>
  /** vaults that gave way to one of these: never asked, waited for by nobody; the next registration has to name them */
  readonly givenUp: readonly Vault[]
  /** ids of vaults whose alpha is spent */
  readonly exhausted: ReadonlySet<string>
}

export interface SealOptions {
  readonly ledger?: LedgerBook
  /** venues whose history has become long enough to decide: a vault of theirs may be planned anew */
  readonly ripe?: ReadonlySet<string>
}

/**
 * Seal a venue before anybody researches it: whichever command comes first, a later seal over seen rows would prove
 * nothing.
 *
 * @throws Fault `vault.no_room`, `ledger.*` (data), `vault.moved` (contract)
 */
export async function sealBeforeResearch(
  desk: Desk,
  batch: readonly Researched[],
  {ripe = new Set(), ...given}: SealOptions = {},
): Promise<ResearchGround> {
  const {vault: rules} = await desk.files.read(GauntletConfig)
  const ledger = given.ledger ?? (await openLedger(desk))
  const before = await desk.lake.vaults()
  requireAskedVaults(ledger.entries, before)
  const exhausted = exhaustedVaults(ledger.entries, before, rules.alpha)
  const isMovable = movableVaults(ledger.entries, before)
  const movable = before.filter(({id, venue}) => ripe.has(venue) && isMovable.has(id)).map(({id}) => id)
  const sealed = await sealVaults(desk, batch, rules, exhausted, new Set(movable))
  await rememberVaults(desk, sealed.vaults)
  return {ledger, exhausted, ...sealed}
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
