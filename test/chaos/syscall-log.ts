import {readFileSync} from 'node:fs'

/** System calls that change files, or make them last. */
export const FILE_CALLS = [
  ...['openat', 'write', 'pwrite64', 'writev', 'pwritev', 'ftruncate', 'fsync', 'fdatasync'],
  ...['link', 'linkat', 'rename', 'renameat', 'renameat2', 'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'rmdir'],
] as const

/** One system call that succeeded. `began` and `ended` are lines of the log: two calls of two threads may overlap. */
export type FileCall = {readonly began: number; readonly ended: number} & (
  | {readonly call: 'open'; readonly path: string; readonly truncates: boolean; readonly creates: boolean}
  | {readonly call: 'write'; readonly path: string; readonly offset: number | null; readonly bytes: Buffer}
  | {readonly call: 'truncate'; readonly path: string; readonly size: number}
  | {readonly call: 'sync'; readonly path: string}
  | {readonly call: 'link' | 'rename'; readonly path: string; readonly to: string}
  | {readonly call: 'unlink' | 'mkdir'; readonly path: string}
)

/** Words that put a program under strace so that `readSyscallLog` understands the log. */
export const tracing = (log: string): string[] => [
  ...['strace', '-f', '-y', '-xx', '-s', '4000000', '--seccomp-bpf', '-o', log, '-e', `trace=${FILE_CALLS.join(',')}`],
]

/** The successful file calls of an `strace -f -y -xx` log, in the order in which they ended. */
export function readSyscallLog(path: string): FileCall[] {
  const waiting = new Map<string, {began: number; text: string}>()
  const calls: FileCall[] = []
  for (const [line, text] of readFileSync(path, 'latin1').split('\n').entries()) {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(text) ?? []
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(rest)
    if (unfinished) {
      waiting.set(pid, {began: line, text: unfinished[1]!})
      continue
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const begun = resumed ? waiting.get(pid) : undefined
    waiting.delete(pid)
    const call = callOf(begun ? begun.text + resumed![1] : rest, begun?.began ?? line, line)
    if (call) calls.push(call)
  }
  return calls
}

function callOf(text: string, began: number, ended: number): FileCall | null {
  const [, name = '', rest = '', result = ''] = /^(\w+)\((.*)\)\s+= (-?\d+)/s.exec(text) ?? []
  if (name === '' || Number(result) < 0) return null
  const at = {began, ended}
  const texts = [...rest.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex]) => bytesOf(hex!))
  const named = (k: number): string => texts[k]?.toString() ?? ''
  const path = pathOfDescriptor(rest)
  switch (name) {
    case 'openat':
      return {...at, call: 'open', path: named(0), truncates: /O_TRUNC/.test(rest), creates: /O_CREAT/.test(rest)}
    case 'write':
    case 'writev':
      return {...at, call: 'write', path, offset: null, bytes: Buffer.concat(texts).subarray(0, Number(result))}
    case 'pwrite64':
    case 'pwritev': {
      const offset = Number(/, (\d+)$/.exec(rest)?.[1])
      return {...at, call: 'write', path, offset, bytes: Buffer.concat(texts).subarray(0, Number(result))}
    }
    case 'ftruncate':
      return {...at, call: 'truncate', path, size: Number(/, (\d+)$/.exec(rest)?.[1])}
    case 'fsync':
    case 'fdatasync':
      return {...at, call: 'sync', path}
    case 'link':
    case 'linkat':
      return {...at, call: 'link', path: named(0), to: named(1)}
    case 'rename':
    case 'renameat':
    case 'renameat2':
      return {...at, call: 'rename', path: named(0), to: named(1)}
    case 'unlink':
    case 'unlinkat':
    case 'rmdir':
      return {...at, call: 'unlink', path: named(0)}
    default:
      return {...at, call: 'mkdir', path: named(0)}
  }
}

/** `18<\x2f\x74…>, …` → the path behind the descriptor. A file that was unlinked meanwhile is marked by strace. */
const pathOfDescriptor = (rest: string): string =>
  bytesOf(/^\d+<((?:\\x[0-9a-f]{2})*)>/.exec(rest)?.[1] ?? '').toString()

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll('\\x', ''), 'hex')
