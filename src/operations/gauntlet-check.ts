import {givenUpVaults} from '../cognition/gauntlet/ledger-history.ts'
import {type CommentRow, pullRequestComment} from '../cognition/gauntlet/pull-request-comment.ts'
import {GauntletConfig, type GauntletVerdict} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import {Vaults} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {checkDesk} from './check-desk.ts'
import {asBreach, type Breach, checkEvidence} from './check-evidence.ts'
import {type Reproduced, reproduce, windowMoved} from './check-reproduce.ts'
import {touchedBatch} from './gauntlet.ts'
import type {Member} from './gauntlet-batch.ts'
import {type Changed, venuesOf} from './gauntlet-changed.ts'
import {recallRegistration} from './gauntlet-register.ts'
import {verdictEntry, withAnswer} from './gauntlet-stored.ts'
import {type LedgerBook, openLedger} from './ledger-book.ts'
import {requireNamedData} from './named-data.ts'

/** Which of the two answers the exit status gives. */
export type CheckGate = 'integrity' | 'verdict'

export interface GauntletCheck {
  readonly artifact: 'gauntlet-check@1'
  /** by the gate that was asked for */
  readonly ok: boolean
  readonly gate: CheckGate
  readonly integrity: {
    readonly ok: boolean
    /** of the ledger */
    readonly entries: number
    readonly heads: readonly string[]
    readonly breaches: readonly Breach[]
  }
  readonly verdict: {
    /** every hypothesis that was checked is ELIGIBLE, or validated by its vault */
    readonly ok: boolean
    readonly hypotheses: readonly CommentRow[]
  }
  readonly selection: Changed | null
  /** Markdown for the pull request */
  readonly comment: string
}

/**
 * What a runner does for a pull request: compute every verdict again and compare the bytes, read the ledger to its first
 * entry, look for trials that were not declared. It writes nothing, registers nothing and opens no vault.
 *
 * @param since    only hypotheses that differ from where history parted from this ref; the ledger is read whole
 * @throws Fault   `artifact.invalid`, `feature.*`, `gauntlet.no_hypotheses`, `git.*` (contract, usage),
 *                 `lake.no_manifest`, `lake.files_missing`, `lake.behind_registration`, `lake.corrupt_file` (data)
 */
export async function gauntletCheck(
  opened: Desk,
  {files, since, gate}: {files: readonly string[]; since: string | null; gate: CheckGate},
): Promise<GauntletCheck> {
  const held = new Map<string, string>()
  const desk = checkDesk(opened, held)
  const config = await desk.files.read(GauntletConfig)
  const moved = await asBreach(() => desk.lake.vaults(), Vaults.path)
  // What a branch touches is measured with the vaults: behind moved ones everything is touched.
  const {batch, selection} = await touchedBatch(desk, files, moved.length > 0 ? null : since)
  let ledger: LedgerBook | null = null
  const breaches = await asBreach(async () => {
    ledger = await openLedger(desk)
  }, 'hypotheses/ledger')
  const entries = (ledger as LedgerBook | null)?.entries ?? []
  const reproduced: Reproduced[] = []
  // From a ledger that cannot be believed nothing can be computed again, nor behind a seal that was moved.
  if (ledger !== null && moved.length > 0) {
    breaches.push(...moved, ...(await checkEvidence(desk, entries)))
    reproduced.push(...batch.filter((member) => verdictEntry(entries, member) !== null).map(windowMoved))
    breaches.push(...reproduced.flatMap((one) => one.breaches))
  } else if (ledger !== null) {
    breaches.push(...(await checkEvidence(desk, entries)))
    await requireData(desk, batch, entries)
    const shelf = {panels: new Map(), universes: new Map()}
    for (const member of batch) {
      desk.progress.say(`computing ${member.hypothesis.id} again`)
      reproduced.push(await reproduce(desk, held, member, entries, {config, shelf}))
    }
    breaches.push(...reproduced.flatMap((one) => one.breaches))
  }
  const because = new Map(selection?.changed.map((one) => [one.path, one.because]))
  const rows = reproduced.map(
    ({member, verdict, note}): CommentRow => ({
      hypothesis: member.hypothesis.id,
      verdict: verdict && withAnswer(entries, verdict),
      note,
      because: because.get(member.path) ?? [],
    }),
  )
  const integrity = {
    ok: breaches.length === 0,
    entries: entries.length,
    heads: (ledger as LedgerBook | null)?.heads.map(({hash}) => hash) ?? [],
    breaches: distinct(breaches),
  }
  const verdict = {ok: integrity.ok && rows.every((row) => isPositive(row.verdict)), hypotheses: rows}
  const untouched = selection?.unchanged.length ?? 0
  return {
    artifact: 'gauntlet-check@1',
    ok: gate === 'integrity' ? integrity.ok : verdict.ok,
    gate,
    integrity,
    verdict,
    selection,
    comment: pullRequestComment({rows, breaches: integrity.breaches, untouched, since}),
  }
}

const isPositive = (verdict: GauntletVerdict | null): boolean =>
  verdict?.verdict === 'ELIGIBLE' || verdict?.verdict === 'PASS'

/** The same file may be found wanting from two sides. */
const distinct = (breaches: readonly Breach[]): Breach[] => [
  ...new Map(breaches.map((breach) => [`${breach.code} ${breach.path}`, breach])).values(),
]

/** Everything that the verdicts of a batch were computed from must be here; a verdict for lack of a table needs none. */
async function requireData(desk: Desk, batch: readonly Member[], entries: readonly LedgerEntry[]): Promise<void> {
  const venues = new Set<string>()
  let registered = 0
  for (const member of batch) {
    const entry = verdictEntry(entries, member)
    if (entry === null || entry.detail?.['missing'] === true) continue
    for (const venue of venuesOf(member)) venues.add(venue)
    const windows = [...(await desk.lake.vaults()), ...givenUpVaults(entries)]
    const registration = recallRegistration(entries, member, entry.seq, windows)
    registered = Math.max(registered, registration?.commit ?? 0)
  }
  await requireNamedData(desk, venues, registered)
}
