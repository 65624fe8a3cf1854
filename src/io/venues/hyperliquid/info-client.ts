import type {Clock} from '../../../desk.ts'
import {Fault} from '../../../kernel/fault.ts'
import {Random} from '../../../kernel/random.ts'
import {systemClock} from '../../clock.ts'
import {transportReason} from './transport-reason.ts'
import {baseWeight, rowWeight, WeightBudget} from './weight-budget.ts'

export interface InfoClientOptions {
  /** base URL without path, e.g. `https://api.hyperliquid.xyz` */
  readonly url: string
  /** weight limit of this address; the venue's own is 1,200 a minute */
  readonly weightPerMinute?: number
  readonly timeoutMs?: number
  /** seed of the jitter */
  readonly seed?: string
  readonly clock?: Clock
}

export type InfoRequest = Readonly<Record<string, unknown>>

const WEIGHT_PER_MINUTE = 1200
const TIMEOUT_MS = 10_000
const BACKOFF_BASE_MS = 250
const BACKOFF_CAP_MS = 30_000
const MAX_ATTEMPTS = 6
/** `500 null` is how this venue says "no such coin or dex": once more in case it was not, then stop. */
const MAX_ATTEMPTS_NULL = 2

type Attempt =
  | {readonly kind: 'reply'; readonly body: unknown}
  | {readonly kind: 'refused'; readonly status: number; readonly text: string}
  | {readonly kind: 'retry'; readonly reason: string; readonly limited: boolean; readonly isNull: boolean}

/**
 * POST /info with one weighted budget, bounded retries and full jitter.
 *
 * Reads may be repeated, so timeouts, dropped sockets, 429 and 5xx are retried: sleep = random(0, min(cap, base·2^n)).
 *
 * @returns the parsed JSON as the venue sent it; `null` is a reply (unknown coin on l2Book)
 * @throws Fault `venue.unreachable`, `venue.rate_limited`, `venue.refused` (venue, exit 6)
 */
export function openInfoClient(options: InfoClientOptions): {
  info(request: InfoRequest): Promise<unknown>
  readonly budget: WeightBudget
} {
  const clock = options.clock ?? systemClock
  const budget = new WeightBudget(options.weightPerMinute ?? WEIGHT_PER_MINUTE, clock)
  const jitter = new Random(options.seed ?? `info-client|${options.url}`)
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS

  async function info(request: InfoRequest): Promise<unknown> {
    const type = String(request['type'])
    let last: Extract<Attempt, {kind: 'retry'}> | undefined
    for (let attempt = 0; attempt < (last?.isNull ? MAX_ATTEMPTS_NULL : MAX_ATTEMPTS); attempt++) {
      if (last) await clock.sleep(jitter.unit() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt))
      await budget.take(baseWeight(type))
      const outcome = await post(options.url, request, timeoutMs)
      if (outcome.kind === 'reply') {
        if (Array.isArray(outcome.body)) budget.charge(rowWeight(type, outcome.body.length))
        return outcome.body
      }
      if (outcome.kind === 'refused') throw refused(options.url, type, outcome)
      if (outcome.limited) budget.refused()
      last = outcome
    }
    throw exhausted(options.url, type, last!)
  }

  return {info, budget}
}

async function post(url: string, request: InfoRequest, timeoutMs: number): Promise<Attempt> {
  const retry = (reason: string, limited = false, isNull = false): Attempt => ({kind: 'retry', reason, limited, isNull})
  try {
    const response = await fetch(`${url}/info`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    if (response.status === 429) return retry('429 too many requests', true)
    if (response.status >= 500) return retry(`${response.status} ${text.slice(0, 80)}`, false, text === 'null')
    if (!response.ok) return {kind: 'refused', status: response.status, text: text.slice(0, 200)}
    return {kind: 'reply', body: JSON.parse(text)}
  } catch (cause) {
    if (cause instanceof SyntaxError) return retry('the reply is not JSON')
    return retry((cause as Error).name === 'TimeoutError' ? `no reply within ${timeoutMs} ms` : transportReason(cause))
  }
}

function refused(url: string, type: string, {status, text}: {status: number; text: string}): Fault {
  return new Fault('venue.refused', {
    family: 'venue',
    what: `${url} refused the request '${type}' with ${status}.`,
    why: text || 'The venue gave no reason.',
    next: ['qo doctor', 'check the coin and the interval against the venue'],
  })
}

function exhausted(url: string, type: string, {reason, limited}: {reason: string; limited: boolean}): Fault {
  if (limited) {
    return new Fault('venue.rate_limited', {
      family: 'venue',
      what: `${url} kept answering 429 to '${type}'.`,
      why: 'The weight limit of this address is used up, here or by another program on it.',
      next: ['wait a minute and run the command again: it continues where it stopped'],
    })
  }
  return new Fault('venue.unreachable', {
    family: 'venue',
    what: `${url} did not answer '${type}'.`,
    why: `The last of the bounded retries ended with: ${reason}.`,
    next: ['qo doctor', 'run the command again: it continues where it stopped'],
  })
}
