// Appends batch after batch and says so after each: what was said must survive a kill at any instant.
// node append-child.mjs ROOT FROM TO [ROWS] [COIN] — from the build, because a child that loads TypeScript starts twice
// as slowly and two hundred of them die here.
import {Candles} from '../../dist/contracts/market.js'
import {openFiles} from '../../dist/io/files.js'
import {openLake} from '../../dist/io/lake/index.js'

const HOUR = 3_600_000
const START = Date.UTC(2024, 11, 30)
const [root = '', from = '0', to = '0', rows = '50', coin = 'BTC'] = process.argv.slice(2)
const size = Number(rows)
const lake = openLake(root, {files: openFiles(root), dryRun: false})

/** Bars [k·size, (k+1)·size) of one coin; batch 0 lies across a new year, so it has two files. */
function batchOf(k) {
  const ts = Float64Array.from({length: size}, (_, i) => START + (k * size + i) * HOUR)
  const flat = new Float64Array(size).fill(100 + k)
  return {
    ...{table: Candles, venue: 'sim', interval: '1h', source: `${coin}-batch-${k}`, receivedAt: START + 1e5 * HOUR},
    rows: {
      count: size,
      columns: {
        coin: new Array(size).fill(coin),
        ts,
        ...{open: flat, high: flat, low: flat, close: flat},
        volume: new Float64Array(size).fill(1),
        trades: new Float64Array(size).fill(Number.NaN),
        available_at: ts.map((open) => open + HOUR),
      },
    },
  }
}

process.stdout.write('ready\n')
try {
  for (let k = Number(from); k < Number(to); k++) {
    await lake.append(batchOf(k))
    process.stdout.write(`${k}\n`)
  }
} catch (cause) {
  process.stdout.write(`${JSON.stringify({code: cause.code, exitCode: cause.exitCode, why: cause.message})}\n`)
  process.exitCode = cause.exitCode ?? 1
}
