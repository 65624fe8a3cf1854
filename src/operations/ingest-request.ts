import {Venue} from '../contracts/units.ts'
import {Fault} from '../kernel/fault.ts'
import type {IngestFileRequest} from './commit-file-rows.ts'

/**
 * What was typed, when it is enough to import a file: nothing missing is guessed.
 *
 * @throws Fault `ingest.venue_needed`, `ingest.interval_needed`, `ingest.bad_share` (usage)
 */
export function askedFor(typed: Omit<IngestFileRequest, 'venue'> & {readonly venue: string | null}): IngestFileRequest {
  const {venue, interval, shape, maxBad} = typed
  if (venue === null || !Venue.safeParse(venue).success) {
    throw usage(
      'ingest.venue_needed',
      venue === null ? 'The venue of the file is not said.' : `'${venue}' is not a venue name.`,
      'A coin is another asset at another venue; names are lower-case letters, digits and _.',
      '--venue binance',
    )
  }
  if (shape === 'ohlcv' && interval === null) {
    throw usage(
      'ingest.interval_needed',
      'The length of the bars is not said.',
      'A bar is available at its close, and only its length tells when that is.',
      '--interval 1h',
    )
  }
  if (shape !== 'ohlcv' && interval !== null) {
    throw usage(
      'ingest.interval_needed',
      `--interval does not belong to ${shape}.`,
      'Only bars have a length.',
      'leave --interval away',
    )
  }
  if (!(maxBad >= 0 && maxBad < 1)) {
    throw usage('ingest.bad_share', '--max-bad is not a share.', 'It is a number from 0 to below 1.', '--max-bad 0.05')
  }
  return {...typed, venue}
}

const usage = (code: `ingest.${string}`, what: string, why: string, next: string): Fault =>
  new Fault(code, {family: 'usage', what, why, next: [next]})
