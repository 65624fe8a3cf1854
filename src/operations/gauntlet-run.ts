import {missingInputs} from '../cognition/features/compile-hypothesis.ts'
import {type Case, openCase} from '../cognition/gauntlet/judge-hypothesis.ts'
import type {Panel} from '../contracts/panel.ts'
import type {Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {Member} from './gauntlet-batch.ts'
import {ledgerIdentity, type Registration} from './gauntlet-register.ts'
import type {LedgerBook} from './ledger-book.ts'
import {loadPanel} from './load-panel.ts'
import {sealedSentence, sealedTables} from './sealed-tables.ts'
import {type UniverseOf, universeFor} from './select-universe.ts'

/** A registration whose grid has been run, or the tables that were missing. */
export type Opened =
  | {readonly kind: 'run'; readonly registration: Registration; readonly opened: Case; readonly panel: Panel}
  | {
      readonly kind: 'missing'
      readonly registration: Registration
      readonly tables: readonly string[]
      /** a sentence for each of them whose rows are there, all behind the seal */
      readonly sealed: readonly string[]
    }

/** Research panels of one command: hypotheses of one venue and bar share theirs. */
export interface PanelShelf {
  readonly panels: Map<string, Promise<Panel | null>>
  readonly universes: Map<string, Promise<UniverseOf>>
}

/**
 * Run every point of the grid on the research window; the trials are in the ledger before the first one.
 *
 * A hypothesis whose inputs the lake lacks is not run: the missing tables are named and the batch goes on.
 *
 * @param ledger  null when these trials are in the ledger already
 */
export async function runMember(
  desk: Desk,
  ledger: LedgerBook | null,
  registration: Registration,
  shelf: PanelShelf,
): Promise<Opened> {
  const {member, vault, commit} = registration
  const {hypothesis, compiled, venue} = member
  const panel = vault === null ? null : await researchPanel(desk, shelf, {venue, bar: hypothesis.bar, vault, commit})
  if (panel === null) return missingTables(desk, registration, ['candles'])
  const missing = missingInputs(compiled, new Set(panel.series.keys()))
  if (missing.length > 0) return missingTables(desk, registration, [...new Set(missing.map(({table}) => table))])
  await ledger?.append({
    kind: 'run',
    ...(await ledgerIdentity(desk, member)),
    stage: 'gauntlet',
    data_sha: panel.dataSha,
    window: {start: isoOf(panel.ts[0] ?? 0), end: vault!.start},
    seed: null,
    result_sha: null,
    returns_ref: null,
    detail: {note: 'written before the grid is run; the verdict that follows is its result'},
  })
  desk.progress.say(
    `${hypothesis.id}: ${member.grid.length} points on ${panel.ts.length} bars × ${panel.assets.length} assets`,
  )
  const {mask, inactiveScreens} = await universeOn(desk, shelf, member, panel, commit)
  const opened = openCase({...member, panel}, mask, inactiveScreens)
  const trade = hypothesis.data?.trade ?? venue
  if (trade === venue) return {kind: 'run', registration, panel, opened}
  const trading = await researchPanel(desk, shelf, {venue: trade, bar: hypothesis.bar, vault: vault!, commit})
  return {kind: 'run', registration, panel, opened: {...opened, trading}}
}

/** Why tables are missing: from the commits that the registration is pinned to, so that it comes out the same again. */
async function missingTables(desk: Desk, registration: Registration, tables: readonly string[]): Promise<Opened> {
  const {member, vault, commit} = registration
  const commits = (await desk.lake.commits()).filter(({n}) => n <= commit)
  const end = vault === null ? Number.POSITIVE_INFINITY : Date.parse(vault.start)
  const sealed = sealedTables(commits, {venue: member.venue, tables, end})
  return {
    ...{kind: 'missing', registration, tables},
    sealed: sealed.map((one) => sealedSentence(one, member.venue, end)),
  }
}

/** The panel up to the vault, or null when the lake has no bars of the venue. */
async function researchPanel(
  desk: Desk,
  shelf: PanelShelf,
  {venue, bar, vault, commit}: {venue: string; bar: Member['hypothesis']['bar']; vault: Vault; commit: number},
): Promise<Panel | null> {
  const key = `${venue}|${bar}|${vault.start}|${commit}`
  const known = shelf.panels.get(key)
  if (known) return known
  const inputs = ['open', 'high', 'low', 'close', 'volume', 'trades', 'funding'] as const
  const to = Date.parse(vault.start)
  const loading = loadPanel(desk, {venue, interval: bar, inputs, to, commit, purpose: {kind: 'research'}}).catch(
    (error: unknown) => {
      if (error instanceof Fault && error.code === 'lake.no_bars') return null
      throw error
    },
  )
  shelf.panels.set(key, loading)
  return loading
}

/** Replaying the selection costs more than most gauntlets: once for all hypotheses that hold the same. */
function universeOn(
  desk: Desk,
  shelf: PanelShelf,
  {hypothesis}: Member,
  panel: Panel,
  commit: number,
): Promise<UniverseOf> {
  const key = `${panel.dataSha}|${panel.interval}|${commit}|${JSON.stringify(hypothesis.universe.from)}`
  const known = shelf.universes.get(key)
  if (known) return known
  const replaying = universeFor(desk, hypothesis, panel, {kind: 'research'}, commit)
  shelf.universes.set(key, replaying)
  return replaying
}
