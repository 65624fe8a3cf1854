import {isoOf} from '../kernel/instant.ts'
import {cell, clip, type Line, MARGIN, span, WIDTH, within} from './line.ts'
import {accountPanel, ordersPanel} from './panels/account.ts'
import {costsPanel} from './panels/costs.ts'
import {dataPanel} from './panels/data-freshness.ts'
import {eventsPanel} from './panels/events.ts'
import {guardPanel} from './panels/guard.ts'
import {hypothesesPanel} from './panels/hypotheses.ts'
import {limitsPanel} from './panels/limits.ts'
import {ritualsPanel} from './panels/rituals.ts'
import type {Reading} from './reading.ts'
import type {CockpitView} from './view.ts'

/**
 * One frame of the cockpit: nine sections, most urgent first, 80 columns, a pure function of what was read.
 *
 * A section whose source is missing or damaged says so in its own place and never hides the others.
 *
 * @returns lines of at most 80 columns; `paint` turns them into text
 */
export function cockpitFrame(view: CockpitView): Line[] {
  const right = isoOf(view.asOf).replace(/\.\d+Z$/, 'Z')
  const title = clip(`qo cockpit · ${view.workspace} · ${view.venue ?? 'venue unknown'}`, WIDTH - right.length - 1)
  const rule: Line = [span('─'.repeat(WIDTH), 'quiet')]
  return [
    [span(cell(title, WIDTH - right.length), 'strong'), span(right)],
    rule,
    ...section('GUARD', guardPanel(view.guard, view.asOf)),
    ...section('LIMITS', panelOf(view.limits, limitsPanel)),
    ...section(
      'ACCOUNT',
      panelOf(view.account, (account) => accountPanel(account, view.asOf)),
    ),
    ...section('ORDERS', panelOf(view.account, ordersPanel)),
    ...section('DATA', panelOf(view.lake, dataPanel)),
    ...section('HYPOTHESES', panelOf(view.hypotheses, hypothesesPanel)),
    ...section('COSTS', panelOf(view.cycle, costsPanel)),
    ...section(
      'RITUALS',
      panelOf(view.rituals, (rituals) => ritualsPanel(rituals, view.asOf)),
    ),
    ...section(
      'EVENTS',
      panelOf(view.events, (events) => eventsPanel(events, view.asOf)),
    ),
    rule,
  ]
}

function panelOf<T>(reading: Reading<T>, panel: (value: T) => Line[]): Line[] {
  if (reading.state === 'read') return panel(reading.value)
  if (reading.state === 'none') return [[span(reading.why, 'quiet')]]
  return [[span('UNREADABLE', 'alarm'), span(` ${reading.why.replaceAll('\n', ' ')}`)]]
}

function section(name: string, lines: readonly Line[]): Line[] {
  return lines.map((line, i) => [span((i === 0 ? name : '').padEnd(MARGIN), 'strong'), ...within(line, WIDTH - MARGIN)])
}
