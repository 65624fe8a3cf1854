import {closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs'

/** How many nonces one write to disk reserves. */
const BLOCK = 1_000
/** What a file that cannot be read reserves: nothing. */
const DAMAGED = -1

/**
 * Nonces that are never used twice, whatever dies and whatever the clocks do.
 *
 * The next nonce is the venue's time or one more than the last, whichever is larger. A block is reserved on disk before
 * its first nonce is used; a restart goes on behind the reserved block, and behind what the journal has seen.
 */
export class Nonces {
  readonly #path: string
  #last: number
  #reserved: number

  constructor(path: string) {
    this.#path = path
    this.#reserved = read(path)
    this.#last = this.#reserved
  }

  /** true when a nonce was ever taken here, as far as the file tells */
  get wereTaken(): boolean {
    return this.#reserved !== 0
  }

  /** Every action is journaled before it leaves: where the file was lost or damaged, the journal knows. */
  goOnBehind(used: readonly number[]): void {
    this.#last = used.reduce((last, nonce) => (Number.isSafeInteger(nonce) ? Math.max(last, nonce) : last), this.#last)
  }

  /** @param venueTime epoch ms by the venue's clock */
  next(venueTime: number): number {
    const nonce = Math.max(Math.floor(venueTime), this.#last + 1)
    try {
      if (nonce > this.#reserved) this.#reserve(nonce + BLOCK)
    } catch {
      // On a full disk: what is journaled under it tells a restart the same, and a halt may go on without both.
    }
    this.#last = nonce
    return nonce
  }

  #reserve(upTo: number): void {
    const temporary = `${this.#path}.tmp`
    const file = openSync(temporary, 'w', 0o600)
    try {
      writeSync(file, JSON.stringify({reserved: upTo}))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, this.#path)
    this.#reserved = upTo
  }
}

/**
 * The reserved end; 0 without a file. A damaged file tells only that nonces were taken: the journal has them, and a venue
 * refuses a nonce it has seen. It must not keep a halt from starting.
 */
function read(path: string): number {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 0 : DAMAGED
  }
  try {
    const {reserved} = JSON.parse(text) as {reserved: unknown}
    return typeof reserved === 'number' && Number.isSafeInteger(reserved) && reserved > 0 ? reserved : DAMAGED
  } catch {
    return DAMAGED
  }
}
