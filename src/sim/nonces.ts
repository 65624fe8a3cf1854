import {DAY_MS} from '../kernel/instant.ts'

const REMEMBERED = 100

/**
 * The venue's replay guard, per signer: a nonce must be new, larger than the smallest of the 100 highest used, and
 * within (T − 2 days, T + 1 day).
 *
 * @see spec hyperliquid.md §3, nonces
 */
export class NonceSet {
  /** ascending */
  readonly used: number[]

  constructor(used: readonly number[] = []) {
    this.used = [...used]
  }

  /** Null when the nonce may be used; otherwise why not. */
  refusal(nonce: number, times: readonly number[]): string | null {
    if (this.used.includes(nonce)) return `Invalid nonce: duplicate nonce ${nonce}`
    if (this.used.length === REMEMBERED && nonce < this.used[0]!) return `Invalid nonce: nonce too low ${nonce}`
    const inWindow = times.some((time) => nonce > time - 2 * DAY_MS && nonce < time + DAY_MS)
    return inWindow ? null : `Invalid nonce: nonce out of range ${nonce}`
  }

  use(nonce: number): void {
    this.used.push(nonce)
    this.used.sort((a, b) => a - b)
    if (this.used.length > REMEMBERED) this.used.shift()
  }
}
