import {BAR, type InputName, type Panel} from '../src/contracts/panel.ts'
import {HOUR_MS} from '../src/kernel/instant.ts'
import {Random} from '../src/kernel/random.ts'

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const

/** Hourly bars of coins that know nothing of their past. */
export function randomPanel(seed: string, N: number, T: number): Panel {
  const random = new Random(seed)
  const blank = (): Float64Array[] => Array.from({length: N}, () => new Float64Array(T))
  const series = new Map<InputName, Float64Array[]>(COLUMNS.map((name) => [name, blank()]))
  const [open, high, low, close, volume] = COLUMNS.map((name) => series.get(name)!)
  for (let a = 0; a < N; a++) {
    let px = 10 + 90 * random.unit()
    for (let t = 0; t < T; t++) {
      const next = px * Math.exp(0.01 * random.normal())
      open![a]![t] = px
      close![a]![t] = next
      high![a]![t] = Math.max(px, next) * (1 + 0.003 * random.unit())
      low![a]![t] = Math.min(px, next) * (1 - 0.003 * random.unit())
      volume![a]![t] = 1000 * Math.exp(random.normal())
      px = next
    }
  }
  const ts = Float64Array.from({length: T}, (_, t) => Date.UTC(2024, 0, 1) + t * HOUR_MS)
  return {
    venue: 'sim',
    interval: '1h',
    barMs: HOUR_MS,
    ts,
    assets: Array.from({length: N}, (_, a) => `COIN${a}`),
    series,
    state: Array.from({length: N}, () => new Uint8Array(T).fill(BAR.live)),
    availableAt: Array.from({length: N}, () => ts.map((start) => start + HOUR_MS)),
    sizeDecimals: Array<null>(N).fill(null),
    universe: 'derived',
    completeFrom: null,
    survivorSource: false,
    aggregatedFrom: null,
    dataSha: '0'.repeat(64),
  }
}

/** The columns one after the other, each [bar][asset], as numpy reads them. */
export function bytesOf({series, assets, ts}: Panel): Buffer {
  const [N, T] = [assets.length, ts.length]
  const flat = new Float64Array(COLUMNS.length * N * T)
  for (const [k, name] of COLUMNS.entries()) {
    for (const [a, row] of series.get(name)!.entries()) for (let t = 0; t < T; t++) flat[(k * T + t) * N + a] = row[t]!
  }
  return Buffer.from(flat.buffer)
}

export const everywhere = ({assets, ts}: Panel): Uint8Array[] => assets.map(() => new Uint8Array(ts.length).fill(1))

/** CPU seconds of the best of some runs. */
export function cpuSeconds(runs: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < runs; run++) {
    const start = process.cpuUsage()
    work()
    const {user, system} = process.cpuUsage(start)
    best = Math.min(best, (user + system) / 1e6)
  }
  return best
}
