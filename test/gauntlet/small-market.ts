import {readFileSync} from 'node:fs'
import {parse} from 'yaml'
import {compileHypothesis} from '../../src/cognition/features/compile-hypothesis.ts'
import {type Case, type Docket, openCase} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {gridOf} from '../../src/cognition/hypotheses/grid-of.ts'
import {primaryParams} from '../../src/cognition/hypotheses/primary-params.ts'
import {Costs} from '../../src/contracts/costs.ts'
import {Hypothesis} from '../../src/contracts/hypothesis.ts'
import {BAR, type InputName, type Panel} from '../../src/contracts/panel.ts'
import {DAY_MS, YEAR_MS} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'

export const SHIPPED_COSTS = Costs.schema.parse(
  parse(readFileSync(new URL('../../configs/costs.yaml', import.meta.url), 'utf8')),
)
export const FIRST_DAY = Date.parse('2016-01-01T00:00:00Z')

/**
 * Daily bars of liquid coins with a common factor. `edge`: the volume of a day, which stays high or low for about a
 * week, foretells the next return by that many standard deviations; 0 is a market nobody can predict.
 */
export function smallMarket({
  days,
  assets,
  edge,
  seed,
}: {
  days: number
  assets: number
  edge: number
  seed: string
}): Panel {
  const random = new Random(seed)
  const columns = (): Float64Array[] => Array.from({length: assets}, () => new Float64Array(days))
  const [open, high, low, close, volume, funding] = [columns(), columns(), columns(), columns(), columns(), columns()]
  const price = new Float64Array(assets).fill(100)
  const said = new Float64Array(assets)
  for (let t = 0; t < days; t++) {
    const common = random.normal()
    for (let a = 0; a < assets; a++) {
      const shock = 0.02 * (0.5 * common + 0.8 * random.normal() + edge * said[a]!)
      open[a]![t] = price[a]!
      price[a] = price[a]! * Math.exp(shock)
      close[a]![t] = price[a]!
      high[a]![t] = Math.max(open[a]![t]!, price[a]!) * 1.004
      low[a]![t] = Math.min(open[a]![t]!, price[a]!) * 0.996
      said[a] = 0.85 * said[a]! + Math.sqrt(1 - 0.85 ** 2) * random.normal()
      volume[a]![t] = 2e6 * Math.exp(0.3 * said[a]!)
      funding[a]![t] = 0.0001 * random.normal()
    }
  }
  const ts = Float64Array.from({length: days}, (_, t) => FIRST_DAY + t * DAY_MS)
  const series = new Map<InputName, readonly Float64Array[]>([
    ['open', open],
    ['high', high],
    ['low', low],
    ['close', close],
    ['volume', volume],
    ['funding', funding],
  ])
  return {
    venue: 'sim',
    interval: '1d',
    barMs: DAY_MS,
    ts,
    assets: Array.from({length: assets}, (_, a) => `A${a}`),
    series,
    state: Array.from({length: assets}, () => new Uint8Array(days).fill(BAR.live)),
    availableAt: Array.from({length: assets}, () => ts.map((open) => open + DAY_MS)),
    sizeDecimals: Array<null>(assets).fill(null),
    universe: 'derived',
    completeFrom: null,
    survivorSource: false,
    aggregatedFrom: null,
    dataSha: '0'.repeat(64),
  }
}

/** A hypothesis of the tests: dollar-neutral, daily. */
export const hypothesis = (over: Record<string, unknown>): Hypothesis =>
  Hypothesis.schema.parse({
    artifact: 'hypothesis@1',
    id: 'test-idea',
    family: 'test',
    author: 'test',
    claim: 'Something foretells returns.',
    mechanism: 'Somebody has to trade.',
    falsified_by: 'It does not foretell them.',
    universe: {from: 'selection', min_assets: 4},
    bar: '1d',
    signal: 'cs_rank(volume)',
    portfolio: {construct: 'rank_long_short', neutral: 'dollar', gross: 1, max_weight: 0.2, rebalance: '1d'},
    capital_usd: 25_000,
    ...over,
  })

export function caseOf(idea: Hypothesis, panel: Panel, over: Partial<Panel> = {}): Case {
  const compiled = compileHypothesis(idea)
  const grid = gridOf(idea)
  const declared = primaryParams(idea)
  const primary = grid.findIndex((point) => Object.keys(point).every((name) => point[name] === declared[name]))
  const universe = panel.assets.map(() => new Uint8Array(panel.ts.length).fill(1))
  return openCase(
    {hypothesis: idea, compiled, grid, primary, panel: {...panel, ...over}, costs: SHIPPED_COSTS},
    universe,
    [],
  )
}

/** A record without blemish, so that a test judges one thing. */
export const docket = (opened: Case, over: Partial<Docket> = {}): Docket => ({
  register: {
    configuration: 'c'.repeat(64),
    family: 'test',
    gridPoints: opened.grid.length,
    primaryInGrid: true,
    inLedger: true,
    vault: {id: 'V-sim-202501', from: 1, to: 2},
    history: true,
    vaultNamed: null,
    registeredAt: 3,
    readUntil: null,
  },
  N: opened.grid.length,
  vaultYears: 2,
  vaultFrom: (opened.panel.ts.at(-1) ?? 0) + opened.panel.barMs,
  nextAlpha: 0.02,
  books: [],
  spanFrom: opened.panel.ts[0] ?? 0,
  seedOf: (stage) => `qo-gauntlet|v1|test|stage:${stage}`,
  ...over,
})

export const years = (n: number): number => Math.round((n * YEAR_MS) / DAY_MS)
