import {ancestorsOf} from '../cognition/hypotheses/ledger.ts'
import {type TrialCount, trialCount} from '../cognition/hypotheses/trial-count.ts'
import type {GauntletConfig, GauntletVerdict} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import type {Member} from './gauntlet-batch.ts'
import {drawSources} from './gauntlet-draws.ts'
import {judgeOpened} from './gauntlet-judge.ts'
import {ledgerIdentity, type Registration, recallRegistration, registerMember} from './gauntlet-register.ts'
import {leaveReport} from './gauntlet-report.ts'
import {type Opened, type PanelShelf, runMember} from './gauntlet-run.ts'
import {vaultOf} from './gauntlet-vaults.ts'
import type {LedgerBook} from './ledger-book.ts'
import {confirmedBooks} from './ledger-books.ts'
import {gitVersions, identityOf} from './ledger-git.ts'
import {ledgerIsWhole} from './ledger-lost.ts'
import {knownReturns, leaveReturns} from './ledger-returns.ts'
import {sealBeforeResearch} from './seal-research.ts'

/** What is known of a member before this run judges it. */
export interface Pending {
  readonly member: Member
  /** the earlier verdict whose report was lost; null: never judged, or its time has come */
  readonly prior: Extract<LedgerEntry, {kind: 'verdict'}> | null
}

/** Seal, register, run, count, judge: nobody's trials are counted before everybody's are in the ledger. */
export async function judgeAll(
  desk: Desk,
  ledger: LedgerBook,
  pending: readonly Pending[],
  ripe: ReadonlySet<string>,
  {config, all}: {config: GauntletConfig; all: boolean},
): Promise<{path: string; verdict: GauntletVerdict}[]> {
  if (pending.length === 0) return []
  const members = pending.map(({member}) => member)
  const intact = await ledgerIsWhole(desk, ledger.entries)
  const {vaults, spans, exhausted, givenUp} = await sealBeforeResearch(desk, members, {ledger, ripe})
  const registered: {registration: Registration; isNew: boolean; prior: Pending['prior']}[] = []
  for (const {member, prior} of pending) {
    const recalled = prior && recallRegistration(ledger.entries, member, prior.seq, vaults)
    const isKnown = ledger.entries.some(({hypothesis}) => hypothesis === member.hypothesis.id)
    // The window of a rule is frozen when it is first registered: a new name must not buy a longer one.
    const original = isKnown
      ? null
      : recallRegistration(ledger.entries, member, Number.POSITIVE_INFINITY, vaults, {anyName: true})
    const registration =
      recalled ??
      (await registerMember(desk, ledger, member, {
        vault: vaultOf(member, vaults, exhausted),
        span: spans.get(member.venue) ?? null,
        givenUp,
        ...(original === null ? {} : {vault: original.vault, span: original.span, commit: original.commit}),
      }))
    registered.push({registration, isNew: recalled === null, prior: recalled ? prior : null})
  }
  const shelf: PanelShelf = {panels: new Map(), universes: new Map()}
  const opened: {run: Opened; prior: Pending['prior']}[] = []
  for (const {registration, isNew, prior} of registered) {
    opened.push({run: await runMember(desk, isNew ? ledger : null, registration, shelf), prior})
  }
  const refs = new Map<string, string>()
  for (const {run} of opened) {
    const ref = await returnsOf(desk, run)
    if (ref !== null) refs.set(run.registration.member.configuration, ref)
  }
  const git = await gitVersions(desk, members[0]!.groundOf)
  // What another run registered while this one was computing has been tried as well.
  await ledger.refresh()
  const known = ledger.entries
  const returns = await knownReturns(desk, known, refs)
  const sources = await drawSources(desk)
  const verdicts: {path: string; verdict: GauntletVerdict}[] = []
  for (const {run, prior} of opened) {
    const {member} = run.registration
    desk.progress.say(`judging ${member.hypothesis.id}`)
    const trials =
      (prior?.detail?.['trials'] as TrialCount | undefined) ??
      trialCount({entries: known, subject: identityOf(member.hypothesis, member.groundOf), git, ...returns, intact})
    const entries = prior ? ancestorsOf(known, prior) : known
    const judged = judgeOpened(run, trials, entries, {
      config,
      all,
      version: desk.version,
      sources,
      books: await confirmedBooks(desk, entries, member.hypothesis.id),
    })
    const first = await leaveReport(desk, run, judged)
    const verdict = isUnstable(prior, first, run.registration, {version: desk.version, all})
      ? notReproduced(judged)
      : judged
    const sha = verdict === judged ? first : await leaveReport(desk, run, verdict)
    const ref = refs.get(member.configuration) ?? null
    if (prior?.result_sha !== sha || prior.returns_ref !== ref) {
      await ledger.append({
        kind: 'verdict',
        ...(await ledgerIdentity(desk, member)),
        verdict: verdict.verdict === 'PASS' ? 'ELIGIBLE' : verdict.verdict,
        failed_stage: verdict.failedStage,
        decides_on: verdict.decidesOn,
        data_sha: verdict.provenance.data_sha,
        result_sha: sha,
        returns_ref: ref,
        detail: {
          conditions: member.conditions,
          capital_usd: member.hypothesis.capital_usd,
          all,
          qo_version: desk.version,
          missing: run.kind === 'missing',
          lake_commit: run.registration.commit,
          trials: {
            ...trials,
            family: [...trials.family],
            kin: trials.kin.map((one) => ({...one})),
            flags: [...trials.flags],
          },
        },
      })
    }
    verdicts.push({path: member.path, verdict})
  }
  return verdicts
}

/** Store what the grid earned on its research window; null when nothing was run. */
async function returnsOf(desk: Desk, run: Opened): Promise<string | null> {
  if (run.kind === 'missing') return null
  const {registration, opened, panel} = run
  const {bars, net} = opened.evidence
  const points = opened.grid.map((params, g) => ({params, net: net[g]!}))
  return leaveReturns(desk, {configuration: registration.member.configuration, panel, bars, points})
}

/** The same program on the same file and window gave other bytes than the ledger vouches for. */
const isUnstable = (
  prior: Pending['prior'],
  sha: string,
  {member, entry}: Registration,
  {version, all}: {version: string; all: boolean},
): boolean =>
  prior !== null &&
  prior.result_sha !== sha &&
  // A claim that was reworded leaves another hash in the verdict and the same rule.
  entry.kind === 'register' &&
  entry.yaml_sha === member.inputs[member.path] &&
  prior.detail?.['qo_version'] === version &&
  prior.detail['all'] === all

/** A result that cannot be repeated is no result: the verdict is ERROR, whatever its stages say. */
const notReproduced = (verdict: GauntletVerdict): GauntletVerdict => ({
  ...verdict,
  verdict: 'ERROR',
  decidesOn: null,
  sentence:
    'The same program on the same data gave another result than the one in the ledger: this verdict cannot be trusted.',
})
