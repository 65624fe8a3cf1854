import {lowerBound} from '../../kernel/bounds.ts'
import {DAY_MS} from '../../kernel/instant.ts'

/** A class of bars, by what was known before each of them. */
export interface Regime {
  readonly name: string
  /** positions in the series that was given, ascending */
  readonly bars: readonly number[]
}

const WINDOW_DAYS = 30
/** Volatility is called high or low against what had been seen by then; before this there is too little to compare. */
const LEAST_DAYS = 60

/**
 * Classes of bars that a trader could have named at the time: terciles of trailing volatility, sign of the trailing
 * trend, calendar year. The class of a bar never depends on its own return.
 *
 * @param market  shape [T], equal-weighted return of the universe
 * @param ts      shape [T], open of each bar, epoch ms
 */
export function marketRegimes(market: Float64Array, ts: Float64Array, barMs: number): Regime[] {
  const window = Math.max(2, Math.round((WINDOW_DAYS * DAY_MS) / barMs))
  const least = Math.round((LEAST_DAYS * DAY_MS) / barMs)
  const classes = new Map<string, number[]>()
  const put = (name: string, t: number): void => {
    const bars = classes.get(name)
    if (bars) bars.push(t)
    else classes.set(name, [t])
  }
  const seen: number[] = []
  let [total, squares] = [0, 0]
  for (let t = 0; t < market.length; t++) {
    if (t >= window) {
      const volatility = Math.sqrt(Math.max(0, squares / window - (total / window) ** 2))
      if (t >= least) put(`volatility ${TERCILES[tercileOf(seen, volatility)]}`, t)
      put(total >= 0 ? 'market rising' : 'market falling', t)
      insert(seen, volatility)
    }
    put(`year ${new Date(ts[t]!).getUTCFullYear()}`, t)
    total += market[t]!
    squares += market[t]! ** 2
    if (t >= window) {
      total -= market[t - window]!
      squares -= market[t - window]! ** 2
    }
  }
  return [...classes].map(([name, bars]) => ({name, bars})).sort((a, b) => (a.name < b.name ? -1 : 1))
}

const TERCILES = ['low', 'middle', 'high'] as const

function tercileOf(sorted: readonly number[], value: number): 0 | 1 | 2 {
  const share = lowerBound(sorted, value) / Math.max(1, sorted.length)
  return share < 1 / 3 ? 0 : share < 2 / 3 ? 1 : 2
}

function insert(sorted: number[], value: number): void {
  sorted.splice(lowerBound(sorted, value), 0, value)
}
