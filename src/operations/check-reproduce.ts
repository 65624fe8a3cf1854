import {givenUpVaults} from '../cognition/gauntlet/ledger-history.ts'
import {ancestorsOf} from '../cognition/hypotheses/ledger.ts'
import {stateOf} from '../cognition/hypotheses/lifecycle.ts'
import {type TrialCount, trialCount} from '../cognition/hypotheses/trial-count.ts'
import type {GauntletConfig, GauntletVerdict} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import {Vaults} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {firstDifference} from '../kernel/first-difference.ts'
import type {Breach} from './check-evidence.ts'
import type {Member} from './gauntlet-batch.ts'
import {drawSources} from './gauntlet-draws.ts'
import {judgeOpened} from './gauntlet-judge.ts'
import {recallRegistration} from './gauntlet-register.ts'
import {leaveReport} from './gauntlet-report.ts'
import {type PanelShelf, runMember} from './gauntlet-run.ts'
import {verdictEntry, verdictPath} from './gauntlet-stored.ts'
import {confirmedBooks} from './ledger-books.ts'
import {identityOf} from './ledger-git.ts'
import {knownReturns} from './ledger-returns.ts'

/** What came out of recomputing one hypothesis. */
export interface Reproduced {
  readonly member: Member
  /** null: nothing was judged that could be computed again */
  readonly verdict: GauntletVerdict | null
  /** why there is no verdict, and that is in order */
  readonly note: string | null
  readonly breaches: readonly Breach[]
}

type VerdictEntry = Extract<LedgerEntry, {kind: 'verdict'}>

/**
 * Compute the verdict of one hypothesis again on its frozen window, and compare every byte of its report.
 *
 * What its author could know is taken from the entries before the verdict on its own branch: what another branch tried
 * meanwhile counts for the next verdict, not for this one.
 *
 * @param desk  one that holds what it would write, as `checkDesk` makes it
 * @param held  what was held; emptied here
 */
export async function reproduce(
  desk: Desk,
  held: Map<string, string>,
  member: Member,
  entries: readonly LedgerEntry[],
  {config, shelf}: {config: GauntletConfig; shelf: PanelShelf},
): Promise<Reproduced> {
  const {id} = member.hypothesis
  const breach = (code: Breach['code'], path: string, what: string, next?: string): Reproduced => ({
    member,
    verdict: null,
    note: null,
    breaches: [{code, hypothesis: id, path, what, next: next ?? `qo gauntlet ${member.path} --commit`}],
  })
  const entry = verdictEntry(entries, member)
  if (entry === null) {
    const state = stateOf(entries, id, member.configuration)
    if (state === 'retired' || state === 'decayed') return {member, verdict: null, note: `it is ${state}`, breaches: []}
    const known = entries.some(({hypothesis}) => hypothesis === id) || (await desk.files.exists(verdictPath(id)))
    if (!known) return {member, verdict: null, note: 'a draft: it was never run', breaches: []}
    const what = `No verdict in the ledger is on the present rule of ${member.path}, its gates and its capital.`
    return breach('integrity.unjudged', member.path, what)
  }
  const before = ancestorsOf(entries, entry)
  const windows = [...(await desk.lake.vaults()), ...givenUpVaults(entries)]
  const registration = recallRegistration(before, member, entry.seq, windows)
  if (registration?.entry.kind !== 'register') return windowMoved(member)
  // A claim that was reworded since is the same trial: its verdict names the file as it was registered.
  const inputs = {...member.inputs, [member.path]: registration.entry.yaml_sha}
  const run = await runMember(desk, null, {...registration, member: {...member, inputs}}, shelf)
  const recorded = entry.detail?.['trials'] as unknown as TrialCount
  const verdict = judgeOpened(run, recorded, before, {
    config,
    all: entry.detail?.['all'] === true,
    version: String(entry.detail?.['qo_version']),
    sources: await drawSources(desk),
    books: await confirmedBooks(desk, before, id),
  })
  held.clear()
  const sha = await leaveReport(desk, run, verdict)
  const fair = await fewestTrials(desk, member, before, entries)
  const breaches = [
    ...(recorded.N >= fair ? [] : [understated(member, recorded.N, fair)]),
    ...(sha === entry.result_sha ? [] : [await notReproduced(desk, held, member, entry)]),
    ...(sha === entry.result_sha ? await editedFiles(desk, held, id) : []),
  ]
  held.clear()
  return {member, verdict, note: null, breaches}
}

/** The verdict on it was judged on a window that the workspace no longer seals as it did. */
export const windowMoved = (member: Member): Reproduced => ({
  ...{member, verdict: null, note: null},
  breaches: [
    {
      ...{code: 'integrity.window_moved', hypothesis: member.hypothesis.id, path: Vaults.path},
      what: `The window and vault under which ${member.hypothesis.id} was registered are not those of ${Vaults.path}.`,
      next: `git checkout -- ${Vaults.path}`,
    },
  ],
})

/**
 * The trials that the entries before a verdict prove, whatever the verdict says. Returns that came to be known later may
 * show further kin: where the two differ, the smaller count is demanded.
 */
async function fewestTrials(
  desk: Desk,
  {hypothesis, groundOf}: Member,
  before: readonly LedgerEntry[],
  entries: readonly LedgerEntry[],
): Promise<number> {
  const subject = identityOf(hypothesis, groundOf)
  const counts: number[] = []
  for (const later of [first, last]) {
    const {correlated} = await knownReturns(desk, before, later(before, entries))
    counts.push(trialCount({entries: before, subject, git: null, correlated}).N)
  }
  return Math.min(...counts)
}

/** configuration -> the series that a batch had measured before its verdicts were written: the first of those after. */
function first(before: readonly LedgerEntry[], entries: readonly LedgerEntry[]): Map<string, string> {
  const refs = new Map<string, string>()
  const stored = new Set(before.flatMap((entry) => (isStoredVerdict(entry) ? [entry.configuration] : [])))
  for (const entry of entries)
    if (isStoredVerdict(entry) && !stored.has(entry.configuration) && !refs.has(entry.configuration))
      refs.set(entry.configuration, entry.returns_ref!)
  return refs
}

/** configuration -> its newest series of all. */
const last = (_: readonly LedgerEntry[], entries: readonly LedgerEntry[]): Map<string, string> =>
  new Map(entries.flatMap((entry) => (isStoredVerdict(entry) ? [[entry.configuration, entry.returns_ref!]] : [])))

const isStoredVerdict = (entry: LedgerEntry): entry is VerdictEntry =>
  entry.kind === 'verdict' && typeof entry.returns_ref === 'string'

const understated = ({hypothesis: {id}, path}: Member, recorded: number, fair: number): Breach => ({
  ...{code: 'integrity.undeclared_trial', hypothesis: id, path: verdictPath(id)},
  what: `The verdict on ${id} counts ${recorded} trials where the ledger before it shows ${fair}.`,
  next: `rm -r reports/gauntlet/${id} && qo gauntlet ${path} --commit`,
})

async function notReproduced(
  desk: Desk,
  held: ReadonlyMap<string, string>,
  {hypothesis: {id}, path}: Member,
  entry: VerdictEntry,
): Promise<Breach> {
  const file = verdictPath(id)
  const there = (await desk.files.exists(file)) ? await desk.files.readText(file) : null
  const differs = there === null ? null : firstDifference(JSON.parse(there), JSON.parse(held.get(file)!))
  const where = differs === null ? '' : ` First difference: ${differs}.`
  const judgedBy = String(entry.detail?.['qo_version'])
  const program = judgedBy === desk.version ? '' : ` It was judged by qo ${judgedBy}, and this is ${desk.version}.`
  return {
    ...{code: 'integrity.not_reproduced', hypothesis: id, path: file},
    what: `The verdict on ${id} does not come out again byte for byte.${where}${program}`,
    next: `qo gauntlet ${path} --commit, with this program and a whole lake`,
  }
}

async function editedFiles(desk: Desk, held: ReadonlyMap<string, string>, id: string): Promise<Breach[]> {
  const breaches: Breach[] = []
  for (const [path, text] of held) {
    const there = (await desk.files.exists(path)) ? await desk.files.readText(path) : null
    if (there === text) continue
    breaches.push({
      ...{code: there === null ? 'integrity.report_missing' : 'integrity.report_edited', hypothesis: id, path},
      what: `${path} is ${there === null ? 'missing' : 'not what the verdict leaves'}.`,
      next: `qo gauntlet ${id} --commit`,
    })
  }
  return breaches
}
