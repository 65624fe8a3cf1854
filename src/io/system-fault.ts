import {Fault} from '../kernel/fault.ts'
import {refusalOf} from './refusal.ts'

/** What the operating system refused, by its cause; an error that is none of its refusals stays what it is. */
export function systemFault(cause: unknown): unknown {
  if (cause instanceof Fault || !(cause instanceof Error)) return cause
  const {code, path, syscall} = cause as NodeJS.ErrnoException
  if (syscall === undefined) return cause
  const refusal = refusalOf(code)
  const place = path ?? 'a file of the workspace'
  const why = `${cause.message}. What was written before stays: each file is written whole or not at all.`
  if (refusal === 'unwritable') {
    return new Fault('workspace.unwritable', {
      ...{family: 'data', what: `This process may not write ${place}.`, why, cause},
      next: ['check owner and permissions of the workspace', 'qo doctor'],
    })
  }
  if (refusal === 'full') {
    return new Fault('workspace.disk_full', {
      ...{family: 'data', what: `There is no room to write ${place}.`, why, cause},
      next: ['free space on this disk', 'run the command again'],
    })
  }
  if (refusal === 'too many files') {
    return new Fault('workspace.too_many_files', {
      ...{family: 'data', what: 'The system allows this process no more open files.', why, cause},
      next: ['raise the limit: ulimit -n 4096', 'run the command again'],
    })
  }
  if (refusal === 'broken') {
    return new Fault('workspace.disk_failed', {
      ...{family: 'data', what: `The disk failed at ${place}.`, why, cause},
      next: ['check the disk (dmesg)', 'qo lake verify', 'run the command again'],
    })
  }
  return cause
}
