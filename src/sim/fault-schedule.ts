import {Random} from '../kernel/random.ts'
import type {Controlled} from './control.ts'
import {armFault} from './market-faults.ts'
import type {PlannedFault} from './scenario.ts'

/** Share of a period in which what a returning client meets is armed, and when everybody is made to return. */
const FIRST_PART = 0.4
const LAST_DROP = 0.6

/** Arm what the scenario plans, from now on: the fixed faults at once, those of chaos period by period. */
export function startSchedule(venue: Controlled): void {
  const {scenario, clock} = venue.state
  const {faults, chaos, name} = scenario
  const start = clock.now()
  for (const {afterMs, ...planned} of faults) arm(venue, planned, start + afterMs)
  if (chaos === null) return
  const {periodMs, first, any} = chaos
  const random = new Random(`qo-sim|chaos|${name}|${venue.feeds.seed}`)
  const plan = (from: number): void => {
    spread(random, first, from, periodMs * FIRST_PART, (planned, at) => arm(venue, planned, at))
    spread(random, any, from, periodMs, (planned, at) => arm(venue, planned, at))
    arm(venue, {id: 'ws.drop.1006'}, from + periodMs * LAST_DROP)
    venue.feeds.at(from + periodMs, () => plan(from + periodMs))
  }
  plan(start)
}

/** One slot each, in random order, at a random instant of the slot. */
function spread(
  random: Random,
  planned: readonly PlannedFault[],
  from: number,
  span: number,
  use: (planned: PlannedFault, at: number) => void,
): void {
  const slot = span / planned.length
  for (const [i, fault] of random.shuffle([...planned]).entries()) {
    use(fault, Math.floor(from + (i + 0.2 + 0.6 * random.unit()) * slot))
  }
}

const arm = (venue: Controlled, planned: PlannedFault, at: number): void =>
  void armFault(venue, {after: 0, prob: 1, ...planned, at})
