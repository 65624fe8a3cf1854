import type {Desk, OversizeFrame, SourceFile} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {RawRows, Reject} from '../sensory/check-rows.ts'
import {rejectCounts} from '../sensory/ingest-report.ts'

/** Name of what an import leaves: the file's own name and the first digits of its content. */
export const stemOf = ({name, sha256}: Pick<SourceFile, 'name' | 'sha256'>): string =>
  `${name.replace(/\.(csv|parquet|json|jsonl|ndjson)?(\.gz)?$/i, '').replaceAll(/[^\w-]+/g, '-')}-${sha256.slice(0, 8)}`

/** Every rejected row with its line, reason and cells; null when there is none. */
export async function leaveQuarantine(
  desk: Desk,
  file: SourceFile,
  rejects: readonly Reject[],
): Promise<string | null> {
  if (rejects.length === 0) return null
  const path = `data/quarantine/${stemOf(file)}.jsonl`
  const rows = rejects.map(({row}) => row)
  const [lines, cells] = [await file.lineNumbers(rows), await file.cells(rows)]
  const head = {artifact: 'quarantine@1', file: file.name, sha256: file.sha256, rows: rejects.length}
  const entries = rejects.map(({reason}, i) => ({line: lines[i], reason, cells: cells[i]}))
  await desk.files.writeText(path, `${[head, ...entries].map((entry) => JSON.stringify(entry)).join('\n')}\n`)
  return path
}

/** The same for rows that came over the network: one file per content. */
export async function leaveRowQuarantine(
  desk: Desk,
  name: string,
  raw: RawRows,
  rejects: readonly Reject[],
): Promise<void> {
  if (rejects.length === 0) return
  const entries = rejects.map(({row, reason}) => {
    const cells = Object.entries(raw.numbers).map(([field, values]) => [field, String(values[row])] as const)
    return JSON.stringify({reason, cells: {coin: raw.coin[row], ts: raw.ts[row], ...Object.fromEntries(cells)}})
  })
  const sha256 = await desk.lake.digest(entries)
  const head = JSON.stringify({artifact: 'quarantine@1', file: name, sha256, rows: rejects.length})
  await desk.files.writeText(
    `data/quarantine/${name}-${sha256.slice(0, 8)}.jsonl`,
    `${[head, ...entries].join('\n')}\n`,
  )
}

/** A frame that is too large to keep: what it began with, its size and its hash. The same one is described once. */
export async function leaveFrameQuarantine(
  desk: Pick<Desk, 'files'>,
  receivedAt: number,
  {bytes, sha256, head}: OversizeFrame,
): Promise<void> {
  const note = {artifact: 'quarantine@1', receivedAt, bytes, sha256, head}
  await desk.files.writeText(`data/quarantine/frame-${sha256.slice(0, 12)}.json`, `${JSON.stringify(note)}\n`)
}

/** Too much of the file is no market data: then the rest is not to be trusted either. */
export function tooManyBad(
  name: string,
  rows: number,
  rejects: readonly Reject[],
  {maxBad}: {maxBad: number},
  quarantine: string | null,
): Fault {
  const [first] = rejectCounts(rejects)
  const fits = /as (\w+) it would fit/.exec(first?.[0] ?? '')?.[1]
  return new Fault('ingest.too_many_bad', {
    family: 'data',
    what: `${rejects.length} of ${rows} rows of ${name} are no market data; the lake is unchanged.`,
    why: [
      `At most ${(maxBad * 100).toFixed(2)} % may be bad.`,
      ...rejectCounts(rejects)
        .slice(0, 3)
        .map(([reason, count]) => `${count} × ${reason}`),
    ].join(' '),
    next: [
      ...(fits === undefined ? [] : [`--unit ${fits}`]),
      ...(quarantine === null ? [] : [`look into ${quarantine}`]),
      'take it from a better source, or raise --max-bad',
    ],
  })
}

export const emptyFile = (name: string): Fault =>
  new Fault('ingest.empty_file', {
    family: 'data',
    what: `${name} has no rows; the lake is unchanged.`,
    why: 'There is nothing to import.',
    next: ['check the path'],
  })
