import type {InputName} from '../../../contracts/panel.ts'
import {engineCosts} from '../../backtest/engine-costs.ts'
import {rebalanceBars} from '../../backtest/rebalance-bars.ts'
import {cutView} from '../audit-panel.ts'
import type {Evidence} from '../gather-evidence.ts'
import {narrowView} from '../narrow-view.ts'
import type {Ruled} from '../run-grid.ts'
import {fundingRates} from './decision-table.ts'
import type {Permutations} from './permutation-gates.ts'
import type {DrawSource} from './permutation-test.ts'

/**
 * The window of a case, ready to be put in another order: what the rule looks at, from the first bar of history, whose
 * warm-up stays as it was, to the end of the bars that count.
 */
export function permutationsOf(
  rule: Ruled & {readonly evidence: Evidence},
  seed: string,
  source: DrawSource,
): Permutations {
  const {hypothesis, compiled, grid, primary, evidence, costs} = rule
  const {from, to} = evidence.bars
  const book: InputName[] = hypothesis.portfolio.construct === 'equal_risk' ? ['volume'] : []
  const {kept, ...narrow} = narrowView(rule, compiled, ['open', 'close', ...book])
  // Copies: another thread would be sent the whole memory behind a view.
  const {panel, mask} = cutView(narrow, (column) => column.slice(0, to) as typeof column)
  const {funding} = engineCosts(rule.panel, costs)
  return {
    job: {
      hypothesis,
      grid,
      panel,
      mask,
      funding: funding && fundingRates(funding, kept, to),
      decisions: rebalanceBars(rule.panel, hypothesis.portfolio.rebalance).filter((t) => t >= from - 1 && t < to - 1),
    },
    blockLength: evidence.blockLength,
    primary,
    seed,
    source,
  }
}
