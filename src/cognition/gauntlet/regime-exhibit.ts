import type {Exhibit} from '../../contracts/exhibit.ts'
import {rounded, roundedOrNull} from './exhibits.ts'

/** Sharpe of each class of bars beside that of all of them. */
export const regimeExhibit = (
  regimes: readonly {readonly name: string; readonly bars: number; readonly sharpe: number}[],
  whole: number,
): Exhibit => ({
  kind: 'bars',
  ...{name: 'regimes', title: 'Annual net Sharpe by regime', xLabel: 'Sharpe', yLabel: ''},
  categories: regimes.map(({name, bars}) => `${name} (${bars} bars)`),
  values: regimes.map(({sharpe}) => roundedOrNull(sharpe)),
  marks: Number.isFinite(whole) ? [{at: rounded(whole), label: 'all bars'}] : [],
})
