import {DAY_MS} from '../kernel/instant.ts'
import {type DecayEvidence, type DecayRule, decayEvidence, meanOf} from './decay-evidence.ts'
import type {EdgeSeries} from './edge-series.ts'
import type {Exclusion} from './screens.ts'

export interface DecayMonitor {
  /** why an asset may not be held at an instant; asked with rising instants */
  readonly decayed: (asset: number, at: number) => Exclusion | null
  /** factor for the weight at the last instant asked, 1 where nothing is known */
  readonly shrink: (asset: number) => number
  /** evidence at the last instant asked, by family and asset */
  readonly evidence: () => readonly DecayEvidence[]
}

/**
 * Excludes assets whose edge has decayed, point in time, until they have recovered for a full window.
 *
 * New exclusions are decided once per window, on a calendar that starts at the epoch: looking every week at windows that
 * overlap would spend the error rate again and again. Recovered is who, over a window of observations that all came after the exclusion, earned at least half of what it
 * earned before. Without observations there is no recovery: shadow plans are observations too. An asset is out while
 * any family says so; its weight takes the smallest factor.
 *
 * @param series of any number of families
 */
export function decayMonitor(series: readonly EdgeSeries[], rule: DecayRule): DecayMonitor {
  const families = [...new Set(series.map(({family}) => family))].sort()
  const out = new Map<string, {since: number; evidence: DecayEvidence}>()
  let asked = Number.NaN
  let term = Number.NaN
  let now: readonly DecayEvidence[] = []
  const look = (at: number): void => {
    if (at === asked) return
    asked = at
    const seen = series.map((one) => until(one, at))
    now = families.flatMap((family) =>
      decayEvidence(
        seen.filter((one) => one.family === family),
        rule,
      ),
    )
    for (const one of seen) {
      const key = keyOf(one)
      const mark = out.get(key)
      if (mark && hasRecovered(one, mark, rule.windowDays)) out.delete(key)
    }
    const current = Math.floor(at / (rule.windowDays * DAY_MS))
    if (current === term) return
    term = current
    for (const evidence of now) {
      if (evidence.decayed && !out.has(keyOf(evidence))) out.set(keyOf(evidence), {since: at, evidence})
    }
  }
  return {
    decayed: (asset, at) => {
      look(at)
      const mark = families.map((family) => out.get(keyOf({asset, family}))).find((found) => found !== undefined)
      if (!mark) return null
      const {familyFall, cusum} = mark.evidence
      return {reason: 'decayed', value: Math.min(familyFall, cusum), limit: rule.fdr}
    },
    shrink: (asset) => Math.min(1, ...now.filter((one) => one.asset === asset).map(({shrink}) => shrink)),
    evidence: () => now,
  }
}

const keyOf = ({asset, family}: {readonly asset: number; readonly family: string}): string => `${family}|${asset}`

function until({asset, family, known, value}: EdgeSeries, at: number): EdgeSeries {
  const after = known.findIndex((close) => close > at)
  const end = after < 0 ? known.length : after
  return {asset, family, known: known.subarray(0, end), value: value.subarray(0, end)}
}

function hasRecovered(
  {known, value}: EdgeSeries,
  {since, evidence}: {since: number; evidence: DecayEvidence},
  windowDays: number,
): boolean {
  const first = known.findIndex((close) => close > since)
  if (first < 0 || known.length - first < windowDays) return false
  return meanOf(value.subarray(value.length - windowDays)) >= evidence.reference / 2
}
