import {existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api'
import {openDesk} from '../src/cli/open-desk.ts'
import {Candles} from '../src/contracts/market.ts'
import {openFiles} from '../src/io/files.ts'
import {openLake} from '../src/io/lake/index.ts'
import {ingestFile} from '../src/operations/ingest-file.ts'
import type {Bench} from './bench.ts'

const ROUNDS = 15
const AIM = 1.3
const COIN = 'ETH'
const FROM = Date.UTC(2025, 2, 1)
const TO = Date.UTC(2025, 3, 1)

const set = 'data/hl_perp_1h/hl_perp_1h.parquet'
const shared = process.env['QO_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url))
const COLUMNS = ['open', 'high', 'low', 'close', 'volume']
const WHERE = `coin = '${COIN}' AND ts >= ${FROM} AND ts < ${TO}`

/**
 * One coin-month of the hourly Hyperliquid set through the commit log, against the same rows from one plain Parquet file.
 *
 * Ours is what every command pays: the chain of commits is looked at, the seal and the holes are asked for, the file is
 * one that this process has hashed. `first` is the very first read of a process, with the chain parsed and the file
 * hashed; `sql` is `qo lake sql` in a running process. The yardstick is DuckDB on one file of all rows in the same order,
 * with an engine that is running. Rounds alternate and the best of each counts.
 */
export const run: Bench = async ({say, args}) => {
  const file = args[0] ?? join(shared, set)
  if (!existsSync(file)) throw new Error(`${set} is not beside this checkout: name the file as an argument`)
  const root = mkdtempSync(join(tmpdir(), 'qo-bench-'))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await importInto(root, file)
    const plain = join(root, 'plain.parquet')
    await connection.run(
      `COPY (SELECT * FROM read_parquet('${root}/data/lake/candles/**/*.parquet', hive_partitioning = false) ORDER BY coin, ts) TO '${plain}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)`,
    )
    const lake = openLake(root, {files: openFiles(root), dryRun: false})
    const times: Record<'ours' | 'plain' | 'first' | 'sql', number[]> = {ours: [], plain: [], first: [], sql: []}
    for (let round = 0; round <= ROUNDS; round++) {
      const fresh = openLake(root, {files: openFiles(root), dryRun: false})
      const taken = {
        plain: await timed(() => plainRows(connection, plain)),
        ours: await timed(() => rowsOf(lake)),
        first: await timed(() => rowsOf(fresh)),
        sql: await timed(() =>
          lake.sql(`SELECT ts, ${COLUMNS.join(', ')} FROM candles WHERE ${WHERE} ORDER BY ts`, TO),
        ),
      }
      if (round === 0) continue
      for (const [name, ms] of Object.entries(taken)) times[name as keyof typeof times].push(ms)
    }
    const best = (name: keyof typeof times): number => Math.min(...times[name])
    const ratio = Number((best('ours') / best('plain')).toFixed(2))
    for (const name of Object.keys(times) as (keyof typeof times)[]) say(`${name}: ${best(name).toFixed(2)} ms`)
    return {
      ours: Number(best('ours').toFixed(2)),
      yardstick: Number(best('plain').toFixed(2)),
      unit: 'ms',
      against: 'the same rows from one plain Parquet file by DuckDB',
      ratio,
      aim: `<= ${AIM}`,
      met: ratio <= AIM,
      first: Number(best('first').toFixed(2)),
      sql: Number(best('sql').toFixed(2)),
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
    rmSync(root, {recursive: true, force: true})
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const rowsOf = (lake: ReturnType<typeof openLake>) =>
  lake.read({
    ...{table: Candles, venue: 'hyperliquid', interval: '1h', coins: [COIN], from: FROM, to: TO},
    ...{asOf: TO, purpose: {kind: 'live'}, columns: COLUMNS},
  })

async function plainRows(connection: DuckDBConnection, file: string): Promise<unknown> {
  const reader = await connection.runAndReadAll(
    `SELECT coin, ts, ${COLUMNS.join(', ')} FROM read_parquet('${file}') WHERE ${WHERE} ORDER BY coin, ts`,
  )
  return reader.getColumns()
}

async function importInto(root: string, path: string): Promise<void> {
  mkdirSync(join(root, 'configs'))
  writeFileSync(join(root, 'configs/qo.yaml'), 'artifact: qo@1\nexchange: hyperliquid\n')
  const desk = await openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: true})
  await ingestFile(desk, {
    ...{path, shape: 'ohlcv', venue: 'hyperliquid', interval: '1h', coin: null, map: {}, zone: null, unit: 'ms'},
    ...{maxBad: 0.05, completeFrom: null, survivor: false},
  })
}
