import {isoOf} from '../../kernel/instant.ts'
import {cell, type Line, span} from '../line.ts'
import type {CockpitEvent} from '../view.ts'

const SHOWN = 10

/** The last ten things that any chain recorded, newest first. */
export function eventsPanel(events: readonly CockpitEvent[], asOf: number): Line[] {
  if (events.length === 0) return [[span('nothing recorded yet', 'quiet')]]
  const newest = [...events].sort((a, b) => b.ts - a.ts).slice(0, SHOWN)
  return newest.map(({ts, source, kind, detail}) => [
    span(`${stampOf(ts, asOf)} `, 'quiet'),
    span(`${cell(source, 9)} ${cell(kind, 14)} `),
    span(detail),
  ])
}

/** Time of day for today, the day for anything older. */
const stampOf = (ts: number, asOf: number): string => {
  const [text, today] = [isoOf(ts), isoOf(asOf).slice(0, 10)]
  return text.startsWith(today) ? `  ${text.slice(11, 19)}` : text.slice(0, 10)
}
