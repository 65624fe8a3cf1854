import {knownMedian} from '../../kernel/median.ts'
import {type Measure, trailing} from './measure.ts'
import {meanAndDeviation, trailingReturns} from './trailing-returns.ts'

/**
 * What it costs to enter one position of the declared capital, bps: half-spread plus square-root impact.
 *
 * The position is `capital_usd / top`; half-spread from the cost model's table by median daily notional; impact
 * Y · σ · sqrt(position / notional), σ daily over the lookback.
 *
 * @see costs.yaml; Tóth et al. (2011), Anomalous price impact and the critical nature of liquidity
 */
export const cost: Measure = (table, a, d, {lookback_days}, {capital_usd, top}, {spread, impact}) => {
  const notional = knownMedian(trailing(table.notional[a]!, d, lookback_days))
  const {sigma} = meanAndDeviation(trailingReturns(table, a, d, lookback_days))
  const row = spread.rows.find(({min_daily_notional_usd}) => notional >= min_daily_notional_usd)
  const impactBps = impact.y.value * sigma * Math.sqrt(capital_usd / top / notional) * 10_000
  return (row?.half_spread_bps ?? Number.NaN) + impactBps
}
