import {ago, cell, type Line, span} from '../line.ts'
import type {LakeView, TableFreshness} from '../view.ts'

const SHOWN = 8
/** A table this many bars behind has missed an ingest. */
const LATE_BARS = 2

/** How old the newest row of each table is, and what is missing inside; the latest first. */
export function dataPanel({tables, now}: LakeView): Line[] {
  const lines: Line[] = tables.slice(0, SHOWN).map((table) => {
    const name = [table.table, table.venue, table.interval].filter((part) => part !== null).join(' ')
    const late = isLate(table)
    const gaps = table.openGaps > 0
    return [
      span(`${cell(name, 24)} ${cell(String(table.rows), 9, 'right')} rows · `),
      span(`${ago(now - table.newest)} old`, late ? 'warning' : 'plain'),
      span(late ? ' LATE' : '', 'warning'),
      span(gaps ? ` · ${table.openGaps} gaps` : '', 'warning'),
    ]
  })
  if (tables.length > SHOWN) lines.push([span(`and ${tables.length - SHOWN} more: qo lake status`, 'quiet')])
  return lines
}

export const isLate = ({barsBehind}: TableFreshness): boolean => barsBehind !== null && barsBehind > LATE_BARS
