import {transportReason} from './transport-reason.ts'

/**
 * What became of one POST /info.
 *
 * `limited`: 429. `unknown`: 500 with body `null`, the venue's "no such coin or dex". `malformed`: 200 with broken JSON.
 * `lost`: timeout, dropped socket, any other 5xx. A 4xx is refused: asking again changes nothing.
 */
export type Attempt =
  | {readonly kind: 'reply'; readonly body: unknown}
  | {readonly kind: 'refused'; readonly status: number; readonly text: string}
  | {
      readonly kind: 'retry'
      readonly trouble: 'limited' | 'unknown' | 'malformed' | 'lost'
      readonly reason: string
      /** what the server asked for; null when it did not say */
      readonly retryAfterMs: number | null
    }

/** Longer than this no server is waited for in one go. */
const MOST_RETRY_AFTER_MS = 60_000

/** Send one info request, once. */
export async function postInfo(url: string, request: unknown, timeoutMs: number): Promise<Attempt> {
  let response: Response
  let text: string
  try {
    response = await fetch(`${url}/info`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutMs),
    })
    text = await response.text()
  } catch (cause) {
    const isLate = (cause as Error).name === 'TimeoutError'
    const reason = isLate ? `no reply within ${timeoutMs} ms` : transportReason(cause)
    return {kind: 'retry', trouble: 'lost', reason, retryAfterMs: null}
  }
  const {status} = response
  const retryAfterMs = waitAsked(response.headers.get('retry-after'))
  if (status === 429) return {kind: 'retry', trouble: 'limited', reason: '429 too many requests', retryAfterMs}
  if (status >= 500) {
    const isNull = status === 500 && text.trim() === 'null'
    const reason = `${status} ${text.slice(0, 80)}`.trim()
    return {kind: 'retry', trouble: isNull ? 'unknown' : 'lost', reason, retryAfterMs}
  }
  if (!response.ok) return {kind: 'refused', status, text: text.slice(0, 200)}
  try {
    return {kind: 'reply', body: JSON.parse(text)}
  } catch {
    return {kind: 'retry', trouble: 'malformed', reason: 'the reply is not JSON', retryAfterMs: null}
  }
}

/** `Retry-After` in ms: seconds or a date; null when absent or not readable. */
function waitAsked(header: string | null): number | null {
  if (header === null) return null
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(seconds) ? Math.min(MOST_RETRY_AFTER_MS, Math.max(0, seconds)) : null
}
