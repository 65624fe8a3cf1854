import type {TradeRow} from '../../contracts/trade.ts'
import {type Line, span} from '../line.ts'

/** What the last cycle of trade did and paid, as it recorded itself. */
export function costsPanel({
  as_of,
  mode,
  state,
  traded,
  vetoed,
  notional_usd,
  cost_bps,
}: TradeRow<'cycle_ended'>): Line[] {
  const cost = cost_bps === null ? 'no cost: nothing filled' : `${cost_bps.toFixed(1)} bps all in`
  return [
    [
      span(`${cost} on ${notional_usd.toFixed(0)} USD · ${traded} traded, ${vetoed} vetoed · `),
      span(state, state === 'done' || state === 'nothing' ? 'good' : 'warning'),
    ],
    [span(`${mode} cycle of ${as_of.slice(0, 16)}Z`, 'quiet')],
  ]
}
