import {columnsOf, type Table} from '../contracts/artifact.ts'
import {AssetCtx, Bbo, Book, Candles, Trades} from '../contracts/market.ts'
import type {LakeGap, LakePort} from '../desk.ts'
import {hasTwins, sortRows} from '../kernel/sort-rows.ts'
import {distinctRows} from '../sensory/frames/distinct-rows.ts'
import type {FrameBatch, FrameRows} from '../sensory/frames/frame-reader.ts'
import type {TableRows} from '../sensory/frames/growing-columns.ts'

/** Tables that raw frames of a socket fill. */
export const FRAME_TABLES: Readonly<Record<FrameBatch['table'], Table>> = {
  trades: Trades,
  bbo: Bbo,
  book: Book,
  asset_ctx: AssetCtx,
  candles: Candles,
}

/** Raw frames that rows were read from, and the receive time of the newest of them. */
export interface ReadFrom {
  readonly source: string
  readonly venue: string
  readonly from: number
  readonly to: number
  readonly receivedAt: number
}

/** What becomes of one commit. */
interface Part {
  readonly table: FrameBatch['table']
  readonly interval: string | null
  readonly rows: FrameBatch['rows']
  readonly gaps: LakeGap[]
}

/**
 * Rows and gaps of some frames into the lake: one commit a table (and interval of bars). A commit was received when the
 * newest frame of its batch was, so the same frames give the same rows whenever they are read.
 */
export async function appendFrameRows(
  lake: Pick<LakePort, 'append'>,
  {source, venue, from, to, receivedAt}: ReadFrom,
  found: Pick<FrameRows, 'batches' | 'gaps'>,
): Promise<{added: number; revised: number; unchanged: number; commits: number}> {
  const done = {added: 0, revised: 0, unchanged: 0, commits: 0}
  for (const {table, interval, rows, gaps} of partsOf(found)) {
    const outcome = await lake.append({
      ...{
        table: FRAME_TABLES[table],
        venue,
        source,
        rows,
        gaps,
        frames: {source, from, to},
        receivedAt,
        distinct: true,
      },
      ...(interval === null ? {} : {interval}),
    })
    done.added += outcome.added
    done.revised += outcome.revised
    done.unchanged += outcome.unchanged
    if (outcome.commit) done.commits++
  }
  const read = found.batches.reduce((sum, {rows}) => sum + rows.count, 0)
  return {...done, unchanged: read - done.added - done.revised}
}

/** No key twice in one part; the gaps of a partition go with its first one. */
function partsOf({batches, gaps}: Pick<FrameRows, 'batches' | 'gaps'>): Part[] {
  const parts = batches.flatMap(({table, interval, rows}) => {
    return distinctIn(FRAME_TABLES[table], rows).map((distinct): Part => ({table, interval, rows: distinct, gaps: []}))
  })
  for (const {table, interval, coin, from, to, state, cause} of gaps) {
    let part = parts.find((one) => one.table === table && one.interval === interval)
    if (part === undefined) {
      part = {table, interval, rows: {count: 0, columns: {}}, gaps: []}
      parts.push(part)
    }
    part.gaps.push({coin, from, to, state, cause})
  }
  return parts
}

/** The many rows, which are those with numbered names, are sorted first: then a key that stands twice has a neighbour. */
function distinctIn(table: Table, rows: TableRows): TableRows[] {
  const key = table.key.filter((name) => rows.columns[name] !== undefined)
  const isKeyFirst = key.every((name) => table.sort.slice(0, key.length).includes(name))
  if (rows.names === undefined || !isKeyFirst) return distinctRows(rows, key)
  const texts = [...columnsOf(table)].flatMap(([name, {type}]) => (type === 'VARCHAR' ? [name] : []))
  const sorted = sortRows(rows, table.sort, new Set(texts))
  return hasTwins(sorted, key) ? distinctRows(sorted, key) : [sorted]
}
