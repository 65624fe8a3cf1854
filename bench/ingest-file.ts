import {cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {DuckDBInstance} from '@duckdb/node-api'
import {openDesk} from '../src/cli/open-desk.ts'
import {ingestFile} from '../src/operations/ingest-file.ts'
import type {Bench} from './bench.ts'

const ROUNDS = 7
const AIM = 3

const set = 'data/hl_perp_1h/hl_perp_1h.parquet'
const shared = process.env['QO_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url))

/**
 * Import of the hourly Hyperliquid set (436,552 bars, 64 coins) against a plain DuckDB COPY of the same file.
 *
 * Ours reads, checks every row, computes the quality figures, writes one sorted zstd file per year, fsyncs, hashes,
 * reopens and commits it, and leaves report and manifest. The yardstick does none of that and never fsyncs.
 * Rounds alternate and the best of each counts: what else the machine does only ever adds time.
 */
export const run: Bench = async ({say, args}) => {
  const file = args[0] ?? join(shared, set)
  if (!existsSync(file)) throw new Error(`${set} is not beside this checkout: name the file as an argument`)
  const folder = mkdtempSync(join(tmpdir(), 'qo-bench-'))
  try {
    const ours: number[] = []
    const yardstick: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const copied = await copy(file, join(folder, 'plain.parquet'))
      const imported = await importInto(join(folder, String(round)), file)
      // The first round loads the engine and the page cache.
      if (round === 0) continue
      yardstick.push(copied)
      ours.push(imported)
      say(`round ${round}: COPY ${copied.toFixed(0)} ms, import ${imported.toFixed(0)} ms`)
    }
    const [a, b] = [Math.min(...ours), Math.min(...yardstick)]
    const ratio = Number((a / b).toFixed(2))
    return {
      ours: Math.round(a),
      yardstick: Math.round(b),
      unit: 'ms',
      against: 'DuckDB COPY of the same file, zstd',
      ratio,
      aim: `<= ${AIM}`,
      met: ratio <= AIM,
      rows: 436_552,
    }
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

async function copy(from: string, to: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const start = performance.now()
  await connection.run(`COPY (SELECT * FROM read_parquet('${from}')) TO '${to}' (FORMAT parquet, COMPRESSION zstd)`)
  const elapsed = performance.now() - start
  connection.closeSync()
  instance.closeSync()
  return elapsed
}

async function importInto(root: string, file: string): Promise<number> {
  mkdirSync(join(root, 'configs'), {recursive: true})
  writeFileSync(join(root, 'configs/qo.yaml'), 'artifact: qo@1\nexchange: hyperliquid\n')
  cpSync(fileURLToPath(new URL('../configs/ingest.yaml', import.meta.url)), join(root, 'configs/ingest.yaml'))
  const desk = await openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: true})
  const start = performance.now()
  await ingestFile(desk, {
    path: file,
    shape: 'ohlcv',
    venue: 'hyperliquid',
    interval: '1h',
    ...{coin: null, map: {}, zone: null, unit: 'ms', maxBad: 0.05, completeFrom: null, survivor: false},
  })
  return performance.now() - start
}
