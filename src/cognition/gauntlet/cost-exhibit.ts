import type {Exhibit} from '../../contracts/exhibit.ts'
import {numbersOf, rounded} from './exhibits.ts'

/** Returns a year, fractions of equity. */
interface CostCurve {
  /** gross less funding */
  readonly beforeCosts: number
  /** fees, spread, lag and impact as modelled */
  readonly costs: number
  /** what the engine earned with every cost multiplied */
  readonly stress: {readonly multiplier: number; readonly net: number}
}

const MOST = 4

/** What is left a year when trading costs a multiple of what is modelled: net(k) = before − k · costs, from M18. */
export function costExhibit({beforeCosts, costs, stress}: CostCurve): Exhibit | null {
  if (![beforeCosts, costs, stress.net].every(Number.isFinite) || !(costs > 0)) return null
  const breakEven = beforeCosts / costs
  const to = Math.ceil(Math.max(MOST, stress.multiplier, Math.min(2 * MOST, 1.2 * breakEven)))
  const x = Array.from({length: 41}, (_, i) => rounded((i * to) / 40))
  const shown = breakEven > 0 && breakEven <= to
  return {
    kind: 'curves',
    ...{name: 'cost-curve', title: 'What is left a year when trading costs a multiple of the model'},
    ...{xKind: 'value', xLabel: 'times the modelled cost', yLabel: 'net return a year'},
    curves: [
      numbersOf(
        'net',
        x,
        x.map((k) => beforeCosts - k * costs),
      ),
    ],
    marks: [
      {axis: 'y', at: 0, label: ''},
      {axis: 'x', at: 1, label: 'as modelled'},
      {axis: 'x', at: stress.multiplier, label: `the gate: ${percent(stress.net)}`},
      ...(shown ? [{axis: 'x' as const, at: rounded(breakEven), label: `break-even at ${breakEven.toFixed(1)}`}] : []),
    ],
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
