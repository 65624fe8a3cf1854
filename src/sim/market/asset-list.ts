/** One contract of the practice venue. Its index in the list is its asset id, as on the real venue. */
export interface AssetSpec {
  readonly name: string
  readonly szDecimals: number
  readonly maxLeverage: number
  /** price around which the level wanders, USD */
  readonly anchorPx: number
  /** typical daily volume, USD */
  readonly dailyNotional: number
  /** loading on the market return */
  readonly beta: number
  /** own daily volatility beside the market's */
  readonly ownVol: number
  /** days of the history on which it traded: [first, end), one span per incarnation */
  readonly spans: readonly (readonly [number, number])[]
  /** after its last day the venue goes on printing flat bars without volume for so many days */
  readonly flatDays?: number
}

/** Days of daily history; the last complete day ends at `HISTORY_END`. */
export const HISTORY_DAYS = 3650
/** A span that ends here is still trading. */
const ON = Number.POSITIVE_INFINITY

const row = (
  name: string,
  szDecimals: number,
  maxLeverage: number,
  anchorPx: number,
  dailyNotional: number,
  beta: number,
  ownVol: number,
  spans: readonly (readonly [number, number])[] = [[0, ON]],
  flatDays?: number,
): AssetSpec => ({
  ...{name, szDecimals, maxLeverage, anchorPx, dailyNotional, beta, ownVol, spans},
  ...(flatDays === undefined ? {} : {flatDays}),
})

/**
 * Invented contracts, named after minerals so that no price can be mistaken for a real one; BTC and ETH keep their
 * names because betas and references are expressed in them.
 *
 * Two are delisted (one goes silent, one prints flat bars first), one name comes back after 300 days as another coin.
 */
export const ASSETS: readonly AssetSpec[] = [
  row('BTC', 5, 40, 60_000, 2_400e6, 1.0, 0.008),
  row('ETH', 4, 25, 3_000, 1_100e6, 1.15, 0.014),
  row('AGATE', 2, 20, 140, 420e6, 1.25, 0.022),
  row('AMBER', 1, 10, 18, 160e6, 1.1, 0.027),
  row('AZURITE', 0, 10, 0.75, 130e6, 1.05, 0.026),
  row('BERYL', 1, 10, 9.5, 110e6, 1.2, 0.028),
  row('BORAX', 0, 5, 0.32, 64e6, 0.95, 0.031),
  row('CALCITE', 1, 10, 6.2, 90e6, 1.1, 0.027),
  row('CINNABAR', 1, 5, 4.8, 70e6, 1.0, 0.033, [[0, 2890]], 12),
  row('CITRINE', 0, 5, 1.4, 85e6, 1.3, 0.03),
  row('CORAL', 0, 5, 0.085, 58e6, 0.9, 0.032),
  row('FELDSPAR', 1, 5, 2.6, 75e6, 1.1, 0.03, [
    [0, 1210],
    [1510, ON],
  ]),
  row('GALENA', 0, 3, 0.55, 61e6, 1.2, 0.034, [[0, 2035]]),
  row('GARNET', 1, 10, 11, 120e6, 1.15, 0.026),
  row('IOLITE', 0, 5, 0.48, 66e6, 1.0, 0.03),
  row('JADE', 1, 10, 24, 210e6, 1.05, 0.024),
  row('KYANITE', 0, 3, 0.021, 52e6, 1.25, 0.034),
  row('LAPIS', 1, 5, 3.7, 78e6, 1.1, 0.029),
  row('ONYX', 2, 10, 75, 250e6, 1.2, 0.023),
  row('OPAL', 0, 10, 1.9, 140e6, 1.0, 0.026),
  row('PEARL', 0, 5, 0.16, 72e6, 1.15, 0.031),
  row('PYRITE', 0, 5, 0.95, 82e6, 0.9, 0.029),
  row('QUARTZ', 1, 10, 14, 180e6, 1.1, 0.025),
  row('RUBY', 1, 10, 32, 230e6, 1.3, 0.024),
  row('SPINEL', 0, 5, 0.62, 68e6, 1.05, 0.03, [[420, ON]]),
  row('TOPAZ', 1, 5, 7.4, 95e6, 1.2, 0.028, [[0, ON]]),
  row('TURQUOISE', 0, 5, 0.27, 60e6, 1.0, 0.032, [[1130, ON]]),
  row('ZIRCON', 0, 5, 1.1, 74e6, 1.15, 0.03, [[2320, ON]]),
]

/** Contracts beyond the named ones have so many days of past. */
const SHORT_PAST = 60

/**
 * The named contracts and as many small ones as it takes until `trading` of them trade: from a few thousand to tens of
 * millions of USD a day, as on a real venue.
 */
export function wideList(trading: number): readonly AssetSpec[] {
  const alive = ASSETS.filter(({spans}) => spans.at(-1)![1] === ON).length
  const more = Array.from({length: Math.max(0, trading - alive)}, (_, i): AssetSpec => {
    const dailyNotional = 40e6 * 0.965 ** i
    const anchorPx = 0.02 * 1.09 ** ((i * 37) % 97)
    const name = `ORE${String(i + 1).padStart(3, '0')}`
    return row(name, anchorPx > 5 ? 1 : 0, 5, anchorPx, dailyNotional, 1, 0.03, [[HISTORY_DAYS - SHORT_PAST, ON]])
  })
  return [...ASSETS, ...more]
}

/** A name that comes back is another coin: its price level has nothing to do with the first. */
export const REUSED_PRICE_RATIO = 40
