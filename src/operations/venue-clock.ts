import type {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {venueNow} from './trade-venue.ts'

/**
 * Now, by the clock that the data of this workspace follow: ours, except that the practice venue keeps its own.
 *
 * @returns epoch ms; null while the practice venue is not running, because its time stands still then
 */
export async function venueClock(desk: Desk, exchange: QoConfig['exchange']): Promise<number | null> {
  if (exchange !== 'sim' || desk.asOfGiven) return desk.asOf
  if ((await desk.processes.liveSim()) === null) return null
  return venueNow(await desk.venue('sim'))
}
