import type {LedgerIdentity} from '../../contracts/ledger.ts'
import type {ReturnsKinship} from './returns-kinship.ts'

/** What makes two hypotheses relatives by what their files say. */
export type Kin = Pick<LedgerIdentity, 'hypothesis' | 'family' | 'lineage' | 'fingerprint'>

/** A hypothesis whose trials the subject has to pay for, and what gave it away. */
export interface Relative {
  readonly hypothesis: string
  readonly because: 'family' | 'lineage' | 'shape' | 'returns' | 'unknown'
  /** of research returns with `to`; null unless `because` is returns and they could be compared */
  readonly correlation: number | null
  /** the relative through which it was reached */
  readonly to: string
  readonly note: string
}

/**
 * Every hypothesis reachable from the subject by kinship, relatives of relatives too, each with the first reason found.
 *
 * What nobody can compare counts as kin: a hypothesis whose stored returns are lost joins every family, and brings those
 * it is known to be related to. A subject whose own returns are lost is related to everybody.
 *
 * @param others  entries of the ledger and versions in git, any order
 * @returns       sorted by hypothesis, without the subject
 */
export function relativesOf(
  subject: Kin,
  others: readonly Kin[],
  {correlated, unknown}: {correlated: readonly ReturnsKinship[]; unknown: ReadonlyMap<string, string>},
): Relative[] {
  const found = new Map<string, Relative>()
  const selfLost = unknown.get(subject.hypothesis)
  const reached: string[] = [subject.hypothesis]
  const add = (relative: Relative): void => {
    if (relative.hypothesis === subject.hypothesis || found.has(relative.hypothesis)) return
    found.set(relative.hypothesis, relative)
    reached.push(relative.hypothesis)
  }
  const marks = marksByHypothesis([subject, ...others])
  const ids = [...marks.keys()].sort()
  for (let i = 0; i < reached.length; i++) {
    const to = reached[i]!
    for (const hypothesis of ids) {
      const because = sharedMark(marks.get(to)!, marks.get(hypothesis)!)
      if (because !== null && hypothesis !== to)
        add({hypothesis, because, correlation: null, to, note: NOTES[because](to)})
    }
    for (const {between, correlation} of correlated) {
      if (!between.includes(to)) continue
      const hypothesis = between[0] === to ? between[1] : between[0]
      if (marks.has(hypothesis))
        add({hypothesis, because: 'returns', correlation, to, note: returnsNote(to, correlation)})
    }
    if (i + 1 < reached.length) continue
    // Nothing more is known: now what is not known. Those it brings in are looked at in turn.
    const lost = selfLost === undefined ? [...unknown] : ids.map((id) => [id, selfLost] as const)
    for (const [hypothesis, note] of lost)
      add({hypothesis, because: 'unknown', correlation: null, to: subject.hypothesis, note})
  }
  return [...found.values()].sort((a, b) => (a.hypothesis < b.hypothesis ? -1 : 1))
}

const NOTES = {
  family: (to: string) => `same family as ${to}`,
  shape: (to: string) => `same shape of signal as ${to}`,
  lineage: (to: string) => `same lineage as ${to}`,
} as const

const returnsNote = (to: string, correlation: number | null): string =>
  correlation === null
    ? `too few days in common with ${to} to tell them apart`
    : `research returns correlate ${correlation.toFixed(2)} with ${to}`

type Marks = Readonly<Record<'family' | 'lineage' | 'shape', ReadonlySet<string>>>

/** All marks any version of a hypothesis ever carried. A lineage names an ancestor, so everybody's own id is one too. */
function marksByHypothesis(items: readonly Kin[]): Map<string, Marks> {
  const marks = new Map<string, {family: Set<string>; lineage: Set<string>; shape: Set<string>}>()
  for (const {hypothesis, family, lineage, fingerprint} of items) {
    const own = marks.get(hypothesis) ?? {family: new Set(), lineage: new Set([hypothesis]), shape: new Set()}
    marks.set(hypothesis, own)
    own.family.add(family)
    own.shape.add(fingerprint)
    if (lineage !== null) own.lineage.add(lineage)
  }
  return marks
}

const sharedMark = (a: Marks, b: Marks): keyof Marks | null =>
  (['lineage', 'shape', 'family'] as const).find((kind) => [...a[kind]].some((mark) => b[kind].has(mark))) ?? null
