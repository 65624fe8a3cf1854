import {storedAnswer, vaultHistory} from '../cognition/gauntlet/ledger-history.ts'
import {sealedAnswer} from '../cognition/gauntlet/sealed-answer.ts'
import {vaultAlpha} from '../cognition/gauntlet/vault-alpha.ts'
import {entryPath} from '../cognition/hypotheses/ledger.ts'
import {stateOf} from '../cognition/hypotheses/lifecycle.ts'
import {trialCount} from '../cognition/hypotheses/trial-count.ts'
import {GauntletConfig, GauntletUnseal, GauntletVerdict} from '../contracts/gauntlet.ts'
import type {Desk} from '../desk.ts'
import {type Member, readBatch} from './gauntlet-batch.ts'
import {ledgerIdentity, recallRegistration} from './gauntlet-register.ts'
import {unsealPath, verdictEntry, verdictPath, withAnswer} from './gauntlet-stored.ts'
import {openVault} from './gauntlet-vault-run.ts'
import {type LedgerBook, openLedger} from './ledger-book.ts'
import {gitVersions, identityOf} from './ledger-git.ts'
import {knownReturns} from './ledger-returns.ts'
import {
  requireAlive,
  requireAlpha,
  requireCleanTree,
  requireEligible,
  requireSoleQuestion,
  requireUntouched,
} from './unseal-gates.ts'
import {askedAnywhere, requireWholeHistory} from './vault-questions.ts'

export interface UnsealRun {
  readonly artifact: 'gauntlet-unseal-run@1'
  /** the vault confirmed it */
  readonly ok: boolean
  /** the whole record of the hypothesis with stage 9 at its end; empty in a dry run */
  readonly verdicts: readonly GauntletVerdict[]
  readonly vault: string
  readonly attempt: number
  readonly alpha: number
  readonly paths: readonly string[]
}

/**
 * Stage 9: ask the sealed vault one question, once.
 *
 * The intent {vault, attempt, alpha} is durable in the ledger and committed to git before the sealed rows are
 * loaded: whatever happens after it, the attempt is spent. Attempts of every branch that this repository knows count. A configuration that was answered gets the same answer again
 * and spends nothing.
 *
 * @throws Fault `unseal.no_repository`, `unseal.dirty_tree`, `unseal.no_vault` (contract), `unseal.not_eligible`
 *               (verdict), `unseal.too_early` (usage), `vault.moved` (contract), `vault.exhausted`,
 *               `unseal.lost_race`, `ledger.rolled_back` (data)
 */
export async function gauntletUnseal(desk: Desk, id: string): Promise<UnsealRun> {
  const config = await desk.files.read(GauntletConfig)
  const [member] = (await readBatch(desk, [id])) as [Member]
  const ledger = await openLedger(desk)
  const prior = verdictEntry(ledger.entries, member)
  const answered = storedAnswer(ledger.entries, member.configuration)
  // From the ledger, whatever became of the report.
  if (answered !== null) {
    return answerOf(desk, ledger, member, GauntletUnseal.schema.parse(answered.detail?.['answer']))
  }

  await requireWholeHistory(desk, ledger.entries)
  requireAlive(member, stateOf(ledger.entries, member.hypothesis.id, member.configuration))
  const registration = requireEligible(
    member,
    prior,
    prior && recallRegistration(ledger.entries, member, prior.seq, await desk.lake.vaults()),
  )
  await requireCleanTree(desk)
  const vault = registration.vault
  const asked = await askedAnywhere(desk, ledger.entries)
  requireUntouched(desk, asked, vault)
  const family = await familyOf(desk, ledger.entries, member)
  const history = vaultHistory(asked, vault.id, family)
  const level = vaultAlpha(history, vault.policy, config.vault.alpha)
  requireAlpha(vault, level)
  const {attempt, alpha, earlierPasses} = level
  const answer = {artifact: 'gauntlet-unseal-run@1', vault: vault.id, attempt, alpha} as const
  if (desk.dryRun) return {...answer, ok: false, verdicts: [], paths: []}

  const paid = {vault: vault.id, attempt, earlier_passes: earlierPasses, alpha}
  const intent = await ledger.append({
    kind: 'unseal-intent',
    ...(await ledgerIdentity(desk, member)),
    ...paid,
    window: {start: vault.start, end: vault.end},
    lake_commit: registration.commit,
    detail: {conditions: member.conditions, verdict: prior!.result_sha},
  })
  await ledger.refresh()
  requireSoleQuestion(history, vaultHistory(await askedAnywhere(desk, ledger.entries), vault.id, family), vault)
  await desk.git.commit([entryPath(intent)], `Unseal ${vault.id} for ${member.hypothesis.id}: attempt ${attempt}`)

  desk.progress.say(
    `opening ${vault.id} for ${member.hypothesis.id}: attempt ${attempt} at level ${alpha.toPrecision(3)}`,
  )
  const opened = await openVault(desk, {...registration, vault}, config, alpha, attempt)
  const sealed = sealedAnswer(opened.stage)
  const result: GauntletUnseal = {
    artifact: 'gauntlet-unseal@1',
    hypothesis: member.hypothesis.id,
    verdict: sealed.verdict,
    reason: sealed.reason,
    sentence: sealed.stage.sentence,
    configuration: member.configuration,
    vault: {id: vault.id, from: vault.start, to: vault.end, tier: vault.tier},
    attempt,
    earlierPasses,
    alpha,
    stages: [sealed.stage],
    provenance: {
      data_as_of: vault.end,
      seed: sealed.stage.seed,
      qo_version: desk.version,
      data_sha: opened.dataSha,
      inputs: member.inputs,
    },
  }
  await ledger.append({
    kind: 'unseal',
    ...(await ledgerIdentity(desk, member)),
    ...paid,
    verdict: result.verdict,
    result_sha: opened.resultSha,
    detail: {answer: JSON.parse(JSON.stringify(result))},
  })
  return answerOf(desk, ledger, member, result)
}

/** Everybody whose failed attempts this idea carries to the next vault: renaming it does not buy a fresh level. */
async function familyOf(desk: Desk, entries: LedgerBook['entries'], member: Member): Promise<Set<string>> {
  const {hypothesis, groundOf} = member
  const {family} = trialCount({
    ...{entries, subject: identityOf(hypothesis, groundOf), git: await gitVersions(desk, groundOf)},
    ...(await knownReturns(desk, entries)),
  })
  return new Set(family)
}

async function answerOf(
  desk: Desk,
  {entries}: LedgerBook,
  {hypothesis}: Member,
  result: GauntletUnseal,
): Promise<UnsealRun> {
  const path = await desk.files.write(GauntletUnseal, result, unsealPath(hypothesis.id))
  const verdict = await desk.files.read(GauntletVerdict, verdictPath(hypothesis.id))
  return {
    artifact: 'gauntlet-unseal-run@1',
    ok: result.verdict === 'PASS',
    verdicts: [withAnswer(entries, verdict)],
    vault: result.vault.id,
    attempt: result.attempt,
    alpha: result.alpha,
    paths: [path],
  }
}
