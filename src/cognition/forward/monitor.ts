import type {ForwardDay, ForwardReading} from '../../contracts/forward.ts'
import type {GauntletConfig} from '../../contracts/gauntlet.ts'
import type {Random} from '../../kernel/random.ts'
import {drawdownQuantile, maxDrawdown} from '../gauntlet/drawdown-quantile.ts'
import {politisWhite} from '../statistics/block-length.ts'
import {cusum, cusumThreshold} from '../statistics/cusum.ts'
import {bettingProcess, killProcess} from '../statistics/e-process.ts'
import {mean, type Series} from '../statistics/series.ts'

const DAYS = 365

/** Fewer research days than this claim nothing that could be monitored. */
const LEAST_CLAIM = 60

/** E above this is no more evidence to any rule, and a finite number in a file. */
const MOST_E = 1e12

/**
 * Read a forward record: evidence for an edge, evidence against the claim, and how deep it fell.
 *
 * The alarm rule is an OR of three: kill e-process, CUSUM, drawdown beyond what research could have shown. The forward
 * e-process needs no claim; the rest compares with the research returns of the declared point.
 *
 * @param days      the shadow book, one entry a day, none left out
 * @param claimed   `research`: daily research returns, oldest first, empty when nothing was claimed; `srTarget`: the annual
 *                  Sharpe its file declares. The claim is the smaller of the two means: what was found was chosen for
 *                  being large, and holding it to that would call every honest edge decayed
 * @param random    for the drawdown quantile only
 * @see gauntlet.md M24
 */
export function readForward(
  days: readonly ForwardDay[],
  {research, srTarget}: {readonly research: Series; readonly srTarget: number},
  config: GauntletConfig['monitor'],
  random: Random,
): ForwardReading {
  const net = Float64Array.from(days, (day) => day.net)
  const bettor = {
    mean: config.prior_mean,
    variance: config.prior_variance,
    weight: config.prior_days,
    fraction: config.bet_fraction,
  }
  const forward = last(bettingProcess(net, {...bettor, lossBound: config.loss_bound}).logE)
  const wild = spread(research)
  const claim =
    research.length >= LEAST_CLAIM && wild > 0 ? Math.min(mean(research), (srTarget * wild) / Math.sqrt(DAYS)) : null
  const sd = spread(net)
  const plain = {
    days: days.length,
    mean_annual: days.length === 0 ? null : mean(net) * DAYS,
    sharpe_annual: sd > 0 ? (mean(net) / sd) * Math.sqrt(DAYS) : null,
    claimed_mean_annual: claim === null ? null : claim * DAYS,
    e_forward: wealthOf(forward),
  }
  const broken = forward === Number.NEGATIVE_INFINITY ? `a day lost more than the bound of ${config.loss_bound}` : null
  if (claim === null) return {...plain, e_kill: null, cusum: null, drawdown: null, alarm: broken, warning: null}

  const half = claim / 2
  const kill =
    claim > 0 && half < config.gain_bound
      ? wealthOf(last(killProcess(net, half, config.gain_bound, {...bettor, mean: half}).logE))
      : null
  const watched = watch(days, net, research, claim, config)
  const depth = drawdownOf(net, research, config, random)
  const alarms = [
    broken,
    kill !== null && kill >= config.kill_e ? `kill e-value ${round(kill)} ≥ ${config.kill_e}` : null,
    watched.alarm_day === null ? null : `CUSUM above ${round(watched.threshold)} on ${watched.alarm_day}`,
    depth.worst > depth.kills ? `drawdown ${percent(depth.worst)} beyond ${percent(depth.kills)}` : null,
  ].filter((text) => text !== null)
  const warnings = [
    kill !== null && kill >= config.warn_e ? `kill e-value ${round(kill)} ≥ ${config.warn_e}` : null,
    watched.statistic > config.warn_share * watched.threshold
      ? `CUSUM ${round(watched.statistic)} of ${round(watched.threshold)}`
      : null,
    depth.now > depth.warns ? `drawdown ${percent(depth.now)} beyond ${percent(depth.warns)}` : null,
  ].filter((text) => text !== null)
  return {
    ...plain,
    ...{e_kill: kill, cusum: watched, drawdown: depth},
    alarm: alarms.length > 0 ? alarms.join('; ') : null,
    warning: warnings.length > 0 ? warnings.join('; ') : null,
  }
}

/** CUSUM over blocks long enough that autocorrelation does not pass for decay. */
function watch(
  days: readonly ForwardDay[],
  net: Float64Array,
  research: Series,
  claim: number,
  {cusum_shift, cusum_years}: GauntletConfig['monitor'],
): NonNullable<ForwardReading['cusum']> {
  const block = Math.max(1, Math.round(politisWhite(research).stationary))
  const claimed = blockMeans(research, block)
  // Too few blocks to know how they spread: independent days are assumed.
  const sd = claimed.length >= 20 ? spread(claimed) : spread(research) / Math.sqrt(block)
  const z = blockMeans(net, block).map((value) => (value - claim) / sd)
  const k = (cusum_shift / 2) * Math.sqrt(block)
  const threshold = cusumThreshold(k, Math.max(2, (cusum_years * DAYS) / block))
  const {path, alarm} = cusum(z, k, threshold)
  return {
    statistic: path.at(-1) ?? 0,
    threshold,
    block_days: block,
    alarm_day: alarm === null ? null : days[(alarm + 1) * block - 1]!.day,
  }
}

/** Quantiles over at least a year: a record that is looked at every day must not alarm because it is short. */
function drawdownOf(
  net: Float64Array,
  research: Series,
  {drawdown_warns, drawdown_kills, drawdown_draws}: GauntletConfig['monitor'],
  random: Random,
): NonNullable<ForwardReading['drawdown']> {
  const length = Math.max(DAYS, net.length)
  const block = politisWhite(research).stationary
  const quantile = (q: number): number => drawdownQuantile(research, length, block, q, drawdown_draws, random)
  let [equity, peak] = [1, 1]
  for (const r of net) {
    equity *= 1 + r
    peak = Math.max(peak, equity)
  }
  return {
    now: 1 - equity / peak,
    worst: maxDrawdown(net),
    warns: quantile(drawdown_warns),
    kills: quantile(drawdown_kills),
  }
}

/** Means of whole blocks from the start; the unfinished last one waits. */
function blockMeans(x: Series, block: number): Float64Array {
  return Float64Array.from({length: Math.floor(x.length / block)}, (_, i) =>
    mean(Array.from({length: block}, (__, j) => x[i * block + j]!)),
  )
}

function spread(x: Series): number {
  if (x.length < 2) return 0
  const centre = mean(x)
  return Math.sqrt(Array.from(x).reduce((sum, value) => sum + (value - centre) ** 2, 0) / (x.length - 1))
}

const last = (log: Float64Array): number => log.at(-1) ?? 0
const wealthOf = (log: number): number => Math.min(MOST_E, Math.exp(log))
const round = (value: number): string => String(Number(value.toPrecision(3)))
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
