import type {Desk, WalWriter} from '../desk.ts'
import {type Coalesced, coalesceWal} from './coalesce-wal.ts'

type Totals = Pick<Coalesced, 'added' | 'unchanged' | 'rejected'>

/**
 * Commits while the recorder reads on: the running segment is finished, what is finished becomes rows.
 *
 * A commit that fails loses nothing, since the frames stay in the log: it is told, and the next one takes them along.
 */
export class StreamCommits {
  readonly #desk: Desk
  readonly #wal: WalWriter
  readonly #source: string
  #running: Promise<void> | null = null
  #total: Totals = {added: 0, unchanged: 0, rejected: 0}
  readonly warnings: string[] = []

  constructor(desk: Desk, wal: WalWriter, source: string) {
    this.#desk = desk
    this.#wal = wal
    this.#source = source
  }

  get total(): Totals {
    return this.#total
  }

  take({added, unchanged, rejected}: Totals): void {
    const {total} = this
    this.#total = {
      added: total.added + added,
      unchanged: total.unchanged + unchanged,
      rejected: total.rejected + rejected,
    }
  }

  /** Begin a commit unless one runs. */
  start(): void {
    this.#running ??= this.#commit().finally(() => {
      this.#running = null
    })
  }

  async settle(): Promise<void> {
    await this.#running
  }

  async #commit(): Promise<void> {
    try {
      await this.#wal.rotate()
      this.take(await coalesceWal(this.#desk, this.#source))
      // A batch is a hundred times what stays: left to itself the engine keeps the largest there ever was.
      await this.#desk.machine.tidy()
    } catch (cause) {
      this.warnings.push(`a commit failed and was left to the next one: ${(cause as Error).message.split('\n')[0]}`)
    }
  }
}
