import {undeclaredEntries} from '../cognition/hypotheses/undeclared.ts'
import {GauntletUnseal} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {unsealPath, verdictPath} from './gauntlet-stored.ts'
import {requireRemembered} from './ledger-memory.ts'
import {isStored, returnsPath} from './ledger-returns.ts'
import {requireAskedVaults} from './unseal-gates.ts'

/** Something about the evidence that is not as it was declared. */
export interface Breach {
  readonly code: `integrity.${string}` | `ledger.${string}` | `vault.${string}`
  /** null: of the whole workspace */
  readonly hypothesis: string | null
  readonly path: string
  readonly what: string
  readonly next: string
}

/**
 * What ledger, stored returns and reports say about each other, without computing anything.
 *
 * The chain must tell of every run before its verdict; each stored series, report and answer must be one that an entry
 * vouches for by hash; and the newest series of every configuration must be there, or nobody can say whose kin it is.
 */
export async function checkEvidence(desk: Desk, entries: readonly LedgerEntry[]): Promise<Breach[]> {
  return [
    ...(await asBreach(() => requireRemembered(desk, entries), 'hypotheses/ledger')),
    ...(await asBreach(async () => requireAskedVaults(entries, await desk.lake.vaults()), 'configs/vaults.yaml')),
    ...undeclaredEntries(entries).map(
      ({hypothesis, path, what}): Breach => ({
        ...{code: 'integrity.undeclared_trial', hypothesis, path},
        ...{
          what: `${path}: ${what}`,
          next: 'restore the entries that were left out: git log --stat -- hypotheses/ledger',
        },
      }),
    ),
    ...(await strayReturns(desk, entries)),
    ...(await lostReturns(desk, entries)),
    ...(await strayReports(desk, entries)),
  ]
}

/** A Fault of the family that says "this evidence was tampered with" as a breach; any other Fault goes on. */
export async function asBreach(check: () => Promise<unknown>, path: string): Promise<Breach[]> {
  try {
    await check()
    return []
  } catch (cause) {
    if (!(cause instanceof Fault) || !/^(ledger|vault)\./.test(cause.code)) throw cause
    const code = cause.code as Breach['code']
    return [{code, hypothesis: null, path, what: `${cause.what} ${cause.why}`, next: cause.suggestions[0] ?? ''}]
  }
}

async function strayReturns(desk: Desk, entries: readonly LedgerEntry[]): Promise<Breach[]> {
  const vouched = new Set(entries.flatMap((entry) => ('returns_ref' in entry && entry.returns_ref) || []))
  const breaches: Breach[] = []
  for (const name of await desk.files.list('hypotheses/returns')) {
    const path = `hypotheses/returns/${name}`
    const ref = await desk.files.hash(path)
    if (vouched.has(ref) && returnsPath(ref) === path) continue
    breaches.push({
      ...{code: 'integrity.undeclared_trial', hypothesis: null, path},
      what: `${path} holds returns that no entry of the ledger vouches for: a run is missing from it, or the file was edited.`,
      next: `git log --stat -- ${path} hypotheses/ledger`,
    })
  }
  return breaches
}

/** The newest series of each configuration, when one was ever stored. */
async function lostReturns(desk: Desk, entries: readonly LedgerEntry[]): Promise<Breach[]> {
  const newest = new Map<string, {hypothesis: string; ref: string}>()
  for (const entry of entries)
    if (entry.kind === 'verdict' && entry.returns_ref)
      newest.set(entry.configuration, {hypothesis: entry.hypothesis, ref: entry.returns_ref})
  const breaches: Breach[] = []
  for (const {hypothesis, ref} of newest.values()) {
    if (await isStored(desk, ref)) continue
    breaches.push({
      ...{code: 'integrity.returns_lost', hypothesis, path: returnsPath(ref)},
      what: `The returns of ${hypothesis} are gone or edited, so nobody can tell whose trials are also its own.`,
      next: `git checkout -- ${returnsPath(ref)}, or qo gauntlet ${hypothesis} --commit`,
    })
  }
  return breaches
}

async function strayReports(desk: Desk, entries: readonly LedgerEntry[]): Promise<Breach[]> {
  const judged = new Set(entries.flatMap((entry) => (entry.kind === 'verdict' ? [entry.result_sha] : [])))
  const breaches: Breach[] = []
  for (const id of await desk.files.list('reports/gauntlet')) {
    const [verdict, answer] = [verdictPath(id), unsealPath(id)]
    if ((await desk.files.exists(verdict)) && !judged.has(await desk.files.hash(verdict)))
      breaches.push({
        ...{code: 'integrity.report_edited', hypothesis: id, path: verdict},
        what: `${verdict} is not what any verdict in the ledger vouches for.`,
        next: `git checkout -- ${verdict}, or qo gauntlet ${id} --commit`,
      })
    if ((await desk.files.exists(answer)) && !(await isAnswer(desk, entries, answer)))
      breaches.push({
        ...{code: 'integrity.report_edited', hypothesis: id, path: answer},
        what: `${answer} is not what the vault answered.`,
        next: `git checkout -- ${answer}`,
      })
  }
  return breaches
}

async function isAnswer(desk: Desk, entries: readonly LedgerEntry[], path: string): Promise<boolean> {
  const text = await desk.files.readText(path)
  return entries.some((entry) => {
    const answer = entry.kind === 'unseal' ? GauntletUnseal.schema.safeParse(entry.detail?.['answer']) : null
    return answer?.success === true && desk.files.textOf(GauntletUnseal, answer.data, path) === text
  })
}
