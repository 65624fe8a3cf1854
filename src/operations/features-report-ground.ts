import {missingInputs} from '../cognition/features/compile-hypothesis.ts'
import type {InputName, Panel} from '../contracts/panel.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import type {Member} from './gauntlet-batch.ts'
import {ledgerIdentity} from './gauntlet-register.ts'
import type {FeatureFile} from './hypothesis-files.ts'
import type {LedgerBook} from './ledger-book.ts'
import {loadPanel} from './load-panel.ts'
import {researchedIn} from './research-plans.ts'
import {sealBeforeResearch, sealedLines, vaultBefore} from './seal-research.ts'
import {listedCoins, universeFor} from './select-universe.ts'

const RESEARCH = {kind: 'research'} as const

/** What the values of a report may be measured on: nothing at or after the start of the vault. */
export interface ReportGround {
  readonly panel: Panel
  readonly mask: readonly Uint8Array[]
  readonly vault: string | null
  /** true: the ledger has an entry for the look */
  readonly counted: boolean
  /** vaults that were sealed before this look, a line each */
  readonly sealed: readonly string[]
}

/**
 * Research bars of a file, behind the same doors as a backtest.
 *
 * Forward returns are answers, so the venue's vault is sealed before a price is read, and a look at a hypothesis is in
 * the ledger before it is taken. A set that no hypothesis has claimed has no trial to count; its report says so.
 *
 * @throws Fault `feature.inputs_missing` (data), `lake.no_bars` (data), `vault.no_room` (data)
 */
export async function reportGround(desk: Desk, file: FeatureFile): Promise<ReportGround> {
  const {venue, compiled, universe} = file
  const researched = await researchedIn(desk, file)
  const member = 'grid' in researched ? researched : null
  const sealed = await sealBeforeResearch(desk, [researched])
  const {ledger, made} = sealed
  const vault = vaultBefore(researched, file.id, sealed)
  const inputs: readonly InputName[] = ['open', 'high', 'low', 'close', 'volume', 'trades', 'funding']
  const to = vault === null ? {} : {to: Date.parse(vault.start)}
  const coins = listedCoins({universe})
  const panel = await loadPanel(desk, {venue, interval: compiled.bar, inputs, purpose: RESEARCH, ...to, coins})
  requireInputs(file, panel)
  if (member !== null) await count(desk, member, panel, ledger)
  const {mask} = await universeFor(desk, file, panel, RESEARCH)
  return {panel, mask, vault: vault?.id ?? null, counted: member !== null, sealed: sealedLines(made)}
}

/** The look, before it is taken. */
async function count(desk: Desk, member: Member, panel: Panel, ledger: LedgerBook): Promise<void> {
  await ledger.append({
    kind: 'run',
    ...(await ledgerIdentity(desk, member)),
    stage: 'features-report',
    data_sha: panel.dataSha,
    window: {start: isoOf(panel.ts[0]!), end: isoOf(panel.ts.at(-1)! + panel.barMs)},
    seed: null,
    result_sha: null,
    returns_ref: null,
    detail: {note: 'written before the look', point: {...member.grid[member.primary]!}},
  })
}

function requireInputs({id, compiled, venue}: FeatureFile, panel: Panel): void {
  const missing = missingInputs(compiled, new Set(panel.series.keys()))
  if (missing.length === 0) return
  throw new Fault('feature.inputs_missing', {
    family: 'data',
    what: `${id} reads ${missing.map(({input}) => input).join(', ')}, which the lake of ${venue} does not have.`,
    why: `It would come from the table ${[...new Set(missing.map(({table}) => table))].join(', ')} under the names that its candles have; nothing is filled in.`,
    next: ['qo ingest', `qo ingest file PATH --as ${missing[0]!.table} --venue ${venue}`],
  })
}
