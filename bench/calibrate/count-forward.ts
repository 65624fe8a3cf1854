import {readForward} from '../../src/cognition/forward/monitor.ts'
import {bettingProcess} from '../../src/cognition/statistics/e-process.ts'
import type {ForwardDay} from '../../src/contracts/forward.ts'
import type {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {DAY_MS, dayOf} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'
import {DAILY_DEVIATION} from './families.ts'

const YEAR = 365
const RESEARCH_DAYS = 4 * YEAR
/** Days between two looks at the record. The product looks every day; fewer looks can only find decay later. */
const LOOK_DAYS = 91
const FROM = Date.UTC(2022, 0, 1)

const returnsOf = (random: Random, days: number, sharpe: (day: number) => number): Float64Array =>
  Float64Array.from({length: days}, (_, day) => DAILY_DEVIATION * (random.normal() + sharpe(day) / Math.sqrt(YEAR)))

/**
 * An edge of `sharpe`, true in research and for `aliveDays` of the forward record, then gone. When does the monitor say so?
 *
 * - `early`: an alarm at a look before the edge was gone; `alarm:n` the n-th look after that day found it, `never`.
 * - `looks` before the edge was gone and the first alarm, and how many of them `warn`; `warned:n` the n-th look after that
 *   day was the first that warned or found it.
 */
export function countDecay(
  {sharpe, aliveDays, days}: {readonly sharpe: number; readonly aliveDays: number; readonly days: number},
  seed: string,
  config: GauntletConfig,
): Record<string, number> {
  const random = new Random(seed)
  const research = returnsOf(random, RESEARCH_DAYS, () => sharpe)
  const net = returnsOf(random, days, (day) => (day < aliveDays ? sharpe : 0))
  const record = Array.from(net, dayRow)
  const counts: Record<string, number> = {looks: 0, warn: 0}
  let warned = false
  for (let seen = LOOK_DAYS; seen <= days; seen += LOOK_DAYS) {
    const claimed = {research, srTarget: sharpe}
    const {alarm, warning} = readForward(
      record.slice(0, seen),
      claimed,
      config.monitor,
      new Random(`${seed}|look:${seen}`),
    )
    const look = Math.ceil((seen - aliveDays) / LOOK_DAYS)
    if (seen <= aliveDays) {
      counts['looks']! += 1
      counts['warn']! += Number(warning !== null)
    } else if (!warned && (warning ?? alarm) !== null) {
      warned = true
      counts[`warned:${look}`] = 1
    }
    if (alarm !== null) return {...counts, [seen <= aliveDays ? 'early' : `alarm:${look}`]: 1}
  }
  return {...counts, never: 1}
}

const dayRow = (net: number, day: number): ForwardDay => ({
  day: dayOf(FROM + day * DAY_MS),
  net,
  ...{gross: net, costs: 0, funding: 0, turnover: 0, exposure: 1, bars: 1},
})

/** Evidence of a forward record: the first day on which its e-value reaches each step of the capital ladder. */
export function countEvidence(
  {sharpe, days, steps}: {readonly sharpe: number; readonly days: number; readonly steps: readonly number[]},
  seed: string,
  config: GauntletConfig,
): Record<string, number> {
  const {monitor} = config
  const {logE} = bettingProcess(
    returnsOf(new Random(seed), days, () => sharpe),
    {
      lossBound: monitor.loss_bound,
      mean: monitor.prior_mean,
      variance: monitor.prior_variance,
      weight: monitor.prior_days,
      fraction: monitor.bet_fraction,
    },
  )
  const counts: Record<string, number> = {}
  for (const step of steps) {
    const first = logE.findIndex((log) => log >= Math.log(step))
    if (first < 0) continue
    for (let year = Math.ceil((first + 1) / YEAR); year * YEAR <= days; year++) counts[`e:${step} within ${year}`] = 1
  }
  return counts
}
