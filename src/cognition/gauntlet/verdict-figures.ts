import type {GauntletConfig, GauntletVerdict} from '../../contracts/gauntlet.ts'
import {YEAR_MS} from '../../kernel/instant.ts'
import {moments} from '../statistics/moments.ts'
import {psrQuestion} from '../statistics/psr.ts'
import {mean} from '../statistics/series.ts'
import {maxDrawdown} from './drawdown-quantile.ts'
import type {Case} from './judge-hypothesis.ts'
import {posteriorFalseDiscovery} from './posterior.ts'
import {minimumDetectableSharpe} from './stages/04-sufficiency.ts'

/** Figures of the report that no gate reads; null where the window is too short or the rule never traded. */
export function verdictFigures(
  {panel, evidence, runs, primary}: Pick<Case, 'panel' | 'evidence' | 'runs' | 'primary'>,
  researchYears: number,
  /** effective number of trials the candidate was chosen from */
  trials: () => number,
  {prior, sharpe_if_true}: GauntletConfig['posterior'],
): GauntletVerdict['figures'] {
  const A = YEAR_MS / panel.barMs
  const {bars, nEff} = evidence
  const net = evidence.net[primary]!
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
  const known = {
    prior,
    labels: finite(nEff),
    minimumDetectableSharpe: finite(minimumDetectableSharpe(researchYears, 0.025)),
  }
  if (net.length < 10 || net.every((r) => r === net[0])) {
    const none = {sharpeAnnual: null, meanAnnual: null, volatilityAnnual: null, maxDrawdown: null}
    return {...none, posteriorFalseDiscovery: null, turnoverAnnual: null, ...known}
  }
  const {sr, sd} = moments(net)
  return {
    sharpeAnnual: finite(sr * Math.sqrt(A)),
    meanAnnual: finite(mean(net) * A),
    volatilityAnnual: finite(sd * Math.sqrt(A)),
    maxDrawdown: finite(maxDrawdown(net)),
    posteriorFalseDiscovery: finite(
      posteriorFalseDiscovery(psrQuestion(net), prior, sharpe_if_true / Math.sqrt(A), trials()),
    ),
    turnoverAnnual: finite(mean(runs[primary]!.turnover.subarray(bars.from, bars.to)) * A),
    ...known,
  }
}
