import {bar, cell, type Line, span, type Tone} from '../line.ts'
import type {LimitUse} from '../view.ts'

const SHOWN = 8

/** One bar per control, the fullest first: the subject nearest to its limit stands for its control. */
export function limitsPanel(uses: readonly LimitUse[]): Line[] {
  const worst = worstPerControl(uses)
  if (worst.length === 0) return [[span('no limit can be measured yet', 'quiet')]]
  const lines: Line[] = worst.slice(0, SHOWN).map((use) => {
    const used = use.used ?? Number.NaN
    const percent = Number.isNaN(used) ? '  –  ' : `${cell(String(Math.round(used * 100)), 4, 'right')}%`
    return [
      span(`${cell(use.control, 4)} ${cell(use.subject, 14)} `),
      span(bar(used, 12), toneOf(used)),
      span(` ${percent} `),
      span(mark(used), toneOf(used)),
      span(` ${measured(use)}`),
    ]
  })
  const rest = worst.slice(SHOWN)
  if (rest.length > 0) lines.push([span(`and ${rest.length} more, none fuller`, 'quiet')])
  return lines
}

/** `0.02 of 0.5 x equity`: the unit once, where both carry the same one. */
function measured({value, limit}: LimitUse): string {
  const unit = limit.replace(/^\S+/, '')
  return `${unit !== '' && value.endsWith(unit) ? value.slice(0, -unit.length) : value} of ${limit}`
}

/** Largest `used` per control; a use without a ratio comes last. */
export function worstPerControl(uses: readonly LimitUse[]): LimitUse[] {
  const worst = new Map<string, LimitUse>()
  for (const use of uses) {
    const held = worst.get(use.control)
    if (held === undefined || rank(use) > rank(held)) worst.set(use.control, use)
  }
  return [...worst.values()].sort((a, b) => rank(b) - rank(a) || (a.control < b.control ? -1 : 1))
}

const rank = ({used}: LimitUse): number => (used === null || Number.isNaN(used) ? -1 : used)
const mark = (used: number): string => (used > 1 ? 'OVER' : used >= 0.8 ? 'near' : '    ')
const toneOf = (used: number): Tone => (used > 1 ? 'alarm' : used >= 0.8 ? 'warning' : 'good')
