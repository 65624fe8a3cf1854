import {DAY_MS, HOUR_MS} from '../../kernel/instant.ts'
import {Random} from '../../kernel/random.ts'

/** Premium and rate as integer counts of 10^-10; `time` is a few ms after the scheduled settlement. */
export interface FundingRow {
  readonly time: number
  readonly rate: number
  readonly premium: number
}

/** A path of premia that can be continued: what the next settlement needs to know. */
export interface FundingPath {
  readonly rows: FundingRow[]
  readonly random: Random
  premium: number
}

const UNIT = 1e10
/** Long-run premium and how it wanders: half-life two days, spread 4 bp. */
const MEAN_PREMIUM = 0.00014
const SPREAD = 0.0004
const HALF_LIFE_MS = 2 * DAY_MS
const INTEREST = 1_000_000
const CLAMP = 5_000_000
/** Hourly settlement; before `hourlyFrom` the venue settled every eight hours, as the real one did until mid-2023. */
const EARLY_INTERVAL_MS = 8 * HOUR_MS

export function startFunding(seedText: string): FundingPath {
  const random = new Random(seedText)
  return {rows: [], random, premium: MEAN_PREMIUM + SPREAD * random.normal()}
}

/**
 * Append every settlement in (the last one, until].
 *
 * rate = (P + clamp(0.0001 − P, ±0.0005)), paid whole every eight hours in the early years and one eighth an hour
 * since. Premia are multiples of 8 units, so the formula holds to the last digit of the text.
 *
 * @param from   start of trading: the first settlement is after it
 * @param extra  premium on top of the path at a settlement
 * @see spec hyperliquid.md §1 fundingHistory, §4 funding
 */
export function extendFunding(
  path: FundingPath,
  from: number,
  until: number,
  hourlyFrom: number,
  extra: (settled: number) => number = () => 0,
): void {
  let settled = Math.floor((path.rows.at(-1)?.time ?? from) / HOUR_MS) * HOUR_MS
  for (;;) {
    const step = settled < hourlyFrom ? EARLY_INTERVAL_MS : HOUR_MS
    settled = Math.floor(settled / step) * step + step
    if (settled > until) return
    const keep = 0.5 ** (step / HALF_LIFE_MS)
    const shock = SPREAD * Math.sqrt(1 - keep ** 2) * path.random.normal()
    path.premium = MEAN_PREMIUM + keep * (path.premium - MEAN_PREMIUM) + shock
    const premium = Math.round(((path.premium + extra(settled)) * UNIT) / 8) * 8
    const whole = premium + Math.max(-CLAMP, Math.min(CLAMP, INTEREST - premium))
    const rate = step === HOUR_MS ? whole / 8 : whole
    path.rows.push({time: settled + 1 + path.random.below(118), rate, premium})
  }
}
