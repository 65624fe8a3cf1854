const TIMEOUT_MS = 10_000

/**
 * What the practice venue says has traded: the oracle a recording is compared with. No other venue answers there.
 *
 * @returns the reply as it came; null when the venue keeps no tape, or does not answer any more
 */
export async function readTape(url: string, coin: string, from: number, to: number): Promise<unknown> {
  try {
    const response = await fetch(`${url}/_sim/tape`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: JSON.stringify({coin, from, to}),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return response.ok ? ((await response.json()) as unknown) : null
  } catch {
    return null
  }
}
