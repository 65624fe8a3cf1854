import type {Costs} from '../../contracts/costs.ts'
import type {ConfigurationRun} from './run-configuration.ts'

/** One thing that goes worse than the cost model says, as a change of the run. */
export interface Stress {
  readonly name: string
  readonly note: string
  readonly change: Pick<ConfigurationRun, 'costMultiplier' | 'delayBars'> & {readonly costs: Costs}
}

/** The stresses of the cost model that are runs of their own; auto-deleveraging is applied to returns. */
export function stressRuns(costs: Costs, venue: string): Stress[] {
  const own = costs.venues[venue]
  const worst = costs.settlement_worst_case.value
  return [
    {name: 'costs doubled', note: 'fees, spread, lag and impact × 2', change: {costs, costMultiplier: 2}},
    {
      name: 'impact doubled',
      note: `Y = ${costs.impact.stress_y.value}`,
      change: {costs: {...costs, impact: {...costs.impact, y: costs.impact.stress_y}}},
    },
    {name: 'one bar late', note: 'every fill a bar after its own', change: {costs, delayBars: 1}},
    ...(own === undefined
      ? []
      : [
          {
            name: 'worst settlement',
            note: `a contract that ends pays ${Math.round(100 * worst)} % less than its last price`,
            change: {
              costs: {
                ...costs,
                venues: {...costs.venues, [venue]: {...own, settlement: {...own.settlement, rule: 'unknown' as const}}},
              },
            },
          },
        ]),
  ]
}
