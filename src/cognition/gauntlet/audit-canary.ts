import type {Hypothesis} from '../../contracts/hypothesis.ts'
import type {Random} from '../../kernel/random.ts'
import {compileFeatureSet} from '../features/compile-hypothesis.ts'
import {evaluateFeatures} from '../features/evaluate.ts'
import {differences} from './audit-lookahead.ts'
import {auditCuts, SCRAMBLES, scrambleView, truncateView, type View} from './audit-panel.ts'

/** What the next bar will bring, on the close before it. */
const ORACLE = 'lead(close, 1) / close - 1'

/** Bars at which the canary is asked. */
const CUTS = 5

export interface CanaryAudit {
  /** bars and ways of taking the future away */
  readonly asked: number
  /** of these, those that left the oracle's opinion of the last known bar as it was */
  readonly unheard: number
}

/**
 * The audit's own test: a rule that knows the next bar, on this panel, through the same views and the same evaluator.
 *
 * An audit that does not hear it proves nothing by finding nothing. Nothing was asked where no member has a next bar.
 *
 * @see M21 (f): append next-bar return as a feature; the audit must scream
 */
export function auditCanary(
  view: View,
  {bar, universe, first}: Pick<Hypothesis, 'bar' | 'universe'> & {readonly first: number},
  tolerance: number,
  random: Random,
): CanaryAudit {
  const close = view.panel.series.get('close') ?? []
  const told = (t: number): boolean =>
    close.some((column, a) => view.mask[a]![t] === 1 && Number.isFinite(column[t]! / column[t + 1]!))
  const cuts = auditCuts(view.panel.ts.length, first, CUTS, 1, random).filter(told)
  const canary = compileFeatureSet({
    artifact: 'feature-set@1',
    id: 'canary',
    summary: 'the return of the next bar',
    ...{bar, universe},
    features: {next_return: ORACLE},
  })
  const opinions = (other: View): readonly Float64Array[] =>
    evaluateFeatures(canary, other.panel, other.mask, {}, ['next_return']).get('next_return')!
  const own = opinions(view)
  let [asked, unheard] = [0, 0]
  for (const cut of cuts) {
    const views = [truncateView(view, cut), ...SCRAMBLES.map((kind) => scrambleView(view, cut, kind, random))]
    for (const other of views) {
      asked += 1
      if (differences(own, opinions(other), cut + 1, tolerance).count === 0) unheard += 1
    }
  }
  return {asked, unheard}
}
