import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {spa} from '../src/cognition/statistics/spa.ts'
import {bootstrapMeans} from '../src/cognition/statistics/stationary-bootstrap.ts'
import {Random} from '../src/kernel/random.ts'
import type {Bench} from './bench.ts'
import {type Judged, judge} from './gauntlet/judge.ts'
import {plantedMarket} from './gauntlet/market.ts'
import {inPython} from './python.ts'
import {cpuSeconds} from './random-panel.ts'

const [T, K, B, BLOCK] = [1000, 100, 10_000, 10]
const [FAIL_SECONDS, ELIGIBLE_SECONDS, SPA_RATIO] = [60, 300, 10]
/** What volume says of the next hour, in hundredths of its own size: an annual Sharpe of about three before the vault. */
const EDGE = 0.22
const MIN_CORRELATION = 0.92

/**
 * All stages of one hypothesis, 3 years of hourly bars × 20 assets × 100 variants: one market with a planted edge, one
 * without; and the SPA test against arch on the same columns. `-- gauntlet YEARS ORDERS` makes it smaller, `spa` leaves
 * the stages out.
 */
export const run: Bench = async ({say, args}) => {
  const spaSeconds = await versusArch(say)
  const ratio = spaSeconds.arch === null ? null : spaSeconds.arch / spaSeconds.ours
  const [years, orders] = [Number(args[0] ?? 3), Number(args[1] ?? 1000)]
  const judged = args[0] === 'spa' ? null : await judgeBoth(years, orders, say)
  const isWhole = years >= 3 && orders >= 1000
  return {
    unit: 'CPU seconds of SPA, T=1,000, K=100, B=10,000, one thread',
    ours: spaSeconds.ours,
    yardstick: spaSeconds.arch,
    ratio,
    aim: `≥ ${SPA_RATIO} × faster than arch; 3 years × 20 assets × 100 variants: FAIL in ≤ ${FAIL_SECONDS} s, ELIGIBLE in ≤ ${ELIGIBLE_SECONDS} s on 2 cores, variants correlated ≥ ${MIN_CORRELATION}`,
    met: ratio === null || judged === null || !isWhole ? null : ratio >= SPA_RATIO && isInTime(judged),
    additionsASecond: (B * K * (T / BLOCK)) / spaSeconds.ours,
    ...(judged && {
      years,
      orders,
      failSeconds: judged.none.seconds,
      eligibleSeconds: judged.planted.seconds,
      planted: figuresOf(judged.planted),
      none: figuresOf(judged.none),
    }),
  }
}

interface Both {
  readonly planted: Judged
  readonly none: Judged
}

async function judgeBoth(years: number, orders: number, say: (line: string) => void): Promise<Both> {
  const one = async (name: string, edge: number): Promise<Judged> => {
    const found = await judge(plantedMarket(years, edge), orders)
    const parts = Object.entries(found.secondsOf).map(([part, seconds]) => `${part} ${seconds.toFixed(1)}`)
    say(`${name}: ${found.verdict} in ${found.seconds.toFixed(1)} s (${found.cpuSeconds.toFixed(1)} s of CPU)`)
    say(`  ${found.sentence}`)
    say(
      `  annual Sharpe ${found.sharpeAnnual?.toFixed(2)}, mean correlation of two variants ${found.meanCorrelation.toFixed(3)}`,
    )
    say(`  seconds: ${parts.join(', ')}`)
    return found
  }
  return {none: await one('no edge', 0), planted: await one('planted edge', EDGE)}
}

const isInTime = ({planted, none}: Both): boolean =>
  none.verdict === 'FAIL' &&
  none.seconds <= FAIL_SECONDS &&
  planted.verdict === 'ELIGIBLE' &&
  planted.seconds <= ELIGIBLE_SECONDS &&
  planted.meanCorrelation >= MIN_CORRELATION

const figuresOf = ({net: _, ...figures}: Judged): Omit<Judged, 'net'> => figures

async function versusArch(say: (line: string) => void): Promise<{ours: number; arch: number | null}> {
  const random = new Random('bench|spa')
  const columns = Array.from({length: K}, () => Float64Array.from({length: T}, () => random.normal()))
  const ours = cpuSeconds(8, () => spa(columns, BLOCK, bootstrapMeans(columns, BLOCK, B, new Random('draws'))))
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
