import {type Shape, sizeOf} from './families.ts'
import type {Rate} from './interval.ts'
import type {Measured} from './result.ts'

export type Row = readonly string[]

export const section = (title: string, ...parts: readonly string[]): string =>
  [`## ${title}`, ...parts.filter((part) => part !== '')].join('\n\n')

const line = (cells: Row): string => `| ${cells.join(' | ')} |`
export const table = (columns: Row, rows: readonly Row[]): string =>
  rows.length === 0 ? 'Not measured.' : [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')

export const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',')
export const percent = (x: number): string => (Number.isNaN(x) ? '–' : `${Number((100 * x).toPrecision(3))} %`)
export const share = ({count: k, of}: Rate): string => percent(k / of)
export const between = ({low, high}: Rate): string =>
  `${Number((100 * low).toPrecision(3))}–${Number((100 * high).toPrecision(3))} %`

export function familyOf({id, work}: Measured): {readonly shape: Shape} {
  if (work.kind !== 'family') throw new Error(`${id} is no family.`)
  return work
}

/** The name of a row as people read it. */
export const named = (id: string): string => id.replace('rho ', 'ρ ')

export const shapeOf = (cell: Measured): string => {
  const {shape} = familyOf(cell)
  return `${sizeOf(shape)}, ${count(shape.research)}, ${count(shape.vault)}`
}
