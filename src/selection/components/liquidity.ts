import {knownMedian} from '../../kernel/median.ts'
import {type Measure, trailing} from './measure.ts'

/** Median daily notional over the lookback, quote currency. A day without a trade counts as 0: it was one. */
export const liquidity: Measure = (table, a, d, {lookback_days}) =>
  knownMedian(trailing(table.notional[a]!, d, lookback_days))
