import type {FileCall} from './syscall-log.ts'

type Linked = Extract<FileCall, {call: 'link' | 'rename'}>

/** Steps of the write path that did not come in the promised order, in words; empty when all is well. */
type Disorder = string[]

/**
 * fsync(data file) < link < fsync(its folder) < fsync(commit) < link(commit) < fsync(commits) < word.
 *
 * `a < b` means that a had ended before b began, whatever thread made them. The lake links where others rename: a
 * rename would replace a file, and no verb of the lake overwrites.
 *
 * @param said  the acknowledgement on standard output
 */
export function lakeDisorder(calls: readonly FileCall[], said: string): Disorder {
  const disorder: Disorder = []
  const links = calls.filter((call): call is Linked => call.call === 'link')
  const commits = links.filter(({to}) => /\/commits\/\d{12}\.json$/.test(to))
  const files = links.filter(({to}) => !commits.some((commit) => commit.to === to))
  const word = calls.find((call) => call.call === 'write' && call.bytes.toString() === said)
  if (files.length === 0 || commits.length !== 1 || !word) return ['there is no append in this log']
  const [commit] = commits as [(typeof commits)[0]]
  const syncs = (path: string): FileCall[] => calls.filter((call) => call.call === 'sync' && call.path === path)
  const before = (what: string, some: readonly FileCall[], after: number, limit: FileCall): void => {
    const fits = some.some(({began, ended}) => began > after && ended < limit.began)
    if (!fits) disorder.push(what)
  }
  for (const link of files) {
    const [name, folder] = [link.to.split('/').at(-1), link.to.replace(/\/[^/]+$/, '')]
    const lastWrite = Math.max(...calls.filter(writes(link.path)).map(({ended}) => ended))
    before(`fsync of ${name} between its last write and its link`, syncs(link.path), lastWrite, link)
    before(`fsync of the folder between the link of ${name} and the commit`, syncs(folder), link.ended, commit)
  }
  const lastWrite = Math.max(...calls.filter(writes(commit.path)).map(({ended}) => ended))
  before('fsync of the commit between its last write and its link', syncs(commit.path), lastWrite, commit)
  const folder = commit.to.replace(/\/[^/]+$/, '')
  before('fsync of commits between the link and the word', syncs(folder), commit.ended, word)
  if (calls.some((call) => call.call === 'rename')) disorder.push('something was renamed')
  return disorder
}

/** write < fdatasync < word, for every word of the log of raw frames; segments are never renamed or truncated. */
export function walDisorder(calls: readonly FileCall[]): Disorder {
  const disorder: Disorder = []
  const isSegment = (path: string): boolean => path.endsWith('.wal')
  let words = 0
  for (const word of calls) {
    if (word.call !== 'write' || !word.bytes.toString().startsWith('durable ')) continue
    words++
    for (const write of calls) {
      if (write.call !== 'write' || !isSegment(write.path) || write.began > word.began) continue
      const isSynced = calls.some(
        ({call, path, began, ended}) =>
          call === 'sync' && path === write.path && began > write.ended && ended < word.began,
      )
      if (!isSynced) disorder.push(`${word.bytes.toString().trim()} before the fdatasync of a write`)
    }
    for (const made of calls) {
      if (made.call !== 'open' || !made.creates || !isSegment(made.path) || made.began > word.began) continue
      const folder = made.path.replace(/\/[^/]+$/, '')
      const isListed = calls.some(({call, path, began}) => call === 'sync' && path === folder && began > made.ended)
      if (!isListed) disorder.push(`${made.path} before the fsync of its folder`)
    }
  }
  return words === 0 ? ['there is no acknowledgement in this log'] : disorder
}

const writes = (path: string) => (call: FileCall) => call.call === 'write' && call.path === path
