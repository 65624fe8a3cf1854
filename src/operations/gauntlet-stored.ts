import {storedAnswer} from '../cognition/gauntlet/ledger-history.ts'
import {GauntletUnseal, GauntletVerdict} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import {researchEnd} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import type {Member} from './gauntlet-batch.ts'
import {isStored} from './ledger-returns.ts'
import {newestSeen} from './sealed-tables.ts'

type VerdictEntry = Extract<LedgerEntry, {kind: 'verdict'}>

export const verdictPath = (id: string): string => `reports/gauntlet/${id}/verdict.json`
export const unsealPath = (id: string): string => `reports/gauntlet/${id}/unseal.json`

/**
 * The last verdict on this hypothesis in this configuration under these gates; null when there is none.
 *
 * A copy under another name has a verdict of its own: its family, and so what its verdict says, is another.
 */
export function verdictEntry(
  entries: readonly LedgerEntry[],
  {hypothesis: {id}, configuration, conditions}: Member,
): VerdictEntry | null {
  return (
    entries.findLast(
      (entry): entry is VerdictEntry =>
        entry.kind === 'verdict' &&
        entry.hypothesis === id &&
        entry.configuration === configuration &&
        entry.detail?.['conditions'] === conditions,
    ) ?? null
  )
}

/**
 * The verdict as it stands in the report folder, when the ledger vouches for its bytes: asking twice spends nothing.
 *
 * An ERROR decided nothing and is judged again. So is INSUFFICIENT once the date it named has come, or the table it
 * missed is there; and a verdict whose file or whose stored returns were lost or changed, which must come out the same.
 *
 * @param all  the full picture is wanted, not only the stages up to the first failure
 */
export async function storedVerdict(
  desk: Desk,
  entry: VerdictEntry | null,
  member: Member,
  all: boolean,
): Promise<GauntletVerdict | null> {
  if (entry === null || entry.verdict === 'ERROR' || (await isRipe(desk, entry, member.venue))) return null
  const path = verdictPath(member.hypothesis.id)
  if (entry.returns_ref === undefined || (entry.returns_ref && !(await isStored(desk, entry.returns_ref)))) return null
  if (!(await desk.files.exists(path)) || (await desk.files.hash(path)) !== entry.result_sha) return null
  const verdict = await desk.files.read(GauntletVerdict, path)
  return all && !verdict.allStages ? null : verdict
}

/** INSUFFICIENT, and what it asked for has come. */
export async function isRipe(desk: Desk, entry: VerdictEntry, venue: string): Promise<boolean> {
  if (entry.verdict !== 'INSUFFICIENT' || entry.decides_on === null) return false
  const commits = (await desk.lake.commits()).filter((commit) => commit.venue === venue)
  if (!isDate(entry.decides_on)) {
    // A row that research cannot see, or that was there when the verdict was given, has brought nothing.
    const end = researchEnd(await desk.lake.vaults(), venue)
    const judgedAt = Number(entry.detail?.['lake_commit'] ?? 0)
    const missed = entry.detail?.['missing'] === true
    return missed && entry.decides_on.split(', ').every((table) => newestSeen(commits, {venue, table, end}) > judgedAt)
  }
  const newest = Math.max(0, ...commits.flatMap(({files}) => files.map(({max_ts}) => max_ts)))
  return isoOf(Math.min(desk.asOf, newest)).slice(0, 10) >= entry.decides_on
}

export const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}/.test(text)

/**
 * The vault's answer for this configuration, as a verdict document: stages 0 to 8 and then stage 9.
 *
 * From the ledger, never from the report: anybody can write a file. An answer completes an ELIGIBLE record only; under
 * other gates or with more capital the same rule has to come through stages 0 to 8 again.
 */
export function withAnswer(entries: readonly LedgerEntry[], verdict: GauntletVerdict): GauntletVerdict {
  const answered = verdict.verdict === 'ELIGIBLE' ? storedAnswer(entries, verdict.configuration) : null
  if (answered === null) return verdict
  const answer = GauntletUnseal.schema.parse(answered.detail?.['answer'])
  return {
    ...verdict,
    verdict: answer.verdict,
    failedStage: answer.verdict === 'PASS' ? null : 9,
    decidesOn: null,
    sentence: answer.sentence,
    stages: [...verdict.stages, ...answer.stages],
  }
}
