import {Fault} from '../../kernel/fault.ts'
import {refusalOf} from '../refusal.ts'

/** What a failed write means for the log, in terms of what to do next. A Fault stays what it is. */
export function diskFault(cause: unknown, doing: string): Fault {
  if (cause instanceof Fault) return cause
  const {code, message} = cause as NodeJS.ErrnoException
  const refusal = refusalOf(code)
  if (refusal === 'full') {
    return new Fault('wal.disk_full', {
      family: 'data',
      what: `There is no room to ${doing}.`,
      why: `${message}. Frames that were not durable yet are not counted as ingested; everything before them stays readable.`,
      next: ['free space on this disk', 'run the command again: it goes on behind the last durable frame'],
      cause,
    })
  }
  if (refusal === 'unwritable') {
    return new Fault('wal.unwritable', {
      family: 'data',
      what: `This process may not ${doing}.`,
      why: `${message}. Nothing was changed; what is there stays readable.`,
      next: ['check owner and permissions of data/lake, or run qo doctor'],
      cause,
    })
  }
  return new Fault('wal.write_failed', {
    family: 'data',
    what: `The disk failed to ${doing}.`,
    why: `${message}. After a failed write the state of the file is unknown, so nothing more goes into it and no frame of it is acknowledged.`,
    next: ['check the disk (dmesg)', 'run the command again: it starts a new segment behind the last intact frame'],
    cause,
  })
}
