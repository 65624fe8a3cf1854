import {execFile} from 'node:child_process'
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {DuckDBInstance} from '@duckdb/node-api'
import {emptyVault} from '../docs/selection-proof.ts'
import {openDesk} from '../src/cli/open-desk.ts'
import {isoOf} from '../src/kernel/instant.ts'
import {ingestFile} from '../src/operations/ingest-file.ts'
import {init} from '../src/operations/init.ts'
import type {Bench} from './bench.ts'

const ASSETS = 200
const HOURS = 2 * 365 * 24
const START = Date.UTC(2023, 0, 2)
const END = START + HOURS * 3_600_000
const REBALANCES = 100
const FROM = isoOf(END - REBALANCES * 7 * 86_400_000).slice(0, 10)
const exec = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * `qo select` and `qo select --history` over 100 rebalances, on 200 assets with two years of hourly bars: from cold start,
 * the process and its engine included, best of three. The yardstick is the same rule in pandas on one plain Parquet file
 * of the same rows, its start included too; both have to choose the same assets on every date.
 */
export const run: Bench = async ({say}) => {
  const root = mkdtempSync(join(tmpdir(), 'qo-bench-select-'))
  try {
    const file = join(root, 'bars.parquet')
    await generate(file)
    const open = () => openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: false})
    await init(await open(), {exchange: 'binance'})
    writeFileSync(join(root, 'configs/vaults.yaml'), emptyVault('binance'))
    await ingestFile(await open(), {
      ...{path: file, shape: 'ohlcv', venue: 'binance', interval: '1h', coin: null, map: {}, zone: null},
      ...{unit: 'ms', maxBad: 0, completeFrom: null, survivor: false},
    })
    say(`${(ASSETS * HOURS).toLocaleString('en')} bars in the lake`)
    const select = await best(3, () => qo(root, []))
    say(`qo select: ${select.toFixed(2)} s`)
    const history = await best(1, () => qo(root, ['--history', FROM]))
    say(`qo select --history, ${REBALANCES} rebalances: ${history.toFixed(2)} s`)
    const pandas = await inPandas(root, file, say)
    return {
      unit: 'seconds from cold start',
      ours: round(select),
      yardstick: pandas === null ? null : round(pandas.select),
      ratio: pandas === null ? null : round(select / pandas.select),
      aim: 'select <= 2 s, history <= 20 s',
      met: select <= 2 && history <= 20,
      history: round(history),
      historyYardstick: pandas === null ? null : round(pandas.history),
      historyRatio: pandas === null ? null : round(history / pandas.history),
      against: 'the same rule in pandas',
      sameLists: pandas?.same ?? null,
    }
  } finally {
    rmSync(root, {recursive: true, force: true})
  }
}

const round = (seconds: number): number => Number(seconds.toFixed(2))

/** A market of independent walks, hourly, sizes spread over four orders, written by the engine itself. */
async function generate(file: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const unit = (salt: number): string => `(hash(a * 1000003 + h * 7 + ${salt}) % 1000003) / 1000003.0`
  await connection.run(`COPY (
    WITH moves AS (
      SELECT a, h, 0.008 * (${unit(1)} + ${unit(2)} + ${unit(3)} - 1.5) AS move, ${unit(4)} AS luck
      FROM range(${ASSETS}) t(a), range(${HOURS}) s(h)),
    walks AS (SELECT a, h, luck, 100 * exp(sum(move) OVER (PARTITION BY a ORDER BY h)) AS px FROM moves)
    SELECT ${START} + h * 3600000 AS ts, 'C' || lpad(a::VARCHAR, 3, '0') || 'USDT' AS symbol,
      px AS open, px * 1.001 AS high, px * 0.999 AS low, px AS close,
      (0.5 + luck) * exp(12 + 9.0 * ((a * 37) % ${ASSETS}) / ${ASSETS} + sin(h / 900.0 + a)) / px AS volume
    FROM walks ORDER BY symbol, ts) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`)
  connection.closeSync()
  instance.closeSync()
}

async function best(times: number, work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    await work()
    least = Math.min(least, (performance.now() - start) / 1000)
  }
  return least
}

/** The command as it is typed, from a build of this checkout. */
async function qo(root: string, args: readonly string[]): Promise<void> {
  if (!existsSync(here('../dist'))) await exec(process.execPath, [here('../bin/bootstrap.js'), '--build'])
  const line = [here('../bin/run.js'), 'select', '--root', root, '--as-of', isoOf(END), '--json', ...args]
  await exec(process.execPath, line, {maxBuffer: 1 << 28})
}

/** Seconds of the same work, when a Python with pandas is there: `QO_PYTHON`, else python3. */
async function inPandas(
  root: string,
  file: string,
  say: (line: string) => void,
): Promise<{select: number; history: number; same: boolean} | null> {
  const python = process.env['QO_PYTHON'] ?? 'python3'
  const args = [here('peers/rank_assets.py'), file, String(START), FROM]
  try {
    await exec(python, ['-c', 'import pandas, pyarrow'])
  } catch {
    say('skipped: no Python with bench/peers/rank_assets.txt here (QO_PYTHON names one)')
    return null
  }
  const out = join(root, 'pandas.json')
  const select = await best(3, () => exec(python, [...args, 'last', out], {maxBuffer: 1 << 28}))
  const history = await best(1, () => exec(python, [...args, 'all', out], {maxBuffer: 1 << 28}))
  say(`pandas: ${select.toFixed(2)} s, history ${history.toFixed(2)} s`)
  const theirs = JSON.parse(readFileSync(out, 'utf8')) as Record<string, string[]>
  const ours = await lists(root)
  const same = Object.entries(theirs).every(
    ([day, names]) => JSON.stringify(ours.get(day) ?? []) === JSON.stringify(names),
  )
  if (!same) throw new Error('pandas chooses other assets than qo: one of the two is wrong')
  return {select, history, same}
}

/** Chosen names by date, from the lake table that `--history` left. */
async function lists(root: string): Promise<Map<string, string[]>> {
  const desk = await openDesk({root, asOf: isoOf(END), dryRun: false, quiet: true, needsWorkspace: true})
  const {rows} = await desk.lake.sql('SELECT ts, asset FROM selection WHERE selected ORDER BY ts, asset', END)
  const found = new Map<string, string[]>()
  for (const [ts, asset] of rows) {
    const day = isoOf(Number(ts)).slice(0, 10)
    found.set(day, [...(found.get(day) ?? []), String(asset).replace(/^[^:]+:/, '')])
  }
  return found
}
