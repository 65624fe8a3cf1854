import {execFile} from 'node:child_process'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {runConfiguration} from '../src/cognition/backtest/run-configuration.ts'
import {oneAssetRule, sweepOneAsset} from '../src/cognition/backtest/sweep-one-asset.ts'
import {compileHypothesis} from '../src/cognition/features/compile-hypothesis.ts'
import {evaluateSignals, forEachSignal} from '../src/cognition/features/evaluate.ts'
import {gridOf} from '../src/cognition/hypotheses/grid-of.ts'
import {Costs} from '../src/contracts/costs.ts'
import {Hypothesis} from '../src/contracts/hypothesis.ts'
import {BAR, type InputName, type Panel} from '../src/contracts/panel.ts'
import {parseArtifact} from '../src/io/files.ts'
import {INTERVAL_MS} from '../src/kernel/instant.ts'
import {Random} from '../src/kernel/random.ts'
import type {Bench} from './bench.ts'

const BARS = 100_000
const REPEATS = 5
const FEE = 0.00045
const HALF_SPREAD = 0.0001
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const exec = promisify(execFile)

/**
 * 1,000 SMA-cross variants × 100,000 bars with fees, Sharpe and drawdown on one thread, from a hypothesis file through
 * the generic DAG. Times are CPU seconds, best of five, so that a busy machine does not decide.
 */
export const run: Bench = async ({say}) => {
  const hypothesis = parseArtifact(Hypothesis, 'bench/sma-cross.yaml', await readFile(here('sma-cross.yaml'), 'utf8'))
  const panel = randomWalk()
  const ours = sweep(hypothesis, panel)
  say(`qo: ${ours.seconds.toFixed(3)} s, ${ours.rate.toFixed(0)} M bar-variants/s`)
  const costed = withCosts(
    hypothesis,
    panel,
    parseArtifact(Costs, 'configs/costs.yaml', await readFile(here('../configs/costs.yaml'), 'utf8')),
  )
  say(`qo, whole engine with funding and costs.yaml: ${costed.toFixed(1)} M bar-variants/s`)
  const folder = await mkdtemp(join(tmpdir(), 'qo-bench-'))
  try {
    const prices = join(folder, 'prices.bin')
    await writeFile(prices, Buffer.concat([bytesOf(panel, 'open'), bytesOf(panel, 'close')]))
    const c = await inC(folder, prices, say)
    const vectorbt = await inVectorbt(prices, say)
    if (c && (c.orders !== ours.orders || Math.abs(c.sharpe - ours.sharpe) > 1e-6)) {
      throw new Error(`C counts ${c.orders} orders and Sharpe ${c.sharpe}; qo ${ours.orders} and ${ours.sharpe}`)
    }
    const ratio = c ? ours.seconds / c.seconds : null
    return {
      unit: 'CPU seconds for 1,000 variants × 100,000 bars, one thread',
      ours: ours.seconds,
      yardstick: c?.seconds ?? null,
      ratio,
      aim: '≤ 3 × C -O3',
      met: ratio === null ? null : ratio <= 3,
      millionBarVariantsPerSecond: ours.rate,
      withCostsMillionBarVariantsPerSecond: costed,
      vectorbt:
        vectorbt === null ? null : {millionBarVariantsPerSecond: vectorbt, ratio: ours.rate / vectorbt, aim: '≥ 50 ×'},
      orders: ours.orders,
    }
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

interface Swept {
  readonly seconds: number
  readonly rate: number
  readonly sharpe: number
  readonly orders: number
}

function sweep(hypothesis: Hypothesis, panel: Panel): Swept {
  const compiled = compileHypothesis(hypothesis)
  const grid = gridOf(hypothesis)
  const universe = [new Uint8Array(BARS).fill(1)]
  const rule = oneAssetRule(hypothesis, panel)!
  const [open, close] = [panel.series.get('open')![0]!, panel.series.get('close')![0]!]
  let best = Number.POSITIVE_INFINITY
  let [sharpe, orders] = [0, 0]
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = process.cpuUsage()
    ;[sharpe, orders] = [0, 0]
    forEachSignal(compiled, panel, universe, grid, ([signal]) => {
      const found = sweepOneAsset({
        rule,
        open,
        close,
        signal: signal!,
        universe: universe[0]!,
        fee: FEE,
        halfSpread: HALF_SPREAD,
      })
      sharpe += found.sharpe
      orders += found.orders
    })
    best = Math.min(best, cpuSeconds(start))
  }
  return {seconds: best, rate: (grid.length * BARS) / best / 1e6, sharpe, orders}
}

/** The whole weights engine with everything in costs.yaml, on a few variants. */
function withCosts(hypothesis: Hypothesis, panel: Panel, costs: Costs): number {
  const compiled = compileHypothesis(hypothesis)
  const universe = [new Uint8Array(BARS).fill(1)]
  const points = gridOf(hypothesis).slice(0, 20)
  const signals = evaluateSignals(compiled, panel, universe, points)
  const one = (g: number): unknown =>
    runConfiguration({hypothesis, params: points[g]!, panel, universe, signal: signals[g]!, costs, detail: 'returns'})
  one(0)
  const start = process.cpuUsage()
  for (let g = 0; g < points.length; g++) one(g)
  return (points.length * BARS) / cpuSeconds(start) / 1e6
}

async function inC(folder: string, prices: string, say: (line: string) => void): Promise<Swept | null> {
  const binary = join(folder, 'sweep')
  try {
    await exec('gcc', ['-O3', '-march=native', '-o', binary, here('peers/sweep.c'), '-lm'])
  } catch {
    say('skipped: no C compiler here, so there is no yardstick')
    return null
  }
  const [seconds, sharpe, orders] = (await exec(binary, [prices, String(BARS)])).stdout.trim().split(' ').map(Number)
  say(`C -O3: ${seconds!.toFixed(3)} s`)
  return {seconds: seconds!, rate: (1000 * BARS) / seconds! / 1e6, sharpe: sharpe!, orders: orders!}
}

/** Million bar-variants a second, when a Python with vectorbt is there: `QO_PYTHON`, else python3. */
async function inVectorbt(prices: string, say: (line: string) => void): Promise<number | null> {
  try {
    const python = process.env['QO_PYTHON'] ?? 'python3'
    const {stdout} = await exec(python, [here('peers/sweep.py'), prices, String(BARS), '20'], {timeout: 300_000})
    const rate = 1 / Number(stdout.trim().split('\n').at(-1))
    say(`vectorbt 1.1.0: ${rate.toFixed(2)} M bar-variants/s`)
    return rate
  } catch {
    say('skipped: no Python with bench/peers/requirements.txt here (QO_PYTHON names one)')
    return null
  }
}

function cpuSeconds(start: NodeJS.CpuUsage): number {
  const {user, system} = process.cpuUsage(start)
  return (user + system) / 1e6
}

const bytesOf = (panel: Panel, name: InputName): Buffer => Buffer.from(panel.series.get(name)![0]!.buffer)

/** One asset that knows nothing of its past: hourly, 80 % a year. */
function randomWalk(): Panel {
  const random = new Random('bench|sweep')
  const series = new Map<InputName, Float64Array[]>()
  const columns = ['open', 'high', 'low', 'close', 'volume', 'funding'] as const
  for (const name of columns) series.set(name, [new Float64Array(BARS)])
  const [open, high, low, close, volume, funding] = columns.map((name) => series.get(name)![0]!) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  let last = 100
  for (let t = 0; t < BARS; t++) {
    open[t] = last * Math.exp(0.001 * random.normal())
    close[t] = open[t]! * Math.exp(0.0085 * random.normal())
    high[t] = Math.max(open[t]!, close[t]!)
    low[t] = Math.min(open[t]!, close[t]!)
    volume[t] = (5e6 / close[t]!) * (0.5 + random.unit())
    funding[t] = 1e-5 * random.normal()
    last = close[t]!
  }
  const ts = Float64Array.from({length: BARS}, (_, t) => Date.UTC(2014, 0, 1) + t * INTERVAL_MS['1h'])
  return {
    venue: 'sim',
    interval: '1h',
    barMs: INTERVAL_MS['1h'],
    ts,
    assets: ['COIN'],
    series,
    state: [new Uint8Array(BARS).fill(BAR.live)],
    availableAt: [ts.map((open) => open + INTERVAL_MS['1h'])],
    sizeDecimals: [null],
    universe: 'derived',
    completeFrom: null,
    survivorSource: false,
    aggregatedFrom: null,
    dataSha: '0'.repeat(64),
  }
}
