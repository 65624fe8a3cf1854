import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {compileHypothesis} from '../src/cognition/features/compile-hypothesis.ts'
import {judgeHypothesis, openCase} from '../src/cognition/gauntlet/judge-hypothesis.ts'
import {permutationDraws} from '../src/cognition/gauntlet/permutation/permutation-draws.ts'
import type {DrawSource} from '../src/cognition/gauntlet/permutation/permutation-test.ts'
import {gridOf} from '../src/cognition/hypotheses/grid-of.ts'
import {spa} from '../src/cognition/statistics/spa.ts'
import {bootstrapMeans} from '../src/cognition/statistics/stationary-bootstrap.ts'
import {Costs} from '../src/contracts/costs.ts'
import {GauntletConfig} from '../src/contracts/gauntlet.ts'
import {Hypothesis} from '../src/contracts/hypothesis.ts'
import type {Panel} from '../src/contracts/panel.ts'
import {parseArtifact} from '../src/io/files.ts'
import {openThreads} from '../src/io/threads.ts'
import {Random} from '../src/kernel/random.ts'
import type {Bench} from './bench.ts'
import {inPython} from './python.ts'
import {cpuSeconds, randomPanel} from './random-panel.ts'

const YEAR_BARS = 8760
const [T, K, B, BLOCK] = [1000, 100, 10_000, 10]

/**
 * All stages of one hypothesis, 3 years of hourly bars × 20 assets × 100 variants: one market with a planted edge, one
 * without; and the SPA test against arch on the same columns. `-- gauntlet YEARS ORDERS` makes it smaller, `spa` leaves
 * the stages out.
 */
export const run: Bench = async ({say, args}) => {
  const spaSeconds = await versusArch(say)
  const [years, orders] = [Number(args[0] ?? 3), Number(args[1] ?? 1000)]
  const read = async (path: string): Promise<string> => readFile(new URL(`../${path}`, import.meta.url), 'utf8')
  const [gates, costs] = [await read('configs/gauntlet.yaml'), await read('configs/costs.yaml')]
  const judged =
    args[0] === 'spa'
      ? null
      : {
          eligible: judge(plant(years, 0.16), orders, gates, costs),
          none: judge(plant(years, 0), orders, gates, costs),
        }
  if (judged) {
    const {eligible, none} = judged
    say(
      `planted edge: ${eligible.verdict} at ${eligible.stage ?? 'the end'} in ${eligible.seconds.toFixed(1)} s; ${eligible.sentence}`,
    )
    say(`no edge: ${none.verdict} at ${none.stage ?? 'the end'} in ${none.seconds.toFixed(1)} s; ${none.sentence}`)
  }
  return {
    unit: 'CPU seconds of SPA, T=1,000, K=100, B=10,000, one thread',
    ours: spaSeconds.ours,
    yardstick: spaSeconds.arch,
    ratio: spaSeconds.arch === null ? null : spaSeconds.arch / spaSeconds.ours,
    aim: '≥ 10 × faster than arch; a verdict FAIL in ≤ 60 s, ELIGIBLE in ≤ 300 s on 2 cores',
    met: spaSeconds.arch === null ? null : spaSeconds.arch / spaSeconds.ours >= 10,
    additionsASecond: (B * K * (T / BLOCK)) / spaSeconds.ours,
    years,
    orders,
    ...judged,
  }
}

/** What volume says of the next return lasts about two days; the hundred variants are means of it over 40 to 60 hours. */
function plant(years: number, edge: number): Panel {
  const panel = randomPanel('bench|gauntlet', 20, Math.round(years * YEAR_BARS))
  const random = new Random(`bench|gauntlet|${edge}`)
  const [open, high, low, close, volume] = (['open', 'high', 'low', 'close', 'volume'] as const).map(
    (name) => panel.series.get(name)!,
  )
  for (let a = 0; a < panel.assets.length; a++) {
    let said = random.normal()
    let px = 100
    for (let t = 0; t < panel.ts.length; t++) {
      const move = 0.006 * (random.normal() + edge * 0.1 * said)
      const end = px * Math.exp(move)
      open![a]![t] = px
      close![a]![t] = end
      high![a]![t] = Math.max(px, end) * 1.002
      low![a]![t] = Math.min(px, end) * 0.998
      said = 0.98 * said + Math.sqrt(1 - 0.98 ** 2) * random.normal()
      volume![a]![t] = (2e7 / end) * Math.exp(0.4 * said + 0.1 * random.normal())
      px = end
    }
  }
  return panel
}

function judge(panel: Panel, orders: number, gates: string, costs: string) {
  const hypothesis = Hypothesis.schema.parse({
    artifact: 'hypothesis@1',
    id: 'bench',
    family: 'bench',
    author: 'qo',
    claim: 'Traded value that stays high foretells returns.',
    mechanism: 'The market of this benchmark was made that way.',
    falsified_by: 'It does not.',
    universe: {from: 'selection', min_assets: 10},
    bar: '1h',
    features: {attention: 'ts_mean(log(close * volume), $fast) - ts_mean(log(close * volume), $slow)'},
    signal: 'cs_rank(attention) - 0.5',
    portfolio: {construct: 'proportional', neutral: 'dollar', gross: 1, max_weight: 0.15, rebalance: '12h'},
    params: {fast: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19], slow: [600, 620, 640, 660, 680, 700, 720, 740, 760, 780]},
    primary: {fast: 14, slow: 680},
    capital_usd: 25_000,
    gauntlet: {sr_target: 3},
  })
  const compiled = compileHypothesis(hypothesis)
  const grid = gridOf(hypothesis)
  const primary = grid.findIndex(({fast, slow}) => fast === 14 && slow === 680)
  const config = parseArtifact(GauntletConfig, 'configs/gauntlet.yaml', gates)
  const everywhere = panel.assets.map(() => new Uint8Array(panel.ts.length).fill(1))
  const threads = openThreads()
  const source: DrawSource = (job) => threads.numbers('permutations', job, permutationDraws(job))
  const start = performance.now()
  const opened = openCase(
    {hypothesis, compiled, grid, primary, panel, costs: parseArtifact(Costs, 'configs/costs.yaml', costs)},
    everywhere,
    [],
  )
  const docket = {
    register: {
      ...{configuration: 'c'.repeat(64), family: 'bench', gridPoints: grid.length, primaryInGrid: true, inLedger: true},
      ...{vault: {id: 'V-bench', from: 1, to: 2}, history: true, vaultNamed: null, registeredAt: 3},
    },
    N: grid.length,
    vaultYears: 1,
    vaultFrom: panel.ts.at(-1)! + panel.barMs,
    nextAlpha: 0.02,
    books: [],
    spanFrom: panel.ts[0]!,
    seedOf: (stage: string) => `qo-gauntlet|v1|bench|stage:${stage}`,
  }
  const gated = {...config, edge: {...config.edge, permutations: orders}}
  const {verdict, failedStage, sentence, figures} = judgeHypothesis(opened, docket, gated, false, source)
  return {
    verdict,
    stage: failedStage,
    seconds: (performance.now() - start) / 1000,
    sharpeAnnual: figures.sharpeAnnual,
    sentence,
  }
}

async function versusArch(say: (line: string) => void): Promise<{ours: number; arch: number | null}> {
  const random = new Random('bench|spa')
  const columns = Array.from({length: K}, () => Float64Array.from({length: T}, () => random.normal()))
  const ours = cpuSeconds(3, () => spa(columns, BLOCK, bootstrapMeans(columns, BLOCK, B, new Random('draws'))))
  say(`qo: SPA in ${ours.toFixed(3)} s`)
  const folder = await mkdtemp(join(tmpdir(), 'qo-bench-'))
  try {
    const path = join(folder, 'columns.bin')
    await writeFile(path, Buffer.concat(columns.map((column) => Buffer.from(column.buffer))))
    const said = await inPython('spa.py', [path, String(T), String(K), String(B)], ['numpy', 'arch'], say)
    const arch = said === null ? null : Number(said.split(' ')[0])
    if (arch !== null) say(`arch: ${arch.toFixed(3)} s`)
    return {ours, arch}
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}
