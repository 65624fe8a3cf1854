import type {Clock, VenueWeight} from '../../../desk.ts'
import {Fault} from '../../../kernel/fault.ts'
import {Random} from '../../../kernel/random.ts'
import {systemClock} from '../../clock.ts'
import {type Attempt, postInfo} from './post-info.ts'
import {baseWeight, mostWeight, ownBudget, rowWeight, type WeightBudget} from './weight-budget.ts'
import type {Lane} from './weight-window.ts'

export interface InfoClientOptions {
  /** base URL without path, e.g. `https://api.hyperliquid.xyz` */
  readonly url: string
  /** default: a budget of this client alone at the venue's 1,200 a minute */
  readonly budget?: WeightBudget
  /** default: `bulk` for history, `read` for everything else */
  readonly lane?: Lane
  readonly timeoutMs?: number
  /** seed of the jitter; default: this process's own, so that processes do not come back together */
  readonly seed?: string
  readonly clock?: Clock
}

export type InfoRequest = Readonly<Record<string, unknown>>

export const WEIGHT_PER_MINUTE = 1200
const TIMEOUT_MS = 10_000
const BACKOFF_BASE_MS = 250
const BACKOFF_CAP_MS = 30_000

type Trouble = Extract<Attempt, {kind: 'retry'}>

/** Requests per kind of trouble. `500 null` is how this venue says "no such coin or dex": it is not asked for ever. */
const MAX_ATTEMPTS: Readonly<Record<Trouble['trouble'], number>> = {limited: 10, unknown: 3, malformed: 4, lost: 6}

const HISTORY = new Set(['candleSnapshot', 'fundingHistory'])

/**
 * POST /info with one weighted budget, bounded retries and full jitter.
 *
 * Reads may be repeated, so timeouts, dropped sockets, broken JSON, 429 and 5xx are: sleep = random(0, min(cap, base·2^n)),
 * or what `Retry-After` says. After a 429 the shared budget pauses everybody in the lanes below the guard's.
 *
 * @returns the parsed JSON as the venue sent it; `null` is a reply (unknown coin on l2Book)
 * @throws Fault `venue.unreachable`, `venue.rate_limited`, `venue.no_such_coin`, `venue.malformed`, `venue.refused`
 *   (venue, exit 6)
 */
export function openInfoClient(options: InfoClientOptions): {
  info(request: InfoRequest): Promise<unknown>
  weight(): Promise<VenueWeight>
} {
  const clock = options.clock ?? systemClock
  const budget = options.budget ?? ownBudget(WEIGHT_PER_MINUTE, clock)
  const jitter = new Random(options.seed ?? `info-client|${options.url}|${process.pid}`)
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS

  async function info(request: InfoRequest): Promise<unknown> {
    const type = String(request['type'])
    const lane = options.lane ?? (HISTORY.has(type) ? 'bulk' : 'read')
    for (let attempt = 1; ; attempt++) {
      const ticket = await budget.take(lane, mostWeight(request))
      const outcome = await postInfo(options.url, request, timeoutMs)
      if (outcome.kind === 'reply') {
        const rows = Array.isArray(outcome.body) ? outcome.body.length : 0
        await budget.settle(ticket, baseWeight(type) + rowWeight(type, rows))
        return outcome.body
      }
      await budget.settle(ticket, baseWeight(type))
      if (outcome.kind === 'refused') throw refused(options.url, request, outcome)
      const {trouble, retryAfterMs} = outcome
      if (trouble === 'limited') await budget.refused(lane, jitter.unit(), retryAfterMs)
      if (attempt >= MAX_ATTEMPTS[trouble]) throw exhausted(options.url, request, outcome)
      await clock.sleep(retryAfterMs ?? jitter.unit() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt))
    }
  }

  return {info, weight: () => budget.look()}
}

/** What was asked, in words: `candleSnapshot BTC`. */
function subject(request: InfoRequest): string {
  const coin = request['coin'] ?? (request['req'] as InfoRequest | undefined)?.['coin']
  return [request['type'], ...(coin === undefined ? [] : [coin])].join(' ')
}

function refused(url: string, request: InfoRequest, {status, text}: {status: number; text: string}): Fault {
  return new Fault('venue.refused', {
    family: 'venue',
    what: `${url} refused '${subject(request)}' with ${status}.`,
    why: text || 'The venue gave no reason.',
    next: ['qo doctor', 'check the coin and the interval against the venue'],
  })
}

const CODES = {
  limited: 'venue.rate_limited',
  unknown: 'venue.no_such_coin',
  malformed: 'venue.malformed',
  lost: 'venue.unreachable',
} as const

function exhausted(url: string, request: InfoRequest, {trouble, reason}: Trouble): Fault {
  const said: Readonly<Record<Trouble['trouble'], readonly [what: string, why: string]>> = {
    limited: [
      'kept answering 429 to',
      'The weight limit of this address is used up, here or by another program on it.',
    ],
    unknown: [
      'knows nothing of what was asked by',
      'It answers 500 null, its way of saying that there is no such coin.',
    ],
    malformed: ['kept answering broken JSON to', 'What cannot be read for certain is not stored.'],
    lost: ['did not answer', `The last of the bounded retries ended with: ${reason}.`],
  }
  const [what, why] = said[trouble]
  return new Fault(CODES[trouble], {
    family: 'venue',
    what: `${url} ${what} '${subject(request)}'.`,
    why,
    next: [
      ...(trouble === 'unknown' ? ['check the coin against the list of the venue'] : ['qo doctor']),
      'run the command again: it continues where it stopped',
    ],
  })
}
