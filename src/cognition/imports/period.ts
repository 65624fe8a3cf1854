import {Fault} from '../../kernel/fault.ts'
import {DAY_MS, HOUR_MS, isoOf, YEAR_MS} from '../../kernel/instant.ts'

export interface Period {
  readonly name: string
  /** A */
  readonly perYear: number
  /** nominal length, ms */
  readonly ms: number
  /** periods that the span has room for and the file has no row of */
  readonly missing: number
}

/** More missing periods than this are no record of a strategy but a selection from it. */
const MOST_MISSING = 0.05

/**
 * The period of a record, from its times: months, weeks, business days, days, or a fixed number of minutes.
 *
 * Business days are days without a Saturday or Sunday; holidays are no gaps there (up to the same share as any).
 *
 * @param ts     epoch ms, strictly ascending, at least 3
 * @throws Fault `import.irregular` (data), naming the line after which the first odd step comes
 */
export function periodOf(ts: Float64Array, lineOf: (row: number) => number): Period {
  const steps = Array.from({length: ts.length - 1}, (_, i) => ts[i + 1]! - ts[i]!)
  const monthly = steps.filter((step) => step >= 28 * DAY_MS && step <= 31 * DAY_MS).length
  if (monthly > 0.8 * steps.length) return checked(ts, steps, {name: 'month', perYear: 12, ms: YEAR_MS / 12}, lineOf)
  const common = mode(steps)
  const isWeekend = (ms: number): boolean => [0, 6].includes(new Date(ms).getUTCDay())
  if (common === DAY_MS && steps.some((step) => step >= 3 * DAY_MS) && !ts.some(isWeekend))
    return checked(ts, steps, {name: 'business day', perYear: 252, ms: YEAR_MS / 252}, lineOf)
  return checked(ts, steps, {name: nameOf(common), perYear: YEAR_MS / common, ms: common}, lineOf)
}

function checked(
  ts: Float64Array,
  steps: readonly number[],
  period: Omit<Period, 'missing'>,
  lineOf: (row: number) => number,
): Period {
  const room = Math.round((ts.at(-1)! - ts[0]!) / period.ms) + 1
  const missing = Math.max(0, room - ts.length)
  const fixed = period.name !== 'month' && period.name !== 'business day'
  const odd = steps.findIndex((step) => fixed && step % period.ms !== 0)
  const share = missing / room
  // Nominal months and business days do not add up to the day.
  if (odd < 0 && (share <= MOST_MISSING || (!fixed && missing <= 2)) && room >= ts.length * (1 - MOST_MISSING))
    return {...period, missing}
  const row = odd < 0 ? steps.findIndex((step) => step > 1.5 * period.ms) : odd
  const at = Math.max(0, row)
  throw new Fault('import.irregular', {
    family: 'data',
    what: `The rows do not come once a ${period.name}: ${odd < 0 ? `${missing} of ${room} are missing` : `line ${lineOf(at + 1)} is off the grid`}.`,
    why: `After line ${lineOf(at)} (${isoOf(ts[at]!)}) the next row is ${isoOf(ts[at + 1]!)}. A Sharpe is annualised by its period, and periods that were left out may be the bad ones.`,
    next: ['put in every period, with 0 where nothing was held', 'qo hypothesis import --help'],
  })
}

function mode(steps: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const step of steps) counts.set(step, (counts.get(step) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]![0]
}

function nameOf(ms: number): string {
  if (ms === 7 * DAY_MS) return 'week'
  if (ms % DAY_MS === 0) return ms === DAY_MS ? 'day' : `${ms / DAY_MS} days`
  if (ms % HOUR_MS === 0) return ms === HOUR_MS ? 'hour' : `${ms / HOUR_MS} hours`
  return `${ms / 60_000} minutes`
}
