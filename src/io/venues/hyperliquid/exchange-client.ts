import type {Signature} from './signing.ts'
import {transportReason} from './transport-reason.ts'

/** The envelope of POST /exchange. Optional keys are left out, never null. */
export interface SignedAction {
  readonly action: Readonly<Record<string, unknown>>
  readonly nonce: number
  readonly signature: Signature
  readonly expiresAfter?: number
  readonly vaultAddress?: string
}

/**
 * What is known after one POST /exchange.
 *
 * `ok`: committed; `response` is the venue's, and single items may still have failed inside it.
 * `err`: the whole request was refused, nothing was placed.
 * `unknown`: it may or may not have been committed; resolve by cloid, never resend with a new nonce.
 */
export type ExchangeOutcome =
  | {readonly kind: 'ok'; readonly response: ExchangeResponse}
  | {readonly kind: 'err'; readonly message: string}
  | {readonly kind: 'unknown'; readonly reason: string}

export interface ExchangeResponse {
  /** `order`, `cancel`, `default`, … */
  readonly type: string
  readonly data?: {readonly statuses?: readonly unknown[]}
}

/** Refusals made before an action is looked at: malformed body, wrong method or type, too many requests. */
const REFUSED_UNREAD = new Set([400, 405, 415, 422, 429])

/**
 * Send one signed action, once. Never resends: the nonce makes a resend harmless, but only the caller knows whether a
 * late execution is still wanted.
 *
 * @param url  base URL without path
 * @see spec hyperliquid.md §3; risk.md §0.3: an HTTP error is not a failed order
 */
export async function postExchange(
  url: string,
  body: SignedAction,
  {timeoutMs}: {readonly timeoutMs: number},
): Promise<ExchangeOutcome> {
  let status: number
  let text: string
  try {
    const response = await fetch(`${url}/exchange`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    })
    status = response.status
    text = await response.text()
  } catch (error) {
    const timedOut = (error as Error).name === 'TimeoutError'
    return {kind: 'unknown', reason: timedOut ? `no reply within ${timeoutMs} ms` : transportReason(error)}
  }
  if (REFUSED_UNREAD.has(status)) return {kind: 'err', message: `HTTP ${status} ${text.slice(0, 200)}`.trim()}
  if (status !== 200) return {kind: 'unknown', reason: `HTTP ${status} ${text.slice(0, 80)}`.trim()}
  return parseReply(text)
}

/** HTTP 200 does not mean success, and a reply that cannot be read says nothing about the order. */
function parseReply(text: string): ExchangeOutcome {
  let reply: unknown
  try {
    reply = JSON.parse(text)
  } catch {
    return {kind: 'unknown', reason: 'the reply is not JSON'}
  }
  const {status, response} = (reply ?? {}) as {status?: unknown; response?: unknown}
  if (status === 'err' && typeof response === 'string') return {kind: 'err', message: response}
  if (status === 'ok' && typeof (response as ExchangeResponse | undefined)?.type === 'string') {
    return {kind: 'ok', response: response as ExchangeResponse}
  }
  return {kind: 'unknown', reason: `the reply has an unknown shape: ${text.slice(0, 80)}`}
}
