import type {TrialCount} from '../cognition/hypotheses/trial-count.ts'
import {Costs} from '../contracts/costs.ts'
import type {GauntletVerdict} from '../contracts/gauntlet.ts'
import {isoOf, YEAR_MS} from '../kernel/instant.ts'
import type {Opened} from './gauntlet-run.ts'

/** The bars that were judged. */
export function windowOf({opened, panel}: Extract<Opened, {kind: 'run'}>): GauntletVerdict['window'] {
  const {from, to} = opened.evidence.bars
  const bars = to - from
  const at = (bar: number): string =>
    isoOf(bar < panel.ts.length ? panel.ts[bar]! : (panel.ts.at(-1) ?? 0) + panel.barMs)
  return {
    venue: panel.venue,
    bar: panel.interval,
    from: at(from),
    to: at(to),
    bars,
    years: (bars * panel.barMs) / YEAR_MS,
    assets: opened.mask.filter((column) => column.includes(1)).length,
    gapBars: opened.evidence.gapBars,
  }
}

/** What a reader must know before believing the verdict, beside its checks. */
export function warningsOf(opened: Opened, trials: TrialCount): string[] {
  const warnings = [
    ...trials.flags,
    ...trials.kin
      .filter(({because}) => because === 'returns')
      .map(({hypothesis, note}) => `the trials of ${hypothesis} are counted: ${note}`),
  ]
  if (opened.kind === 'missing') return warnings
  const {universe, completeFrom, aggregatedFrom, interval} = opened.panel
  if (universe === 'derived' || completeFrom === null) {
    warnings.push(
      'the universe is derived from the rows themselves and its completeness is unknown: assets that died before they were recorded are missing, which flatters any long rule',
    )
  }
  const {from} = opened.registration.member.hypothesis.universe
  if (from !== 'selection') {
    warnings.push(
      `the universe is a list of ${from.length} that its author wrote: one drawn up with knowledge of the window flatters any long rule, and stage 6 takes out no more than the mean of the list`,
    )
  }
  const {costs} = opened.registration.member.hypothesis
  if (costs !== Costs.path)
    warnings.push(`costs are charged by ${costs}, which this hypothesis chose, and not by ${Costs.path}`)
  if (aggregatedFrom !== null) warnings.push(`${interval} bars were aggregated from ${aggregatedFrom}`)
  return [...warnings, ...opened.opened.runs[opened.opened.primary]!.flags.map((flag) => `costs assume ${flag}`)]
}
