import {DAY_MS} from '../kernel/instant.ts'
import {Random} from '../kernel/random.ts'
import {decayMonitor} from './decay-monitor.ts'
import type {EdgeSeries} from './edge-series.ts'

export interface PlantedEdges {
  readonly name: string
  /** daily information coefficient before any decay */
  readonly edge: number
  /** share of the assets whose edge decays; they come first */
  readonly decaying: number
  /** half-life of the decay, days, from the middle of the history on */
  readonly halfLifeDays: number
  /** correlation of two assets' coefficients on one day */
  readonly common: number
}

export interface ErrorRates extends PlantedEdges {
  readonly runs: number
  /** mean over decisions of wrong exclusions over exclusions made; a decision without any counts as 0 */
  readonly falseDiscoveryRate: number
  /** share of the time in which a stable asset is out */
  readonly wronglyOut: number
  /** decaying assets out at the end */
  readonly found: number
  /** mean days from the onset to the exclusion, of those found */
  readonly delayDays: number
  /** mean factor of the weight at the end: of decaying and of stable assets */
  readonly shrinkDecaying: number
  readonly shrinkStable: number
}

const ASSETS = 20
const YEARS = 4
const DAYS = YEARS * 365
const ONSET = DAYS / 2
const RULE = {windowDays: 180, fdr: 0.1}
const LOOK_DAYS = 30

/** What is planted: stable edges first, then decays of different size and reach. */
export const PLANTED: readonly PlantedEdges[] = [
  {name: 'stable, typical', edge: 0.03, decaying: 0, halfLifeDays: 0, common: 0},
  {name: 'stable, typical, moving together', edge: 0.03, decaying: 0, halfLifeDays: 0, common: 0.3},
  {name: 'stable, strong', edge: 0.1, decaying: 0, halfLifeDays: 0, common: 0.1},
  {name: 'a quarter decays, typical', edge: 0.03, decaying: 0.25, halfLifeDays: 60, common: 0.1},
  {name: 'a quarter decays, strong', edge: 0.1, decaying: 0.25, halfLifeDays: 60, common: 0.1},
  {name: 'a quarter decays, very strong', edge: 0.3, decaying: 0.25, halfLifeDays: 60, common: 0.1},
  {name: 'all decay, typical', edge: 0.03, decaying: 1, halfLifeDays: 60, common: 0.1},
  {name: 'all decay, strong', edge: 0.1, decaying: 1, halfLifeDays: 60, common: 0.1},
]

/** Measured error rates of the decay rule on planted series, the same on every machine. */
export const decayErrorRates = (runs: number, planted: readonly PlantedEdges[] = PLANTED): ErrorRates[] =>
  planted.map((plant) => ratesOf(plant, runs))

function ratesOf(plant: PlantedEdges, runs: number): ErrorRates {
  const decaying = Math.round(ASSETS * plant.decaying)
  const sums = {decisions: 0, wrong: 0, out: 0, watched: 0, found: 0, delay: 0, shrinkDecaying: 0, shrinkStable: 0}
  for (let run = 0; run < runs; run++) {
    const monitor = decayMonitor(plantedSeries(plant, run), RULE)
    const since = new Map<number, number>()
    for (let day = 2 * RULE.windowDays; day <= DAYS; day += LOOK_DAYS) {
      // Before the onset everybody is stable.
      const isStable = (a: number): boolean => a >= decaying || day <= ONSET
      const entered: number[] = []
      for (let a = 0; a < ASSETS; a++) {
        const isOut = monitor.decayed(a, day * DAY_MS) !== null
        if (isOut && !since.has(a)) {
          since.set(a, day)
          entered.push(a)
        }
        if (!isOut) since.delete(a)
        if (isStable(a)) {
          sums.watched++
          if (isOut) sums.out++
        }
      }
      if (day % RULE.windowDays === 0) sums.decisions++
      if (entered.length > 0) sums.wrong += entered.filter(isStable).length / entered.length
    }
    for (const [a, day] of since) {
      if (a >= decaying) continue
      sums.found++
      sums.delay += Math.max(0, day - ONSET)
    }
    for (let a = 0; a < ASSETS; a++) sums[a < decaying ? 'shrinkDecaying' : 'shrinkStable'] += monitor.shrink(a)
  }
  const stable = ASSETS - decaying
  return {
    ...plant,
    runs,
    falseDiscoveryRate: sums.wrong / sums.decisions,
    wronglyOut: sums.out / sums.watched,
    found: decaying === 0 ? Number.NaN : sums.found / (runs * decaying),
    delayDays: sums.delay / sums.found,
    shrinkDecaying: sums.shrinkDecaying / (runs * decaying),
    shrinkStable: sums.shrinkStable / (runs * stable),
  }
}

/** Coefficients with unit variance around the planted edge, a common part on each day. */
function plantedSeries({name, edge, decaying, halfLifeDays, common}: PlantedEdges, run: number): EdgeSeries[] {
  const random = new Random(`selection-decay|${name}|${run}`)
  const shared = Float64Array.from({length: DAYS}, () => random.normal())
  const known = Float64Array.from({length: DAYS}, (_, t) => (t + 1) * DAY_MS)
  return Array.from({length: ASSETS}, (_, asset) => ({
    asset,
    family: 'planted',
    known,
    value: Float64Array.from({length: DAYS}, (__, t) => {
      const left = asset < ASSETS * decaying && t >= ONSET ? 2 ** (-(t - ONSET) / halfLifeDays) : 1
      return edge * left + Math.sqrt(common) * shared[t]! + Math.sqrt(1 - common) * random.normal()
    }),
  }))
}
