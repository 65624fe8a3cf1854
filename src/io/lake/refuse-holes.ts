import type {DuckDBConnection} from '@duckdb/node-api'
import type {Table} from '../../contracts/artifact.ts'
import {foldGaps, type GapCommit, type GapSpan} from '../../contracts/gap-ledger.ts'
import {holeFault} from '../../contracts/lake-hole.ts'
import type {Vault} from '../../contracts/workspace.ts'
import type {LakeCommit, LakeQuery, Rows} from '../../desk.ts'
import {DAY_MS, INTERVAL_MS, type Interval} from '../../kernel/instant.ts'
import {tableName} from './layout.ts'
import {readRows, selectFiles} from './read-rows.ts'
import {visibleEnd, visibleRows} from './sealing.ts'
import {partitionsOf, type SqlScope} from './sql-ground.ts'

/**
 * Stop a read that lies over a hole which a commit recorded.
 *
 * The last guard, at the port: whoever forgets to ask about holes is refused. A candle gap whose bars are all among the
 * rows is no hole any more; for other tables only a commit can say that it was filled.
 *
 * @throws Fault `lake.hole` (data)
 */
export function refuseHoles(
  commits: readonly GapCommit[],
  asked: LakeQuery,
  rows: Rows,
  /** instant from which the reader sees nothing, epoch ms */
  visibleEnd: number,
): void {
  const query = {...asked, to: Math.min(asked.to ?? Number.POSITIVE_INFINITY, visibleEnd)}
  const holes = recordedHoles(commits, query)
  const missing = holes.length > 0 && query.table.id === 'candles@1' ? withoutFilled(holes, query, rows) : holes
  const scope = {table: tableName(query.table), venue: query.venue, interval: query.interval ?? null}
  if (missing.length > 0) throw holeFault(scope, missing)
}

/**
 * The same for a query whose filters nobody looks into: any recorded hole of a table it names stops it.
 *
 * @throws Fault `lake.hole` (data)
 */
export async function refuseTableHoles(
  connection: DuckDBConnection,
  root: string,
  tables: readonly Table[],
  commits: readonly LakeCommit[],
  vaults: readonly Vault[],
  {asOf, commit}: SqlScope,
): Promise<void> {
  for (const table of tables) {
    for (const {venue, interval} of partitionsOf(table, commits)) {
      const pinned = {...(interval === null ? {} : {interval}), ...(commit === undefined ? {} : {commit})}
      const query: LakeQuery = {table, venue, asOf, ...pinned, purpose: {kind: 'research'}}
      const holes = recordedHoles(commits, {...query, to: visibleEnd(vaults, query)})
      if (holes.length === 0) continue
      const coins = [...new Set(holes.map(({coin}) => coin))]
      const narrow = {...query, coins, from: Math.min(...holes.map(({from}) => from)) - DAY_MS, columns: []}
      const files = selectFiles(commits, {...narrow, table: tableName(table)})
      const visible = visibleRows(vaults, {venue, interval, purpose: query.purpose})
      refuseHoles(commits, narrow, await readRows(connection, root, narrow, files, visible), visibleEnd(vaults, query))
    }
  }
}

/** Spans that are missing by the record, within what is asked for. */
function recordedHoles(commits: readonly GapCommit[], query: LakeQuery): GapSpan[] {
  const {table, venue, interval = null, coins, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY} = query
  const pin = {asOf: query.asOf, ...(query.commit === undefined ? {} : {commit: query.commit})}
  const end = Math.min(to, query.asOf)
  const ledger = foldGaps(commits, {table: tableName(table), venue, interval}, pin)
  return [...ledger]
    .filter(([coin]) => coins === undefined || coins.includes(coin))
    .flatMap(([, spans]) => spans)
    .filter((span) => span.state !== 'BACKFILLED' && span.from < end && span.to > from)
}

function withoutFilled(holes: readonly GapSpan[], {interval, from = 0, to, asOf}: LakeQuery, rows: Rows): GapSpan[] {
  const barMs = INTERVAL_MS[interval as Interval]
  const opens = new Map<string, Set<number>>()
  const [coin, ts] = [rows.columns['coin'] as readonly string[], rows.columns['ts'] as Float64Array]
  for (const {coin: name} of holes) opens.set(name, new Set())
  for (let i = 0; i < rows.count; i++) opens.get(coin[i]!)?.add(ts[i]!)
  return holes.filter((hole) => {
    const first = Math.floor(Math.max(hole.from, from) / barMs) * barMs
    // A bar that closes after the decision, or opens behind what is asked for, is none of this read's.
    const last = Math.min(hole.to, to ?? Number.POSITIVE_INFINITY, asOf - barMs + 1)
    const there = opens.get(hole.coin)!
    for (let open = first; open < last; open += barMs) if (open >= from && !there.has(open)) return true
    return false
  })
}
