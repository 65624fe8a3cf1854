import {givenUpVaults} from '../cognition/gauntlet/ledger-history.ts'
import {GauntletConfig, type GauntletVerdict} from '../contracts/gauntlet.ts'
import type {Desk} from '../desk.ts'
import {refuseAhead, requireKnownThen} from './as-of.ts'
import {type Member, readBatch} from './gauntlet-batch.ts'
import {type Changed, changedSince} from './gauntlet-changed.ts'
import {claimEvidence} from './gauntlet-evidence.ts'
import {judgeAll, type Pending} from './gauntlet-judge-all.ts'
import {recallRegistration} from './gauntlet-register.ts'
import {leaveJunit} from './gauntlet-report.ts'
import {isRipe, storedVerdict, verdictEntry, verdictPath, withAnswer} from './gauntlet-stored.ts'
import {openLedger} from './ledger-book.ts'

export interface GauntletRun {
  readonly artifact: 'gauntlet-run@1'
  /** every hypothesis is ELIGIBLE, or validated by its vault */
  readonly ok: boolean
  readonly verdicts: readonly GauntletVerdict[]
  /** dry run: what would be judged */
  readonly planned: readonly {readonly hypothesis: string; readonly gridPoints: number; readonly venue: string}[]
  /** what a branch touches, when the batch was limited to it; null: the batch is as it was named */
  readonly selection: Changed | null
  readonly paths: readonly string[]
}

/**
 * Stages 0 to 7 for a batch: read → seal → register all → run every grid → count → judge → leave.
 *
 * A configuration that was judged under the same gates returns its stored verdict and spends nothing. Every file is
 * registered and every grid point run before the first is judged, so the trial count of none depends on the order.
 *
 * @param since  judge only what differs from where history parted from this ref
 *
 * @throws Fault `artifact.invalid`, `feature.*`, `gauntlet.no_hypotheses`, `git.no_repository`, `git.unrelated`
 *               (contract), `git.unknown_ref` (usage), `ledger.broken_chain`, `vault.no_room` (data)
 */
export async function gauntlet(
  opened: Desk,
  {files, all, since = null}: {files: readonly string[]; all: boolean; since?: string | null},
): Promise<GauntletRun> {
  // Stage 1 judges what is missing while it counts, with its own verdict: reading must not stop before.
  const desk = {...opened, allowGaps: true}
  await refuseAhead(desk)
  const config = await desk.files.read(GauntletConfig)
  const {batch, selection} = await touchedBatch(desk, files, since)
  const ledger = await openLedger(desk)
  const windows = [...(await desk.lake.vaults()), ...givenUpVaults(ledger.entries)]
  const verdicts = new Map<string, GauntletVerdict>()
  const pending: Pending[] = []
  const ripe = new Set<string>()
  for (const member of batch) {
    const found = verdictEntry(ledger.entries, member)
    // Judged on a window that is no longer sealed as it was: no verdict at all.
    const prior = found && recallRegistration(ledger.entries, member, found.seq, windows) ? found : null
    const stored = await storedVerdict(desk, prior, member, all)
    if (stored) {
      requireKnownThen(desk, stored)
      verdicts.set(member.path, stored)
    } else {
      const due = prior !== null && (prior.verdict === 'ERROR' || (await isRipe(desk, prior, member.venue)))
      if (due && prior.verdict === 'INSUFFICIENT') ripe.add(member.venue)
      pending.push({member, prior: due ? null : prior})
    }
  }
  const planned = pending.map(({member: {hypothesis, grid, venue}}) => ({
    hypothesis: hypothesis.id,
    gridPoints: grid.length,
    venue,
  }))
  if (!desk.dryRun)
    for (const verdict of await judgeAll(desk, ledger, pending, ripe, {config, all}))
      verdicts.set(verdict.path, verdict.verdict)
  const shown = batch
    .flatMap(({path}) => verdicts.get(path) ?? [])
    .map((verdict) => withAnswer(ledger.entries, verdict))
  const junit = desk.dryRun || batch.length === 0 ? [] : [await leaveJunit(desk, shown)]
  await claimEvidence(desk, batch)
  return {
    artifact: 'gauntlet-run@1',
    ok: shown.every(({verdict}) => verdict === 'ELIGIBLE' || verdict === 'PASS'),
    verdicts: shown,
    planned: desk.dryRun ? planned : [],
    selection,
    paths: [...shown.map(({hypothesis}) => verdictPath(hypothesis)), ...junit],
  }
}

/** The batch as it was named, or what a branch touches of it. Everything is read and type-checked either way. */
export async function touchedBatch(
  desk: Desk,
  files: readonly string[],
  since: string | null,
): Promise<{batch: readonly Member[]; selection: Changed | null}> {
  const named = await readBatch(desk, files)
  if (since === null) return {batch: named, selection: null}
  const selection = await changedSince(desk, named, since)
  const touched = new Set(selection.changed.map(({path}) => path))
  return {batch: named.filter(({path}) => touched.has(path)), selection}
}
