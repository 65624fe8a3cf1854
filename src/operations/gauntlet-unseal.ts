import {storedAnswer, vaultHistory} from '../cognition/gauntlet/ledger-history.ts'
import {sealedAnswer} from '../cognition/gauntlet/sealed-answer.ts'
import {type VaultAlpha, vaultAlpha} from '../cognition/gauntlet/vault-alpha.ts'
import {entryPath} from '../cognition/hypotheses/ledger.ts'
import {GauntletConfig, GauntletUnseal, GauntletVerdict} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {type Member, readBatch} from './gauntlet-batch.ts'
import {ledgerIdentity, type Registration, recallRegistration} from './gauntlet-register.ts'
import {unsealPath, verdictEntry, verdictPath, withAnswer} from './gauntlet-stored.ts'
import {openVault} from './gauntlet-vault-run.ts'
import {openLedger} from './ledger-book.ts'

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
 * The intent {vault, attempt, alpha} is durable in the ledger (and committed, when asked) before the sealed rows are
 * loaded: whatever happens after it, the attempt is spent. A configuration that was answered gets the same answer again
 * and spends nothing.
 *
 * @throws Fault `unseal.no_repository`, `unseal.dirty_tree`, `unseal.no_vault` (contract), `unseal.not_eligible`
 *               (verdict), `vault.exhausted` (data)
 */
export async function gauntletUnseal(desk: Desk, id: string, {commit}: {commit: boolean}): Promise<UnsealRun> {
  const config = await desk.files.read(GauntletConfig)
  const [member] = (await readBatch(desk, [id])) as [Member]
  const ledger = await openLedger(desk)
  const prior = verdictEntry(ledger.entries, member)
  const answered = storedAnswer(ledger.entries, member.configuration)
  if (answered !== null) return answerOf(desk, member, await recallAnswer(desk, member, answered))

  await requireCleanTree(desk)
  const registration = requireEligible(
    member,
    prior,
    prior && recallRegistration(ledger.entries, member, prior.seq, await desk.lake.vaults()),
  )
  const vault = registration.vault
  const history = vaultHistory(ledger.entries, vault.id, member.hypothesis.family)
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
  if (commit)
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
  return answerOf(desk, member, result)
}

/** The answer from the ledger, whatever became of its file. */
async function recallAnswer(
  _desk: Desk,
  _member: Member,
  entry: Extract<LedgerEntry, {kind: 'unseal'}>,
): Promise<GauntletUnseal> {
  return GauntletUnseal.schema.parse(entry.detail?.['answer'])
}

async function answerOf(desk: Desk, {hypothesis}: Member, result: GauntletUnseal): Promise<UnsealRun> {
  const path = await desk.files.write(GauntletUnseal, result, unsealPath(hypothesis.id))
  const verdict = await desk.files.read(GauntletVerdict, verdictPath(hypothesis.id))
  return {
    artifact: 'gauntlet-unseal-run@1',
    ok: result.verdict === 'PASS',
    verdicts: [await withAnswer(desk, verdict)],
    vault: result.vault.id,
    attempt: result.attempt,
    alpha: result.alpha,
    paths: [path],
  }
}

/** The rule that is asked about must be the one in history: without a repository nobody could tell. */
async function requireCleanTree(desk: Desk): Promise<void> {
  if ((await desk.git.head()) === null) {
    throw new Fault('unseal.no_repository', {
      family: 'contract',
      what: 'This workspace is in no git repository with a commit.',
      why: 'A vault is opened for a rule that history can show; without history nobody could tell what was asked.',
      next: ['git init && git add -A && git commit -m "a workspace"'],
    })
  }
  const dirty = await desk.git.dirty(['hypotheses', 'configs'])
  if (dirty.length === 0) return
  throw new Fault('unseal.dirty_tree', {
    family: 'contract',
    what: `${dirty.slice(0, 3).join(', ')}${dirty.length > 3 ? ` and ${dirty.length - 3} more` : ''} ${dirty.length === 1 ? 'is' : 'are'} not committed.`,
    why: 'The vault answers for what is in history: hypotheses, configs and ledger must be committed first.',
    next: ['git add hypotheses configs && git commit', 'qo gauntlet --commit'],
  })
}

function requireEligible(
  {hypothesis}: Member,
  prior: Extract<LedgerEntry, {kind: 'verdict'}> | null,
  registration: Registration | null,
): Registration & {readonly vault: Vault} {
  if (prior?.verdict !== 'ELIGIBLE') {
    throw new Fault('unseal.not_eligible', {
      family: 'verdict',
      what: `${hypothesis.id} is ${prior === null ? 'not judged in its present form' : prior.verdict}, not ELIGIBLE.`,
      why: 'The vault is spent by survivors only: stages 0 to 8 come first, on this very rule and under these gates.',
      next: [`qo gauntlet hypotheses/${hypothesis.id}.yaml`],
    })
  }
  if (registration?.vault) return {...registration, vault: registration.vault}
  throw new Fault('unseal.no_vault', {
    family: 'contract',
    what: `The vault of ${hypothesis.id} is not in configs/vaults.yaml.`,
    why: 'It was registered against a sealed window that the workspace no longer declares.',
    next: ['git checkout -- configs/vaults.yaml'],
  })
}

function requireAlpha(vault: Vault, {alpha, attempt, exhausted}: VaultAlpha): void {
  if (!exhausted) return
  throw new Fault('vault.exhausted', {
    family: 'data',
    what: `${vault.id} is spent: attempt ${attempt} would be tested at ${alpha.toPrecision(2)}.`,
    why: 'Every question to a vault costs alpha, and what is left could confirm nothing but a fluke.',
    next: ['wait for fresh data: the next gauntlet run seals a new vault', 'qo lake status'],
  })
}
