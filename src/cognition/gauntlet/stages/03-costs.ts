import type {GauntletConfig} from '../../../contracts/gauntlet.ts'
import {mean, type Series, sum} from '../../statistics/series.ts'
import {above, atLeast, atMost, drawn, type Gate, type Judgement, reported, stageOf} from '../check.ts'
import {costExhibit} from '../cost-exhibit.ts'

/** The primary rule on the research window, per bar, as fractions of equity. */
export interface CostsInput {
  readonly net: Series
  /** the same rule with every trading cost multiplied by the stress */
  readonly stressed: Series
  /** the same rule filled one bar later */
  readonly delayed: Series
  /** before trading cost, funding included */
  readonly beforeCosts: Series
  readonly turnover: Series
  /** half-spread paid, >= 0 */
  readonly spread: Series
  readonly fees: Series
  readonly impactAndLag: Series
  /** largest position of a coin over its median daily notional, maximum over coins */
  readonly notionalShare: number
  readonly notionalAsset: string
  /** the transfer test of a rule that trades on another venue than it was researched on */
  readonly transfer?: readonly Gate[]
  readonly periodsPerYear: number
}

/** Stage 3: the edge is bigger than what it costs to collect, and does not hang on one exact bar. */
export function judgeCosts(input: CostsInput, limits: GauntletConfig['costs']): Judgement {
  const {net, turnover, periodsPerYear: A} = input
  const [traded, kept] = [sum(turnover), mean(net)]
  const perUnit = (cost: Series): number => (traded > 0 ? sum(cost) / traded : Number.NaN)
  const breakEven = perUnit(input.beforeCosts)
  const paid = (perUnit(input.fees) + perUnit(input.spread) + perUnit(input.impactAndLag)) * 1e4
  const gates = [
    above('turnover', traded, 0, {note: traded > 0 ? '' : 'the rule never trades'}),
    above(`annual net return at ${limits.stress_multiplier}x costs`, mean(input.stressed) * A, 0),
    atLeast(
      'share of the net return kept when filled one bar later',
      kept > 0 ? mean(input.delayed) / kept : Number.NaN,
      limits.min_delay_retention,
      {note: kept > 0 ? '' : 'there is no net return to keep'},
    ),
    drawn(
      atLeast('break-even cost per unit traded, bp', breakEven * 1e4, perUnit(input.spread) * 1e4, {
        note: 'against the half-spread it pays',
      }),
      costExhibit({
        beforeCosts: mean(input.beforeCosts) * A,
        costs: (mean(input.fees) + mean(input.spread) + mean(input.impactAndLag)) * A,
        stress: {multiplier: limits.stress_multiplier, net: mean(input.stressed) * A},
      }),
    ),
    above('cost per unit traded, bp', paid, 0, {
      note: `fees ${bp(perUnit(input.fees))}, half-spread ${bp(perUnit(input.spread))}, impact and lag ${bp(perUnit(input.impactAndLag))}`,
      because: 'Nobody trades for nothing: the cost file of this hypothesis charges neither fee nor spread nor impact.',
    }),
    atMost(
      'largest position over the median daily notional of its coin',
      input.notionalShare,
      limits.max_notional_share,
      {
        note: input.notionalAsset,
      },
    ),
    ...(input.transfer ?? []),
    reported('annual net return', kept * A),
    reported('annual turnover', mean(turnover) * A, 'times equity, one way'),
  ]
  const said = `It still earns at ${limits.stress_multiplier} times the modelled cost and one bar late.`
  return stageOf(3, 'costs', gates, said)
}

const bp = (fraction: number): string => `${(fraction * 1e4).toFixed(1)} bp`
