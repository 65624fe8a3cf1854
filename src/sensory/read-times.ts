import {TIME_UNITS, type TimeUnit} from '../contracts/ingest.ts'
import {Fault} from '../kernel/fault.ts'
import {zonedClock} from './zoned-time.ts'

/** Before this no coin traded: a time out of range is a wrong unit, not a market. */
const EARLIEST = Date.UTC(2009, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)

const TO_MS: Readonly<Record<TimeUnit, (value: number) => number>> = {
  s: (value) => Math.round(value * 1000),
  ms: (value) => value,
  us: (value) => Math.floor(value / 1000),
}

export interface Times {
  /** epoch ms; NaN where the row has a trouble */
  readonly ts: Float64Array
  /** row -> why its time cannot be used */
  readonly troubles: ReadonlyMap<number, string>
}

/** Numbers in seconds, milli- or microseconds -> epoch ms; microseconds are cut, as the venues' own times are. */
export function timesOfNumbers(values: Float64Array, unit: TimeUnit): Times {
  const troubles = new Map<number, string>()
  const ts = unit === 'ms' ? values : values.map(TO_MS[unit])
  let out: Float64Array | null = null
  for (let i = 0; i < ts.length; i++) {
    const ms = ts[i]!
    if (ms >= EARLIEST && ms < LATEST && Number.isInteger(ms)) continue
    // Copy on the first trouble only: a clean column of a large file is used as it is.
    out ??= Float64Array.from(ts)
    out[i] = Number.NaN
    troubles.set(i, Number.isNaN(ms) ? 'time is missing or not a number' : outOfRange(values[i]!, unit))
  }
  return {ts: out ?? ts, troubles}
}

/** The reason names the unit in which the number would be a time: a hint for the user, never taken by itself. */
function outOfRange(value: number, unit: TimeUnit): string {
  const likely = TIME_UNITS.find((other) => {
    const ms = TO_MS[other](value)
    return other !== unit && ms >= EARLIEST && ms < LATEST
  })
  return `time out of range, read as ${unit}${likely === undefined ? '' : ` (as ${likely} it would fit)`}`
}

const TEXT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/

/**
 * Texts -> epoch ms. With a zone in the text that zone holds; a date alone is midnight UTC; a local time needs `zone`.
 *
 * @throws Fault `ingest.unknown_time_zone` (data) for a local time without `zone`; `ingest.unknown_zone` (usage)
 */
export function timesOfTexts(texts: readonly string[], zone: string | null): Times {
  const clock = zone === null ? null : zonedClock(zone)
  const ts = new Float64Array(texts.length).fill(Number.NaN)
  const troubles = new Map<number, string>()
  for (const [i, text] of texts.entries()) {
    const match = TEXT.exec(text.trim())
    const wall = match ? wallOf(match) : Number.NaN
    if (match === null || Number.isNaN(wall)) {
      troubles.set(i, text.trim() === '' ? 'time is missing' : `time not readable: '${text}'`)
      continue
    }
    if (match[4] === undefined) ts[i] = wall
    else if (match[8] !== undefined) ts[i] = wall - offsetOf(match[8])
    else if (clock === null) throw unknownTimeZone(text)
    else {
      const instants = clock(wall)
      if (instants.length === 1) ts[i] = instants[0]!
      else troubles.set(i, `${instants.length === 0 ? 'skipped' : 'ambiguous'} local time '${text}' in ${zone}`)
    }
    if (ts[i]! < EARLIEST || ts[i]! >= LATEST) {
      ts[i] = Number.NaN
      troubles.set(i, `time out of range: '${text}'`)
    }
  }
  return {ts, troubles}
}

function wallOf([, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0']: RegExpExecArray): number {
  const ms = Math.trunc(Number(`0.${fraction}`) * 1000)
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms)
  // Date.UTC rolls 2025-02-30 over to March.
  const exists = new Date(wall).getUTCDate() === Number(day) && Number(hour) < 24 && Number(minute) < 60
  return exists ? wall : Number.NaN
}

function offsetOf(text: string): number {
  if (text === 'Z' || text === 'UTC') return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(-2))]
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

export const unknownTimeZone = (example: string): Fault =>
  new Fault('ingest.unknown_time_zone', {
    family: 'data',
    what: `The times have no zone, like '${example}'.`,
    why: 'A local time names up to two instants; the zone is asked for, never guessed.',
    next: ['--tz UTC', '--tz Europe/London'],
  })
