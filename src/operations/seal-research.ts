import {exhaustedVaults, movableVaults} from '../cognition/gauntlet/ledger-history.ts'
import type {Span} from '../cognition/gauntlet/plan-vault.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import type {Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {refuseAhead} from './as-of.ts'
import {type Researched, sealVaults, vaultOf, venueSpan} from './gauntlet-vaults.ts'
import {type LedgerBook, openLedger} from './ledger-book.ts'
import {requireAskedVaults} from './unseal-gates.ts'
import {rememberReads, rememberVaults} from './vault-memory.ts'

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
  await refuseAhead(desk)
  // A workspace without gates judges nothing; a folder that is only a lake is sealed by the shipped ones all the same.
  const {path} = GauntletConfig
  const text = await ((await desk.files.exists(path)) ? desk.files : desk.shipped).readText(path)
  const {vault: rules} = desk.files.parse(GauntletConfig, path, text)
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

/**
 * The same for a command that looks at data before anybody has an idea: queries, features, studies of the selection.
 *
 * A history too short for a vault has nothing to seal. It is read, and how far is remembered: stage 0 says so of a vault
 * that will hold rows of it.
 *
 * @returns vaults that were sealed now; in a dry run, those that would be
 */
export async function sealBeforeLooking(opened: Desk, batch: readonly Researched[]): Promise<Vault[]> {
  await refuseAhead(opened)
  // A look at the market as of some past day must not end the vault there: what came after would be lost to research.
  const desk = {...opened, asOf: opened.clock.now()}
  const sealed: Vault[] = []
  for (const venue of new Set(batch.map((one) => one.venue))) {
    try {
      const {made} = await sealBeforeResearch(desk, batch.filter((one) => one.venue === venue).map(unnamed))
      sealed.push(...made)
    } catch (cause) {
      if (!(cause instanceof Fault) || cause.code !== 'vault.no_room') throw cause
      const span = await venueSpan(desk, venue)
      if (span !== null) await rememberReads(desk, {venue, until: isoOf(span.to)})
    }
  }
  return sealed
}

/** What was sealed, for whoever typed the command. */
export const sealedLines = (made: readonly Vault[]): string[] =>
  made.map(({id, venue, start, end}) => `sealed ${id} on ${venue} before a row was read: ${start} to ${end}`)

/** A vault that is named and not there seals nothing: whoever only looks gets one all the same. */
const unnamed = ({venue, hypothesis: {bar, gauntlet}}: Researched): Researched => ({
  venue,
  hypothesis: {bar, gauntlet: {sr_target: gauntlet.sr_target}},
})

/**
 * The vault before which a hypothesis is researched; null: the lake has no bars of its venue.
 *
 * @throws Fault `backtest.no_vault` (contract)
 */
export function vaultBefore(
  researched: Researched,
  id: string,
  {vaults, spans, exhausted}: Pick<ResearchGround, 'vaults' | 'spans' | 'exhausted'>,
): Vault | null {
  const vault = vaultOf(researched, vaults, exhausted)
  if (vault !== null || !spans.has(researched.venue)) return vault
  throw new Fault('backtest.no_vault', {
    family: 'contract',
    what: `${id} names the vault ${researched.hypothesis.gauntlet.vault}, and configs/vaults.yaml has no such vault of ${researched.venue}.`,
    why: 'Research ends where the vault begins.',
    next: ['leave gauntlet.vault out: the newest vault of the venue is taken', 'name one of configs/vaults.yaml'],
  })
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
