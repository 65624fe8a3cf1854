import {Fault} from '../kernel/fault.ts'
import {type SocketCaps, VENUE_CAPS} from './feeds/socket-limits.ts'

/** How the venue treats its clients. The market itself depends on the seed, not on the scenario. */
export interface Scenario {
  readonly name: string
  /** request weight an address may spend in a minute */
  readonly weightPerMinute: number
  /** widens the scripted half-spread */
  readonly spread: number
  /** scales the size shown at each level */
  readonly depth: number
  /** what an address may do with sockets */
  readonly sockets: SocketCaps
}

/** For demonstrations and tests that open many sockets one after the other. */
const GENEROUS: SocketCaps = {...VENUE_CAPS, connections: 100, connectsPerMinute: 10_000, messagesPerMinute: 1_000_000}

const SCENARIOS: readonly Scenario[] = [
  {name: 'demo', weightPerMinute: 1_200_000, spread: 1, depth: 1, sockets: GENEROUS},
  {name: 'calm', weightPerMinute: 1200, spread: 1, depth: 1, sockets: VENUE_CAPS},
  {name: 'thin', weightPerMinute: 1200, spread: 4, depth: 0.1, sockets: VENUE_CAPS},
]

/** @throws Fault `sim.unknown_scenario` (usage) */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name)
  if (found) return found
  throw new Fault('sim.unknown_scenario', {
    family: 'usage',
    what: `There is no scenario '${name}'.`,
    why: `The practice venue knows ${SCENARIOS.map((scenario) => scenario.name).join(', ')}.`,
    next: ['qo sim serve --scenario demo'],
  })
}
