import {expectedMaxNormal} from '../../kernel/distributions.ts'
import {expectedMaxApproximate} from './deflated-sharpe.ts'
import {requireThat} from './series.ts'

/**
 * Years of data below which the best of N worthless trials is expected to show an annual Sharpe of `srAnnual`.
 *
 * @param N         trials, may be effective; 1 gives 0 years
 * @param srAnnual  > 0
 * @throws Fault    `gauntlet.out_of_range`
 * @see Bailey, Borwein, López de Prado & Zhu (2014), Pseudo-Mathematics and Financial Charlatanism, Notices AMS 61(5)
 */
export function minBacktestYears(N: number, srAnnual: number): number {
  requireThat(N >= 1 && srAnnual > 0, `A backtest length for ${N} trials at Sharpe ${srAnnual} was asked for.`)
  const best = N < 5 ? expectedMaxNormal(N) : expectedMaxApproximate(N)
  return (best / srAnnual) ** 2
}
