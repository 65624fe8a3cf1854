import {cell, type Line, span} from '../line.ts'
import type {HypothesisStanding} from '../view.ts'

const SHOWN = 6
/** Nearest to money first. */
const ORDER = [
  ...['scaled', 'pilot', 'validated', 'eligible', 'registered', 'insufficient', 'draft'],
  ...['decayed', 'rejected', 'invalid', 'retired'],
]

/** Hypotheses by state, then those nearest to money with their last word. */
export function hypothesesPanel(standings: readonly HypothesisStanding[]): Line[] {
  const counts = new Map<string, number>()
  for (const {state} of standings) counts.set(state, (counts.get(state) ?? 0) + 1)
  const states = [...counts].sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
  const sorted = [...standings].sort((a, b) => place(a.state) - place(b.state) || (a.id < b.id ? -1 : 1))
  const lines: Line[] = [
    [span(states.map(([state, count]) => `${count} ${state}`).join(' · '))],
    ...sorted
      .slice(0, SHOWN)
      .map(({id, state, note}): Line => [span(`${cell(id, 25)} ${cell(state, 11)} `), span(note)]),
  ]
  if (sorted.length > SHOWN) lines.push([span(`and ${sorted.length - SHOWN} more: qo hypothesis list`, 'quiet')])
  return lines
}

/** A state this cockpit has never heard of sorts last and is still shown. */
const place = (state: string): number => {
  const index = ORDER.indexOf(state)
  return index < 0 ? ORDER.length : index
}
