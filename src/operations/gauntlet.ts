import {GauntletConfig, type GauntletVerdict} from '../contracts/gauntlet.ts'
import type {Desk} from '../desk.ts'
import {readBatch} from './gauntlet-batch.ts'
import {claimEvidence} from './gauntlet-evidence.ts'
import {judgeAll, type Pending} from './gauntlet-judge-all.ts'
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
  readonly paths: readonly string[]
}

/**
 * Stages 0 to 7 for a batch: read → seal → register all → run every grid → count → judge → leave.
 *
 * A configuration that was judged under the same gates returns its stored verdict and spends nothing. Every file is
 * registered and every grid point run before the first is judged, so the trial count of none depends on the order.
 *
 * @throws Fault `artifact.invalid`, `feature.*`, `gauntlet.no_hypotheses` (contract), `ledger.broken_chain`,
 *               `vault.no_room` (data)
 */
export async function gauntlet(
  opened: Desk,
  {files, all}: {files: readonly string[]; all: boolean},
): Promise<GauntletRun> {
  // Stage 1 judges what is missing while it counts, with its own verdict: reading must not stop before.
  const desk = {...opened, allowGaps: true}
  const config = await desk.files.read(GauntletConfig)
  const batch = await readBatch(desk, files)
  const ledger = await openLedger(desk)
  const verdicts = new Map<string, GauntletVerdict>()
  const pending: Pending[] = []
  const ripe = new Set<string>()
  for (const member of batch) {
    const prior = verdictEntry(ledger.entries, member)
    const stored = await storedVerdict(desk, prior, member, all)
    if (stored) verdicts.set(member.path, stored)
    else {
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
  const junit = desk.dryRun ? [] : [await leaveJunit(desk, shown)]
  await claimEvidence(desk, batch)
  return {
    artifact: 'gauntlet-run@1',
    ok: shown.every(({verdict}) => verdict === 'ELIGIBLE' || verdict === 'PASS'),
    verdicts: shown,
    planned: desk.dryRun ? planned : [],
    paths: [...shown.map(({hypothesis}) => verdictPath(hypothesis)), ...junit],
  }
}
