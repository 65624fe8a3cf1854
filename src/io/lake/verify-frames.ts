import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {gunzip} from 'node:zlib'
import type {LakeCommit, LakeFile, LakeProblem} from '../../desk.ts'
import {decodeSegment} from '../wal/frame-format.ts'

const unzip = promisify(gunzip)

/** Raw frames are commits of this table; they are no Parquet. */
export const FRAMES = 'frames'

/** `<day>-<first seq>-<hash12>.wal.gz` */
const firstOf = (path: string): number => Number(/-(\d+)-[0-9a-f]{12}\.wal\.gz$/.exec(path)?.[1] ?? Number.NaN)

/** Frames of one archived segment by sequence number. */
export interface FrameSpan {
  readonly path: string
  readonly first: number
  readonly last: number
}

/**
 * Unzip one archived segment and check every frame by its CRC-32C: as many must be whole as were when it was committed.
 *
 * @returns what is wrong in words, or which frames it holds
 */
export async function checkFrames(root: string, file: LakeFile): Promise<string | FrameSpan> {
  const first = firstOf(file.path)
  if (!Number.isFinite(first)) return 'its name does not say which frame comes first'
  let content: Buffer
  try {
    content = await unzip(await readFile(join(root, file.path)))
  } catch (cause) {
    return `not readable: ${(cause as Error).message}`
  }
  const {frames, intact} = decodeSegment(content, first)
  if (intact !== file.rows) return `${intact} whole frames instead of ${file.rows}`
  const times = frames.map(({receivedAt}) => receivedAt).filter((at) => at > 0)
  const extreme = (pick: (a: number, b: number) => number): number => Math.floor(times.reduce(pick, times[0] ?? 0))
  const [min, max] = [extreme((a, b) => Math.min(a, b)), extreme((a, b) => Math.max(a, b))]
  if (min !== file.min_ts || max !== file.max_ts) return 'first or last receive time differs from the commit'
  return {path: file.path, first, last: frames.at(-1)!.seq}
}

/** Sequence numbers of each source: no frame in two files, none outside what its commit says, none between commits. */
export function checkSequences(commits: readonly LakeCommit[], spans: ReadonlyMap<string, FrameSpan>): LakeProblem[] {
  const problems: LakeProblem[] = []
  const reached = new Map<string, number>()
  for (const {table, frames, files, n} of commits) {
    if (table !== FRAMES || !frames) continue
    const {source, from, to} = frames
    const expected = (reached.get(source) ?? 0) + 1
    const say = (file: string, problem: string): void => {
      problems.push({file, problem, kind: 'contents'})
    }
    const name = files[0]?.path ?? `commit ${n}`
    if (from > expected) say(name, `frames ${expected} to ${from - 1} of ${source} are in no commit`)
    if (from < expected) say(name, `frames ${from} to ${expected - 1} of ${source} were committed before`)
    let last = from - 1
    const inside = files.flatMap(({path}) => spans.get(path) ?? []).sort((a, b) => a.first - b.first)
    for (const span of inside) {
      if (span.first <= last) say(span.path, `it repeats frames of ${source} from ${span.first} on`)
      if (span.last > to) say(span.path, `it goes on to frame ${span.last}, its commit only to ${to}`)
      last = span.last
    }
    reached.set(source, Math.max(to, expected - 1))
  }
  return problems
}
