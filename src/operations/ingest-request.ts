import {Venue} from '../contracts/units.ts'
import {Fault} from '../kernel/fault.ts'
import type {IngestFileRequest} from './commit-file-rows.ts'
import type {ReplyRequest} from './ingest-reply.ts'

/**
 * `--request` and `--at` of a saved reply.
 *
 * @param at  epoch ms, null when it was not typed
 * @throws Fault `ingest.bad_request` (usage)
 */
export function replyAsked(text: string | undefined, at: number | null): ReplyRequest | null {
  if (text === undefined && at === null) return null
  const request = readObject(text ?? '')
  if (request !== null && at !== null) return {request, at}
  throw usage(
    'ingest.bad_request',
    request === null ? '--request is no JSON object with a type.' : 'When the reply came is not said.',
    'A saved reply says neither what it answers nor when it was there, and both decide what its rows mean.',
    `--request '{"type":"fundingHistory","coin":"BTC"}' --at 2023-07-17T00:00:00Z`,
  )
}

function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    const isRequest = typeof value === 'object' && value !== null && 'type' in value
    return isRequest ? (value as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}

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
  if (typed.reply && shape !== 'hl-capture') {
    throw usage(
      'ingest.bad_request',
      `--request does not belong to ${shape}.`,
      'It says what a saved reply of the Hyperliquid API answers.',
      '--as hl-capture',
    )
  }
  if (!(maxBad >= 0 && maxBad < 1)) {
    throw usage('ingest.bad_share', '--max-bad is not a share.', 'It is a number from 0 to below 1.', '--max-bad 0.05')
  }
  return {...typed, venue}
}

const usage = (code: `ingest.${string}`, what: string, why: string, next: string): Fault =>
  new Fault(code, {family: 'usage', what, why, next: [next]})
