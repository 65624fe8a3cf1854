import {exhaustedVaults, movableVaults} from '../cognition/gauntlet/ledger-history.ts'
import {type TrialCount, trialCount} from '../cognition/hypotheses/trial-count.ts'
import {GauntletConfig, type GauntletVerdict} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {type Member, readBatch} from './gauntlet-batch.ts'
import {claimEvidence} from './gauntlet-evidence.ts'
import {judgeOpened} from './gauntlet-judge.ts'
import {
  ledgerIdentity,
  type Opened,
  type PanelShelf,
  type Registration,
  recallRegistration,
  registerMember,
  runMember,
} from './gauntlet-register.ts'
import {leaveJunit, leaveReport} from './gauntlet-report.ts'
import {isRipe, storedVerdict, verdictEntry, verdictPath, withAnswer} from './gauntlet-stored.ts'
import {sealVaults, vaultOf} from './gauntlet-vaults.ts'
import {type LedgerBook, openLedger} from './ledger-book.ts'
import {gitVersions, identityOf} from './ledger-git.ts'

export interface GauntletRun {
  readonly artifact: 'gauntlet-run@1'
  /** every hypothesis is ELIGIBLE, or validated by its vault */
  readonly ok: boolean
  readonly verdicts: readonly GauntletVerdict[]
  /** dry run: what would be judged */
  readonly planned: readonly {readonly hypothesis: string; readonly gridPoints: number; readonly venue: string}[]
  readonly paths: readonly string[]
}

/** What is known of a member before this run judges it. */
interface Pending {
  readonly member: Member
  /** the earlier verdict whose report was lost; null: never judged, or its time has come */
  readonly prior: Extract<LedgerEntry, {kind: 'verdict'}> | null
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
  desk: Desk,
  {files, all}: {files: readonly string[]; all: boolean},
): Promise<GauntletRun> {
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
  const shown = await Promise.all(
    [...batch].flatMap(({path}) => verdicts.get(path) ?? []).map((verdict) => withAnswer(desk, verdict)),
  )
  const junit = desk.dryRun ? [] : [await leaveJunit(desk, shown)]
  await claimEvidence(desk, batch)
  return {
    artifact: 'gauntlet-run@1',
    ok:
      planned.length * Number(desk.dryRun) === 0 &&
      shown.every(({verdict}) => verdict === 'ELIGIBLE' || verdict === 'PASS'),
    verdicts: shown,
    planned: desk.dryRun ? planned : [],
    paths: [...shown.map(({hypothesis}) => verdictPath(hypothesis)), ...junit],
  }
}

/** Seal, register, run, count, judge: nobody's trials are counted before everybody's are in the ledger. */
async function judgeAll(
  desk: Desk,
  ledger: LedgerBook,
  pending: readonly Pending[],
  ripe: ReadonlySet<string>,
  {config, all}: {config: GauntletConfig; all: boolean},
): Promise<{path: string; verdict: GauntletVerdict}[]> {
  if (pending.length === 0) return []
  const members = pending.map(({member}) => member)
  const before = await desk.lake.vaults()
  const exhausted = exhaustedVaults(ledger.entries, before, config.vault.alpha)
  const movable = new Set(
    [...movableVaults(ledger.entries, before)].filter((id) =>
      before.some((vault) => vault.id === id && ripe.has(vault.venue)),
    ),
  )
  const {vaults, spans} = await sealVaults(desk, members, config.vault, exhausted, movable)
  const registered: {registration: Registration; isNew: boolean; prior: Pending['prior']}[] = []
  for (const {member, prior} of pending) {
    const recalled = prior && recallRegistration(ledger.entries, member, prior.seq, vaults)
    const registration =
      recalled ??
      (await registerMember(desk, ledger, member, vaultOf(member, vaults, exhausted), spans.get(member.venue) ?? null))
    registered.push({registration, isNew: recalled === null, prior: recalled ? prior : null})
  }
  const shelf: PanelShelf = {panels: new Map(), universes: new Map()}
  const opened: {run: Opened; prior: Pending['prior']}[] = []
  for (const {registration, isNew, prior} of registered) {
    opened.push({run: await runMember(desk, isNew ? ledger : null, registration, shelf), prior})
  }
  const git = await gitVersions(desk)
  const known = ledger.entries
  const verdicts: {path: string; verdict: GauntletVerdict}[] = []
  for (const {run, prior} of opened) {
    const {member} = run.registration
    desk.progress.say(`judging ${member.hypothesis.id}`)
    const trials =
      (prior?.detail?.['trials'] as TrialCount | undefined) ??
      trialCount({entries: known, subject: identityOf(member.hypothesis), git})
    const entries = prior ? known.filter(({seq}) => seq < prior.seq) : known
    const verdict = judgeOpened(run, trials, entries, {config, all, version: desk.version})
    const sha = await leaveReport(desk, run, verdict)
    if (prior?.result_sha !== sha) {
      await ledger.append({
        kind: 'verdict',
        ...(await ledgerIdentity(desk, member)),
        verdict: verdict.verdict === 'PASS' ? 'ELIGIBLE' : verdict.verdict,
        failed_stage: verdict.failedStage,
        decides_on: verdict.decidesOn,
        data_sha: verdict.provenance.data_sha,
        result_sha: sha,
        detail: {
          conditions: member.conditions,
          all,
          qo_version: desk.version,
          missing: run.kind === 'missing',
          trials: {...trials, family: [...trials.family], flags: [...trials.flags]},
        },
      })
    }
    verdicts.push({path: member.path, verdict})
  }
  return verdicts
}
