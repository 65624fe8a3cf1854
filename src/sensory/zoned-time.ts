import {Fault} from '../kernel/fault.ts'
import {DAY_MS, HOUR_MS} from '../kernel/instant.ts'

/**
 * Wall-clock readings of a time zone -> instants.
 *
 * `wall` is what the clock shows, written as if it were UTC. The hour that the clock shows twice in autumn has two
 * instants, the one it skips in spring none: the caller decides, nothing is guessed.
 *
 * @throws Fault `ingest.unknown_zone` (usage)
 */
export function zonedClock(zone: string): (wall: number) => readonly number[] {
  const format = formatterOf(zone)
  const offsets = new Map<number, number>()
  const offsetAt = (instant: number): number => {
    const hour = Math.floor(instant / HOUR_MS)
    let offset = offsets.get(hour)
    if (offset === undefined) {
      offset = wallOf(format, hour * HOUR_MS) - hour * HOUR_MS
      offsets.set(hour, offset)
    }
    return offset
  }
  return (wall) => {
    // No zone is more than a day away from UTC, so these two offsets are all that can apply.
    const candidates = new Set([offsetAt(wall - DAY_MS), offsetAt(wall + DAY_MS)].map((offset) => wall - offset))
    return [...candidates].filter((instant) => instant + offsetAt(instant) === wall).sort((a, b) => a - b)
  }
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new Fault('ingest.unknown_zone', {
      family: 'usage',
      what: `'${zone}' is not a time zone.`,
      why: 'A zone is a name of the IANA database.',
      next: ['--tz Europe/London', '--tz UTC'],
      cause,
    })
  }
}

function wallOf(format: Intl.DateTimeFormat, instant: number): number {
  const part: Record<string, number> = {}
  for (const {type, value} of format.formatToParts(instant)) part[type] = Number(value)
  return Date.UTC(part['year']!, part['month']! - 1, part['day'], part['hour'], part['minute'], part['second'])
}
