import {isDead, type LifecycleMove, movesOf} from '../cognition/hypotheses/lifecycle.ts'
import {NEAR, type SignalStructure, signalStructure, similarity} from '../cognition/hypotheses/near-duplicate.ts'
import {GauntletVerdict} from '../contracts/gauntlet.ts'
import {Hypothesis} from '../contracts/hypothesis.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {verdictPath} from './gauntlet-stored.ts'
import {type GroundOf, groundsOf} from './grounds.ts'
import {openLedger} from './ledger-book.ts'
import {identityOf} from './ledger-git.ts'

/** One configuration that came to an end. */
export interface Grave {
  readonly id: string
  readonly family: string
  readonly configuration: string
  readonly state: string
  /** ISO time of the entry that ended it */
  readonly died: string
  readonly seq: number
  /** the gauntlet stage that killed it, 9 for the vault; null: retired or decayed */
  readonly stage: number | null
  readonly cause: string
  readonly points: number
  /** the signal as it was written, null when no version of the file is left */
  readonly signal: string | null
}

export interface Graveyard {
  readonly artifact: 'hypothesis-graveyard@1'
  readonly ok: true
  readonly graves: readonly Grave[]
  /** cause of death -> how many */
  readonly causes: Readonly<Record<string, number>>
  /** grid points that the dead cost the programme */
  readonly points: number
}

/** A dead idea that another one resembles. */
export interface Resemblance {
  readonly grave: Grave
  /** 1: the same structure */
  readonly similarity: number
}

/**
 * Every configuration that ended, newest first, and what it died of: from the ledger, with the sentence of its report
 * where the ledger still vouches for it.
 *
 * @throws Fault `ledger.broken_chain` (data)
 */
export async function hypothesisGraveyard(desk: Desk): Promise<Graveyard> {
  const {graves} = await openGraveyard(desk)
  const causes: Record<string, number> = {}
  for (const grave of graves) causes[causeOf(grave)] = (causes[causeOf(grave)] ?? 0) + 1
  return {
    ...{artifact: 'hypothesis-graveyard@1', ok: true, graves},
    causes: Object.fromEntries(Object.entries(causes).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))),
    points: graves.reduce((sum, {points}) => sum + points, 0),
  }
}

/** The dead, and who resembles them: for whoever begins or checks an idea. */
export async function openGraveyard(
  desk: Desk,
): Promise<{graves: readonly Grave[]; resembled(rule: Pick<Hypothesis, 'id' | 'signal' | 'features'>): Resemblance[]}> {
  const {entries} = await openLedger(desk)
  const versions = await knownRules(desk, await groundsOf(desk))
  const graves: Grave[] = []
  const structures = new Map<Grave, SignalStructure>()
  for (const {hypothesis: id, configuration} of lives(entries)) {
    const last = movesOf(entries, id, configuration).at(-1)
    if (last === undefined || !isDead(last.to)) continue
    const rule = versions.get(configuration)
    const grave = await graveOf(desk, entries.find(({hash}) => hash === last.hash)!, last, rule?.signal ?? null)
    graves.push(grave)
    if (rule) structures.set(grave, signalStructure(rule))
  }
  graves.sort((a, b) => b.seq - a.seq || (a.configuration < b.configuration ? -1 : 1))
  return {
    graves,
    resembled(rule) {
      const own = signalStructure(rule)
      return graves
        .filter(({id}) => id !== rule.id)
        .flatMap((grave) => {
          const other = structures.get(grave)
          const alike = other === undefined ? 0 : similarity(own, other)
          return alike >= NEAR ? [{grave, similarity: alike}] : []
        })
        .sort((a, b) => b.similarity - a.similarity || b.grave.seq - a.grave.seq)
    },
  }
}

const causeOf = ({state, stage}: Grave): string => (stage === null ? state : `stage ${stage}`)

/** Each pair of hypothesis and configuration the ledger speaks of. */
function lives(entries: readonly LedgerEntry[]): Pick<LedgerEntry, 'hypothesis' | 'configuration'>[] {
  return [...new Map(entries.map((entry) => [`${entry.hypothesis} ${entry.configuration}`, entry])).values()]
}

async function graveOf(desk: Desk, entry: LedgerEntry, last: LifecycleMove, signal: string | null): Promise<Grave> {
  const {hypothesis: id, family, configuration, n_points: points} = entry
  const stage = entry.kind === 'verdict' ? entry.failed_stage : entry.kind === 'unseal' ? 9 : null
  const sentence = entry.kind === 'verdict' ? await sentenceOf(desk, id, entry.result_sha) : null
  const cause = sentence ?? last.because
  return {id, family, configuration, state: last.to, died: last.ts, seq: last.seq, stage, cause, points, signal}
}

/** The sentence that killed it, when the report is still the one the ledger vouches for. */
async function sentenceOf(desk: Desk, id: string, sha: string): Promise<string | null> {
  const path = verdictPath(id)
  if (!(await desk.files.exists(path)) || (await desk.files.hash(path)) !== sha) return null
  return (await desk.files.read(GauntletVerdict, path)).sentence
}

/** configuration -> a rule that has it, from the files and from every version in git. */
async function knownRules(desk: Desk, groundOf: GroundOf): Promise<Map<string, Hypothesis>> {
  const names = (await desk.files.list('hypotheses')).filter((name) => name.endsWith('.yaml'))
  const present = await Promise.all(
    names.map(async (name) => ({path: `hypotheses/${name}`, text: await desk.files.readText(`hypotheses/${name}`)})),
  )
  const rules = new Map<string, Hypothesis>()
  for (const {path, text} of [...(await desk.git.everyVersion(':(glob)hypotheses/*.yaml')), ...present]) {
    try {
      const rule = desk.files.parse(Hypothesis, path, text)
      rules.set(identityOf(rule, groundOf).configuration, rule)
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause
    }
  }
  return rules
}
