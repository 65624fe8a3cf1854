import {MOST_STEPS} from '../../contracts/returns.ts'
import {Fault} from '../../kernel/fault.ts'
import {DAY_MS, dayOf} from '../../kernel/instant.ts'

/** Returns by UTC day, oldest first. */
export interface DailyReturns {
  /** days since the epoch of the first value */
  readonly first: number
  /** shape [D], sum of the simple returns of each day */
  readonly values: Float64Array
}

/** Series of one grid as they are stored: a common first day (null: nothing moved), 16 bits a value. */
export interface PackedReturns {
  readonly first_day: string | null
  readonly days: number
  readonly points: readonly {readonly unit: number; readonly steps: string}[]
}

/**
 * Sum bars into UTC days, so that hypotheses of any bar can be compared.
 *
 * Leading days without any movement are left out: a warm-up is not a return.
 *
 * @param ts   opens, epoch ms, ascending, shape [T]
 * @param net  simple net return of each bar, shape [T]
 */
export function dailyReturns(ts: ArrayLike<number>, net: ArrayLike<number>): DailyReturns {
  const day = (t: number): number => Math.floor(ts[t]! / DAY_MS)
  let t = 0
  while (t < net.length && net[t] === 0) t++
  if (t === net.length) return {first: 0, values: new Float64Array(0)}
  const first = day(t)
  const values = new Float64Array(day(net.length - 1) - first + 1)
  for (; t < net.length; t++) values[day(t) - first]! += net[t]!
  return {first, values}
}

/** The stored form of a grid. */
export function packReturns(columns: readonly DailyReturns[]): PackedReturns {
  const moving = columns.filter(({values}) => values.length > 0)
  if (moving.length === 0) return {first_day: null, days: 0, points: columns.map(() => ({unit: 0, steps: ''}))}
  const first = Math.min(...moving.map((column) => column.first))
  const days = Math.max(...moving.map((column) => column.first + column.values.length)) - first
  return {first_day: dayOf(first * DAY_MS), days, points: columns.map((column) => packed(column, first, days))}
}

function packed({first, values}: DailyReturns, from: number, days: number): {unit: number; steps: string} {
  const largest = values.reduce((most, r) => Math.max(most, Math.abs(r)), 0)
  if (largest === 0) return {unit: 0, steps: ''}
  const unit = largest / MOST_STEPS
  const words = Array<string>(days).fill('0000')
  for (const [i, r] of values.entries()) {
    const step = Math.round(r / unit)
    words[first - from + i] = (step < 0 ? step + 0x1_0000 : step).toString(16).padStart(4, '0')
  }
  return {unit, steps: words.join('')}
}

/**
 * The stored form back, one series per grid point.
 *
 * @throws Fault `returns.malformed` (data) when a point has another number of values than its file says
 */
export function unpackReturns({first_day, days, points}: PackedReturns): DailyReturns[] {
  const first = first_day === null ? 0 : Date.parse(`${first_day}T00:00:00Z`) / DAY_MS
  return points.map(({unit, steps}) => {
    if (unit === 0) return {first, values: new Float64Array(0)}
    if (steps.length !== 4 * days) {
      throw new Fault('returns.malformed', {
        family: 'data',
        what: `A stored return series has ${steps.length / 4} days where its file says ${days}.`,
        why: 'Kinship is decided on these numbers; a series of another length is not the one that was measured.',
        next: ['git checkout -- hypotheses/returns', 'qo gauntlet'],
      })
    }
    const values = Float64Array.from({length: days}, (_, i) => {
      const word = Number.parseInt(steps.slice(4 * i, 4 * i + 4), 16)
      return unit * (word > MOST_STEPS ? word - 0x1_0000 : word)
    })
    return {first, values}
  })
}
