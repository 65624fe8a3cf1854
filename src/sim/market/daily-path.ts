import {Random} from '../../kernel/random.ts'
import {ASSETS, type AssetSpec, HISTORY_DAYS, REUSED_PRICE_RATIO} from './asset-list.ts'
import {nearestPx, usdOf} from './price-grid.ts'

/** One incarnation of one asset, one entry per day from `firstDay`. */
export interface DailyPath {
  readonly firstDay: number
  /** price units */
  readonly open: Float64Array
  readonly close: Float64Array
  /** lots */
  readonly volume: Float64Array
  /** volatility of the day as the generator knew it at its open */
  readonly sigma: Float64Array
}

/** Daily volatility of the market and how it clusters: GARCH(1,1) with persistence 0.97. */
const MARKET = {vol: 0.02, arch: 0.09, garch: 0.88}
const OWN = {arch: 0.07, garch: 0.89}
/** Three days in a hundred are drawn 2.2 times wider: the tails of daily returns. */
const WIDE = {chance: 0.03, factor: 2.2}
/** Pull of the log price to its anchor: keeps ten years of levels inside a factor of about ten. */
const ANCHOR_PULL = 1 / 700
/** Open against the last close: the quote has moved a little. */
const GAP_VOL = 0.0002

/**
 * The planted edge. Attention is a stationary process of each asset, independent of prices and of other assets, with a
 * half-life of 14 days. It is seen as abnormal volume and lowers the next day’s return by EDGE of its own daily volatility per
 * unit. That is the only predictable part of any return here.
 */
const ATTENTION_DECAY = 0.5 ** (1 / 14)
const EDGE = 0.08
const VOLUME = {attention: 0.6, marketVol: 0.5, ownMove: 0.12, noise: 0.22}

/**
 * Ten years of daily opens, closes and volumes for every asset, from one seed.
 *
 * @returns  asset name -> its incarnations, oldest first
 */
export function generateDaily(seed: number, assets: readonly AssetSpec[] = ASSETS): Map<string, DailyPath[]> {
  const market = marketReturns(new Random(`qo-sim|daily|market|${seed}`))
  return new Map(assets.map((asset) => [asset.name, assetPaths(asset, market, seed)]))
}

interface MarketPath {
  readonly move: Float64Array
  /** variance relative to its mean, known at the open */
  readonly heat: Float64Array
}

function marketReturns(random: Random): MarketPath {
  const move = new Float64Array(HISTORY_DAYS)
  const heat = new Float64Array(HISTORY_DAYS)
  const base = MARKET.vol ** 2
  let variance = base
  for (let day = 0; day < HISTORY_DAYS; day++) {
    heat[day] = variance / base
    move[day] = Math.sqrt(variance) * tailed(random)
    variance = base * (1 - MARKET.arch - MARKET.garch) + MARKET.arch * move[day]! ** 2 + MARKET.garch * variance
  }
  return {move, heat}
}

function assetPaths(asset: AssetSpec, market: MarketPath, seed: number): DailyPath[] {
  return asset.spans.map(([first, end], incarnation) => {
    const random = new Random(`qo-sim|daily|${asset.name}#${incarnation + 1}|${seed}`)
    const anchor = asset.anchorPx * REUSED_PRICE_RATIO ** incarnation
    return walk(asset, anchor, first, Math.min(end, HISTORY_DAYS), market, random)
  })
}

function walk(
  asset: AssetSpec,
  anchor: number,
  firstDay: number,
  endDay: number,
  market: MarketPath,
  random: Random,
): DailyPath {
  const days = endDay - firstDay
  const path = {
    firstDay,
    open: new Float64Array(days),
    close: new Float64Array(days),
    volume: new Float64Array(days),
    sigma: new Float64Array(days),
  }
  const base = asset.ownVol ** 2
  let variance = base
  let attention = random.normal()
  let px = nearestPx(anchor * Math.exp(0.5 * random.normal()), asset.szDecimals)
  for (let i = 0; i < days; i++) {
    const day = firstDay + i
    const own = Math.sqrt(variance) * tailed(random)
    const pull = ANCHOR_PULL * (Math.log(anchor) - Math.log(usdOf(px)))
    const planted = -EDGE * asset.ownVol * attention
    path.sigma[i] = Math.sqrt(variance + (asset.beta * MARKET.vol) ** 2 * market.heat[day]!)
    path.open[i] = nearestPx(usdOf(px) * Math.exp(GAP_VOL * random.normal()), asset.szDecimals)
    px = nearestPx(usdOf(px) * Math.exp(asset.beta * market.move[day]! + own + pull + planted), asset.szDecimals)
    path.close[i] = px
    attention = ATTENTION_DECAY * attention + Math.sqrt(1 - ATTENTION_DECAY ** 2) * random.normal()
    const busy =
      VOLUME.attention * attention +
      VOLUME.marketVol * 0.5 * Math.log(market.heat[day]!) +
      VOLUME.ownMove * (Math.abs(own) / Math.sqrt(base) - 0.8) +
      VOLUME.noise * random.normal()
    path.volume[i] = Math.max(
      1,
      Math.round(((asset.dailyNotional * Math.exp(busy)) / usdOf(px)) * 10 ** asset.szDecimals),
    )
    variance = base * (1 - OWN.arch - OWN.garch) + OWN.arch * own ** 2 + OWN.garch * variance
  }
  return path
}

const tailed = (random: Random): number => random.normal() * (random.unit() < WIDE.chance ? WIDE.factor : 1)
