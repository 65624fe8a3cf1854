import type {Desk, VenuePort} from '../desk.ts'
import {type Mark, markOf} from '../sensory/grade.ts'
import {venueTimeOf} from '../sensory/venue-rows.ts'
import {readIngestConfig} from './read-lake.ts'

/** The venue's clock decides which candle is still running; ours may be minutes off. */
export async function venueClock(desk: Desk, venue: VenuePort): Promise<{now: number; skewMs: number}> {
  const before = desk.clock.now()
  const time = venueTimeOf(await venue.info({type: 'exchangeStatus'}))
  // The venue looked at its clock some time between our two looks.
  const skewMs = Math.round((before + desk.clock.now()) / 2 - time)
  return {now: desk.asOfGiven ? Math.min(time, desk.asOf) : time, skewMs}
}

/** How far our clock is off, against its limits. The practice venue has a time of its own. */
export async function clockMark(desk: Desk, venue: string, skewMs: number): Promise<{skewMs: number; mark: Mark}> {
  const {quality} = await readIngestConfig(desk)
  return {skewMs, mark: venue === 'sim' ? 'ok' : markOf(Math.abs(skewMs), quality.clock_skew_ms)}
}
