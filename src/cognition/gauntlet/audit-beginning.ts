import type {Hypothesis, Params} from '../../contracts/hypothesis.ts'
import {DAY_MS, dayOf} from '../../kernel/instant.ts'
import {ESTIMATE_DAYS} from '../backtest/daily-returns.ts'
import {targetWeights} from '../backtest/target-weights.ts'
import {type CompiledHypothesis, warmupBars} from '../features/compile-hypothesis.ts'
import {evaluateFeatures, evaluateSignals} from '../features/evaluate.ts'
import {walk} from '../features/order-features.ts'
import type {View} from './audit-panel.ts'
import {auditWarmup, dropHistory, isSame, type Restless, type WarmupAudit} from './audit-warmup.ts'
import {narrowView} from './narrow-view.ts'

export interface BeginningAudit {
  readonly audit: WarmupAudit
  /** the guilty expression in words, with a caret where the text gives it away; null when nothing changed */
  readonly guilty: string | null
}

/** A change below this share is rounding: sums taken up at another bar differ in their last digits. */
const TOLERANCE = 1e-9
/** Smoothings whose seed fades: after their warm-up a millionth of it is left, after twice that nothing to speak of. */
const FADING: ReadonlySet<string> = new Set(['ema', 'rsi', 'atr'])

/**
 * The declared rule on histories that begin later.
 *
 * A window must agree after its warm-up. A smoothing that fades is given it twice: a millionth of the seed swaps two near
 * neighbours in a ranking now and then. State that is carried on from the first bar has no warm-up; it is given a tenth of
 * the history, and a rule that still remembers how history began after that is void (decision 0077).
 */
export function auditBeginning(
  {hypothesis, compiled, params}: {hypothesis: Hypothesis; compiled: CompiledHypothesis; params: Params},
  whole: View,
): BeginningAudit {
  const view = narrowView(whole, compiled)
  const warmup = warmupBars(compiled, params)
  const settleBars = Math.max(
    fades(compiled) ? 2 * warmup : warmup,
    compiled.unbounded.length > 0 ? Math.ceil(view.panel.ts.length / 10) : 0,
  )
  const {construct, neutral, vol_target_annual} = hypothesis.portfolio
  const looksBack = construct === 'equal_risk' || neutral === 'beta' || vol_target_annual !== undefined
  const audit = auditWarmup({
    view,
    decide: ({panel, mask}) => {
      const signal = evaluateSignals(compiled, panel, mask, [params])[0]!
      return {signal, weights: targetWeights({hypothesis, signal, panel, universe: mask})}
    },
    warmupBars: warmup,
    settleBars,
    bookBars: looksBack ? Math.ceil(((ESTIMATE_DAYS + 1) * DAY_MS) / view.panel.barMs) : 0,
    tolerance: TOLERANCE,
  })
  return {audit, guilty: audit.first && accuse(compiled, params, view, audit.first, settleBars)}
}

const fades = ({expressions}: CompiledHypothesis): boolean =>
  [...expressions.values()].some(({root}) =>
    [...walk(root)].some((node) => node.kind === 'call' && FADING.has(node.op)),
  )

/** The first feature that changed, in the order in which they build on each other. */
function accuse(
  compiled: CompiledHypothesis,
  params: Params,
  view: View,
  {dropped, part, asset, bar}: Restless,
  settleBars: number,
): string {
  const {panel, mask} = view
  const later = dropHistory(view, dropped)
  const [full, short] = [
    evaluateFeatures(compiled, panel, mask, params),
    evaluateFeatures(compiled, later.panel, later.mask, params),
  ]
  const changed = (name: string): boolean =>
    full.get(name)!.some((column, a) => {
      for (let t = dropped + settleBars; t < column.length; t++)
        if (!isSame(column[t]!, short.get(name)![a]![t - dropped]!, TOLERANCE)) return true
      return false
    })
  const name = [...compiled.expressions.keys()].find(changed)
  const label = name === undefined ? `the target ${part}` : compiled.expressions.get(name)!.source.label
  const spot = compiled.unbounded.find((candidate) => candidate.label === label)
  const where = `${panel.assets[asset]!} on ${dayOf(panel.ts[bar]!)} is decided otherwise when history begins on ${dayOf(later.panel.ts[0]!)}`
  return `${label}: ${where}${spot ? `\n${spot.evidence}` : ''}`
}
