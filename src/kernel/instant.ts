import {Fault} from './fault.ts'

/** Milliseconds of each candle interval; months are calendar objects and not offered. */
export const INTERVAL_MS = {
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '4h': 14_400_000,
  '8h': 28_800_000,
  '12h': 43_200_000,
  '1d': 86_400_000,
} as const

export type Interval = keyof typeof INTERVAL_MS

export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
export const YEAR_MS = 365 * DAY_MS

/** Epoch ms -> ISO 8601 with milliseconds, UTC: the one text form of a time. */
export const isoOf = (ms: number): string => new Date(ms).toISOString()

/** Epoch ms -> `yyyy-mm-dd`, UTC. */
export const dayOf = (ms: number): string => isoOf(ms).slice(0, 10)

/** Epoch ms -> ISO text that is safe in a file name: `2025-03-01T00-00-00-000Z`. */
export const fileStampOf = (ms: number): string => isoOf(ms).replaceAll(/[:.]/g, '-')

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/

/**
 * ISO 8601 -> epoch ms. A date alone is midnight UTC; a time without a zone is refused, never guessed.
 *
 * @throws Fault `instant.invalid` (usage)
 */
export function parseInstant(text: string): number {
  const ms = ISO.test(text) ? Date.parse(text) : Number.NaN
  const day = text.slice(0, 10)
  // Date.parse rolls 2025-02-30 over to March: a day that does not survive the round trip does not exist.
  const exists = !Number.isNaN(ms) && dayOf(Date.parse(`${day}T00:00:00Z`)) === day
  if (!exists) {
    throw new Fault('instant.invalid', {
      family: 'usage',
      what: `'${text}' is not a time.`,
      why: 'A time is ISO 8601 with a zone; a date alone is midnight UTC.',
      next: ['write it like 2025-03-01 or 2025-03-01T00:00:00Z'],
    })
  }
  return ms
}

/** `8h`, `30m`, `2d`, `90s` -> ms. @throws Fault `duration.invalid` (usage) */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text)
  const unit = {ms: 1, s: 1000, m: 60_000, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS}[match?.[2] ?? '']
  if (!match || unit === undefined) {
    throw new Fault('duration.invalid', {
      family: 'usage',
      what: `'${text}' is not a duration.`,
      why: 'A duration is a number and a unit: ms, s, m, h, d or w.',
      next: ['write it like 90s, 5m, 8h or 7d'],
    })
  }
  return Number(match[1]) * unit
}
