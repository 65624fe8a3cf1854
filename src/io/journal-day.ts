import {access, mkdir, open, rename} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'
import type {JournalEntry} from '../desk.ts'
import {canonicalJson} from '../kernel/canonical-json.ts'
import {DAY_MS, dayOf} from '../kernel/instant.ts'
import {syncFolder} from './files.ts'

/** Body fields that get a column of their own: ids as UTF8, money as text. */
const LIFTED = ['cloid', 'coin', 'side', 'px', 'sz', 'oid', 'tid', 'fee'] as const

/**
 * Write one finished UTC day of a journal as Parquet, beside the JSONL of record: `<name>/<day>.parquet`.
 *
 * Every value is text except the time, because this writer corrupts integers above 2^53; `seq` is 32-bit. The
 * JSONL stays the record: the Parquet is for SQL.
 *
 * @param path     the journal's JSONL file
 * @param entries  the whole journal
 * @param day      `yyyy-mm-dd`, UTC, by the entries' own `ts`
 * @returns        path of the file, also when it was there already; null when the day has no entry
 */
export async function closeDay(path: string, entries: readonly JournalEntry[], day: string): Promise<string | null> {
  const start = Date.parse(`${day}T00:00:00Z`)
  const rows = entries.filter(({ts}) => ts >= start && ts < start + DAY_MS)
  if (rows.length === 0) return null
  const folder = join(dirname(path), basename(path, '.jsonl'))
  const target = join(folder, `${day}.parquet`)
  if (await exists(target)) return target
  await mkdir(folder, {recursive: true})
  const temporary = `${target}.${process.pid}.tmp`
  await writeRows(temporary, rows)
  const handle = await open(temporary, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, target)
  await syncFolder(folder)
  return target
}

/** Close every day of a journal that ended before `now` (epoch ms by the journal's own clock). */
export async function closeFinishedDays(
  path: string,
  entries: readonly JournalEntry[],
  now: number,
): Promise<string[]> {
  const days = [...new Set(entries.map(({ts}) => dayOf(ts)))].filter(
    (day) => Date.parse(`${day}T00:00:00Z`) + DAY_MS <= now,
  )
  const closed: string[] = []
  for (const day of days) {
    const file = await closeDay(path, entries, day)
    if (file !== null) closed.push(file)
  }
  return closed
}

async function writeRows(path: string, rows: readonly JournalEntry[]): Promise<void> {
  // 90 ms to load: only a guard that closes a day pays for it.
  const {default: parquet} = await import('parquetjs-lite')
  const text = {type: 'UTF8', compression: 'GZIP'} as const
  const schema = new parquet.ParquetSchema({
    seq: {type: 'INT32'},
    ts: {type: 'TIMESTAMP_MILLIS'},
    kind: text,
    body: text,
    prev: text,
    hash: text,
    ...Object.fromEntries(LIFTED.map((name) => [name, {...text, optional: true}])),
  })
  const writer = await parquet.ParquetWriter.openFile(schema, path)
  writer.setMetadata('artifact', 'journal-day@1')
  for (const {seq, ts, kind, body, prev, hash} of rows) {
    const lifted = LIFTED.flatMap((name) => (typeof body[name] === 'string' ? [[name, body[name]] as const] : []))
    await writer.appendRow({seq, ts, kind, body: canonicalJson(body), prev, hash, ...Object.fromEntries(lifted)})
  }
  await writer.close()
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
