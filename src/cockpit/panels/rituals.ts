import {ago, cell, type Line, span, type Tone} from '../line.ts'
import {isDue, type RitualStanding} from '../rituals/ritual-standing.ts'

/** Who signed what, until when; what is due says DUE. */
export function ritualsPanel(standings: readonly RitualStanding[], asOf: number): Line[] {
  return standings.map((standing) => {
    const tone: Tone = isDue(standing) ? 'warning' : 'good'
    const story: Record<RitualStanding['state'], string> = {
      never: 'never done',
      failed: 'last attempt failed',
      expired: `expired ${standing.expiresAt === null ? '' : `${ago(asOf - standing.expiresAt)} ago`}`,
      void: `void: ${standing.because ?? 'something it vouched for has changed'}`,
      valid: `valid for ${standing.expiresAt === null ? '?' : ago(standing.expiresAt - asOf)}`,
    }
    return [
      span(`${cell(standing.ritual, 16)} `),
      span(isDue(standing) ? 'DUE ' : 'ok  ', tone),
      span(story[standing.state]),
    ]
  })
}
