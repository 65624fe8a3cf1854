import type {GauntletVerdict} from '../contracts/gauntlet.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {INTERVAL_MS, type Interval, isoOf} from '../kernel/instant.ts'

/**
 * A decision time that nobody has reached: after now, and after every bar of the lake. The practice venue's clock may be
 * ahead of ours, so now alone decides nothing.
 *
 * @throws Fault `as_of.ahead` (usage)
 */
export async function refuseAhead(desk: Desk): Promise<void> {
  const now = desk.clock.now()
  if (!desk.asOfGiven || desk.asOf <= now) return
  const closes = (await desk.lake.commits()).flatMap(({files, interval}) =>
    files.map(({max_ts}) => max_ts + (interval === null ? 0 : INTERVAL_MS[interval as Interval])),
  )
  const newest = closes.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (desk.asOf <= newest) return
  throw new Fault('as_of.ahead', {
    family: 'usage',
    what: `${isoOf(desk.asOf)} has not come yet.`,
    why: `It is ${isoOf(now)}, and the newest row of the lake is of ${Number.isFinite(newest) ? isoOf(newest) : 'no time: it is empty'}. What is decided then will be decided on rows that nobody has.`,
    next: ['leave --as-of out: the decision time is now', 'qo lake status'],
  })
}

/**
 * A stored verdict answers for the data it was judged on, not for an earlier day on which they were not known.
 *
 * @throws Fault `gauntlet.judged_later` (usage)
 */
export function requireKnownThen(desk: Desk, {hypothesis, provenance: {data_as_of: until}}: GauntletVerdict): void {
  if (!desk.asOfGiven || until === null || Date.parse(until) <= desk.asOf) return
  throw new Fault('gauntlet.judged_later', {
    family: 'usage',
    what: `${hypothesis} was judged on data up to ${until}, and not as of ${isoOf(desk.asOf)}.`,
    why: 'The window of a rule is frozen when it is registered: a verdict as of an earlier day would be another trial on other rows, and the stored one is not its answer.',
    next: [`qo gauntlet ${hypothesis}, without --as-of`, `qo hypothesis show ${hypothesis}`],
  })
}
