import {Random} from '../../src/kernel/random.ts'
import {smallMarket} from '../gauntlet/small-market.ts'
import {type Coin, coinOf, type Market, marketOf, slowState} from './market.ts'

/** Markets of the corpus. Each is made once from a fixed seed; cases that name the same one share its lake. */

const DAYS = 1250
/** Units a day of a coin near 100: a median notional of 200 million. */
const UNITS = 2e6

const daily = (coins: readonly Coin[], more: Partial<Market> = {}): Market => ({
  venue: 'sim',
  interval: '1d',
  coins,
  ...more,
})
const names = (count: number): string[] => Array.from({length: count}, (_, a) => `A${String(a).padStart(2, '0')}`)

/** Coins whose next return follows how far their volume is above normal; `edge` by bar. */
function followers(seed: string, edge: (t: number) => number, {days = DAYS, coins = 8, memory = 0.85} = {}): Market {
  const random = new Random(seed)
  const common = Float64Array.from({length: days}, () => random.normal())
  return daily(
    names(coins).map((name) => {
      const state = slowState(random, memory)
      const said = Float64Array.from({length: days}, state)
      return coinOf(name, days, (t) => ({
        move: 0.02 * (0.5 * common[t]! + 0.8 * random.normal() + edge(t) * (said[t - 1] ?? 0)),
        volume: UNITS * Math.exp(0.3 * said[t]!),
      }))
    }),
  )
}

export const volumeMarket = marketOf(smallMarket({days: DAYS, assets: 8, edge: 0.12, seed: 'corpus: volume'}))

/** An edge in the middle fifth of the bars that are researched. */
export const regimeMarket = followers('corpus: regime', (t) => (t > 0.42 * DAYS && t < 0.6 * DAYS ? 0.8 : 0))

/** Coins rise while their volume lies in one narrow band; volume changes slowly. */
export const spikeMarket = (() => {
  const random = new Random('corpus: spike')
  return daily(
    names(12).map((name) => {
      const state = slowState(random, 0.985)
      let before = 0
      return coinOf(name, DAYS, () => {
        const move = 0.02 * random.normal() + (Math.abs(before - 0.15) < 0.075 ? 0.012 : 0)
        before = 0.3 * state()
        return {move, volume: Math.exp(14.5 + before)}
      })
    }),
  )
})()

/** Volume has a part that lasts and a part that is gone the next day; what lasts foretells more. */
export const fastMarket = (() => {
  const random = new Random('corpus: fast')
  return daily(
    names(8).map((name) => {
      const state = slowState(random, 0.97)
      let [slow, fast] = [0, 0]
      return coinOf(name, DAYS, () => {
        const move = 0.02 * (random.normal() + 0.1 * slow + 0.07 * fast)
        slow = state()
        fast = random.normal()
        return {move, volume: UNITS * Math.exp(0.3 * slow + 0.3 * fast)}
      })
    }),
  )
})()

export const endedMarket = followers('corpus: ended', (t) => (t < 0.79 * DAYS ? 0.2 : 0))
export const lastingMarket = followers('corpus: lasting', () => 0.2)

/** Hourly random walks. */
export const hourlyMarket: Market = (() => {
  const random = new Random('corpus: hourly')
  const coins = names(4).map((name) =>
    coinOf(name, 24 * 150, () => ({move: 0.006 * random.normal(), volume: 1e5 * Math.exp(0.2 * random.normal())})),
  )
  return {venue: 'sim', interval: '1h', coins}
})()

/** Coins without drift; a coin that has lost half is delisted. */
function mortals(seed: string, count: number, days: number, volatility: number): Coin[] {
  const random = new Random(seed)
  return names(count).map((name) => {
    const state = slowState(random)
    let [level, end] = [0, days]
    const coin = coinOf(name, days, (t) => {
      const move = volatility * random.normal() - volatility ** 2 / 2
      level += move
      if (end === days && level < Math.log(0.5)) end = t + 1
      return {move, volume: UNITS * Math.exp(0.3 * state())}
    })
    if (end === days) return coin
    const cut = (column: ArrayLike<number>): Float64Array => Float64Array.from(column).subarray(0, end)
    return {
      ...{name, first: 0, open: cut(coin.open), high: cut(coin.high), low: cut(coin.low)},
      ...{close: cut(coin.close), volume: cut(coin.volume)},
    }
  })
}

const born = mortals('corpus: mortals', 60, 1100, 0.04)
const survivors = born.filter(({open}) => open.length === 1100)
export const wholeMarket = daily(born, {complete: true})
export const hiddenMarket = daily(survivors)
export const survivorMarket = daily(survivors, {survivor: true})

/** Sixty coins without drift, none of which dies. */
const sixty = (() => {
  const random = new Random('corpus: hindsight')
  return names(60).map((name) => {
    const state = slowState(random)
    return coinOf(name, DAYS, () => ({move: 0.04 * random.normal() - 0.0008, volume: UNITS * Math.exp(0.3 * state())}))
  })
})()
export const hindsightMarket = daily(sixty)

/** Quiet coins of a venue with funding; they drift by less than a missing payment is charged. */
const quiet = (() => {
  const random = new Random('corpus: quiet')
  return names(6).map((name) => {
    const state = slowState(random)
    return coinOf(name, 1100, () => ({move: 0.004 * random.normal() + 0.0002, volume: 1e7 * Math.exp(0.2 * state())}))
  })
})()
export const unfundedMarket = daily(quiet, {venue: 'binance'})
export const fundedMarket = daily(quiet, {venue: 'binance', fundingRate: (coin, i) => 1e-6 * Math.sin(i / 20 + coin)})

/** A random walk seen through trades at the bid or the ask, eight basis points to either side. */
export const bounceMarket = (() => {
  const random = new Random('corpus: bounce')
  const HALF = 8e-4
  return daily(
    names(3).map((name): Coin => {
      let middle = 100
      const side = (): number => (random.below(2) === 0 ? -1 : 1)
      const [open, high, low, close] = [
        new Float64Array(1100),
        new Float64Array(1100),
        new Float64Array(1100),
        new Float64Array(1100),
      ]
      for (let t = 0; t < 1100; t++) {
        const before = middle
        middle *= Math.exp(0.001 * random.normal())
        open[t] = before
        close[t] = middle * (1 + HALF * side())
        // Both sides of the book trade in every bar, and a tick beyond them nothing does.
        high[t] = Math.max(open[t]!, close[t]!, Math.max(before, middle) * (1 + HALF))
        low[t] = Math.min(open[t]!, close[t]!, Math.min(before, middle) * (1 - HALF))
      }
      return {name, first: 0, open, high, low, close, volume: open.map(() => 2e4)}
    }),
  )
})()

/** Coins that come back to a slow middle. */
export const reversalMarket = (() => {
  const random = new Random('corpus: reversal')
  return daily(
    names(8).map((name) => {
      let away = 0
      return coinOf(name, DAYS, () => {
        const pull = -0.1 * away
        const shock = 0.02 * random.normal()
        away += pull + shock
        return {move: pull + shock, volume: UNITS}
      })
    }),
  )
})()

/** A coin and what is said to be its index. */
const spot = (() => {
  const random = new Random('corpus: spot')
  return coinOf('SPOT', 1100, () => ({move: 0.03 * random.normal(), volume: UNITS * Math.exp(0.2 * random.normal())}))
})()
function indexOf(volume: (t: number) => number, lagging: boolean): Coin {
  const random = new Random('corpus: index')
  const level = (t: number): number => {
    const at = (i: number): number => spot.close[Math.max(0, i)]!
    return lagging ? (at(t) + at(t - 1) + at(t - 2)) / 3 : at(t) * Math.exp(0.002 * random.normal())
  }
  const close = Float64Array.from({length: 1100}, (_, t) => level(t))
  const open = close.map((px, t) => close[t - 1] ?? px)
  const [high, low] = [
    open.map((o, t) => Math.max(o, close[t]!) * 1.002),
    open.map((o, t) => Math.min(o, close[t]!) * 0.998),
  ]
  return {name: 'INDEX', first: 0, open, high, low, close, volume: close.map((_, t) => volume(t))}
}
/** A vendor leaves the volume of an index empty, but for a first print that lists it. */
export const indexMarket = daily([spot, indexOf((t) => (t % 20 === 0 ? UNITS : 0), true)])
export const dressedIndexMarket = daily([spot, indexOf((t) => spot.volume[t]!, true)])
export const tradedMarket = daily([spot, indexOf((t) => spot.volume[t]!, false)])

/** Steady coins; one crashes, while its volume is so low that nobody who follows volume holds it. */
export const crashMarket = (() => {
  const random = new Random('corpus: crash')
  const CRASH = 500
  return daily(
    names(6).map((name, a) => {
      const state = slowState(random, 0.98)
      const said = Float64Array.from({length: 1100}, state)
      if (a === 0) for (let t = CRASH - 20; t < CRASH + 30; t++) said[t] = -4
      return coinOf(name, 1100, (t) => ({
        move: a === 0 && t === CRASH ? Math.log(0.2) : 0.0011 + 0.006 * random.normal(),
        volume: UNITS * Math.exp(0.3 * said[t]!),
      }))
    }),
  )
})()
