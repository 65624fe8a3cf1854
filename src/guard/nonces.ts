import {closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync} from 'node:fs'

/** How many nonces one write to disk reserves. */
const BLOCK = 1_000

/**
 * Nonces that are never used twice, whatever dies and whatever the clocks do.
 *
 * The next nonce is the venue's time or one more than the last, whichever is larger. A block is reserved on disk before
 * its first nonce is used; a restart goes on behind the reserved block.
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

  /** @param venueTime epoch ms by the venue's clock */
  next(venueTime: number): number {
    const nonce = Math.max(Math.floor(venueTime), this.#last + 1)
    if (nonce > this.#reserved) this.#reserve(nonce + BLOCK)
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

/** The reserved end, 0 without a file. A file that cannot be read stops the guard: it could repeat a nonce. */
function read(path: string): number {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw cause
  }
  const {reserved} = JSON.parse(text) as {reserved: unknown}
  if (typeof reserved !== 'number' || !Number.isSafeInteger(reserved)) throw new Error(`${path} holds no nonce`)
  return reserved
}
