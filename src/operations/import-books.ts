import {Book} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {distinctRows} from '../sensory/frames/distinct-rows.ts'
import {BookColumns} from '../sensory/frames/tick-columns.ts'
import type {ContextImport, Imported} from './import-contexts.ts'
import {stemOf} from './quarantine.ts'

type Json = Readonly<Record<string, unknown>>

/** Silence between two books that is a hole, ms: the archive holds about two a second. */
const MOST_SILENCE_MS = 60_000

/**
 * One hour of books of one coin: a JSON frame a line, `{"time", "ver_num", "raw": {"channel": "l2Book", "data"}}`.
 *
 * @throws Fault `ingest.unreadable_file`, `ingest.too_many_bad` (data)
 */
export async function importBooks(
  desk: Desk,
  {path, venue, source, maxBad}: Omit<ContextImport, 'day'>,
): Promise<Imported> {
  const file = await desk.lake.openLines(path)
  const books = new BookColumns()
  const bad: {line: number; reason: string; cells: {text: string}}[] = []
  let line = 0
  for await (const batch of file.lines()) {
    for (const text of batch) {
      line++
      if (text.trim() === '') continue
      const reason = take(books, text)
      if (reason !== null) bad.push({line, reason, cells: {text: text.slice(0, 200)}})
    }
  }
  if (bad.length > 0) {
    const head = {artifact: 'quarantine@1', file: file.name, sha256: file.sha256, rows: bad.length}
    const entries = [head, ...bad].map((entry) => JSON.stringify(entry))
    await desk.files.writeText(`data/quarantine/${stemOf(file)}.jsonl`, `${entries.join('\n')}\n`)
  }
  if (line === 0 || bad.length / line > maxBad) throw tooMany(file.name, bad, line)
  const total = {added: 0, revised: 0, unchanged: 0, quarantined: bad.length}
  const rows = books.rows()
  const gaps = silences(rows.columns['coin'] as readonly string[], rows.columns['ts'] as Float64Array, source)
  for (const part of distinctRows(rows, ['coin', 'ts', 'feed', 'digest'])) {
    const batch = {table: Book, venue, source, receivedAt: desk.asOf, quarantined: bad.length, gaps}
    const outcome = await desk.lake.append({...batch, rows: part})
    total.added += outcome.added
    total.revised += outcome.revised
    total.unchanged += outcome.unchanged
  }
  return total
}

function take(books: BookColumns, text: string): string | null {
  try {
    const frame = JSON.parse(text) as Json
    const raw = (frame['raw'] ?? frame) as Json
    if (raw['channel'] !== 'l2Book') return 'no l2Book frame'
    // Imported: available at the venue's own time.
    return books.take(raw['data'] as Json, 0)
  } catch {
    return 'no JSON: truncated or malformed'
  }
}

function silences(coin: readonly string[], ts: Float64Array, source: string) {
  const order = Array.from(coin.keys()).sort((a, b) =>
    coin[a]! < coin[b]! ? -1 : coin[a]! > coin[b]! ? 1 : ts[a]! - ts[b]!,
  )
  return order.flatMap((row, k) => {
    const before = order[k - 1]
    if (before === undefined || coin[before] !== coin[row] || ts[row]! - ts[before]! <= MOST_SILENCE_MS) return []
    const gap = {coin: coin[row]!, from: ts[before]! + 1, to: ts[row]!, state: 'UNRECOVERABLE' as const}
    return [{...gap, cause: `nothing recorded in ${source}`}]
  })
}

const tooMany = (name: string, bad: readonly {line: number; reason: string}[], lines: number): Fault =>
  new Fault('ingest.too_many_bad', {
    family: 'data',
    what: `${bad.length} of ${lines} lines of ${name} are no books; it was not imported.`,
    why: bad[0] ? `Line ${bad[0].line}: ${bad[0].reason}.` : 'It is empty.',
    next: ['look into data/quarantine', 'raise --max-bad'],
  })
