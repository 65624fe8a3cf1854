import {Fault} from '../../kernel/fault.ts'
import {refusalOf} from '../refusal.ts'

/** What DuckDB says when the file system refuses: it passes the system's own words on, not its codes. */
const WORDS: readonly (readonly [code: string, words: RegExp])[] = [
  ['ENOSPC', /No space left on device/i],
  ['EDQUOT', /quota exceeded/i],
  ['EROFS', /Read-only file system/i],
  ['EACCES', /Permission denied/i],
  ['EPERM', /Operation not permitted/i],
  ['EIO', /Input\/output error/i],
]

/** A failed write to the lake by its cause; anything that is no matter of the disk stays what it is. */
export function diskFault(cause: unknown): unknown {
  if (cause instanceof Fault || !(cause instanceof Error)) return cause
  const code = (cause as NodeJS.ErrnoException).code ?? WORDS.find(([, words]) => words.test(cause.message))?.[0]
  const refusal = refusalOf(code)
  const why = `${cause.message.split('\n')[0]}. Nothing was committed: readers see the lake as it was.`
  if (refusal === 'full') {
    return new Fault('lake.disk_full', {
      ...{family: 'data', what: 'There is no room to write to the lake.', why, cause},
      next: ['free space on this disk', 'run the command again: what was committed is not written twice'],
    })
  }
  if (refusal === 'unwritable') {
    return new Fault('lake.unwritable', {
      ...{family: 'data', what: 'This process may not write to the lake.', why, cause},
      next: ['check owner and permissions of data/lake, or run qo doctor'],
    })
  }
  if (refusal === 'broken') {
    return new Fault('lake.write_failed', {
      ...{family: 'data', what: 'The disk failed while the lake was written.', why, cause},
      next: ['check the disk (dmesg)', 'qo lake verify', 'run the command again'],
    })
  }
  return cause
}
