import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {openDesk} from '../../src/cli/open-desk.ts'
import type {Panel} from '../../src/contracts/panel.ts'
import {INTERVAL_MS, type Interval, isoOf} from '../../src/kernel/instant.ts'
import type {Random} from '../../src/kernel/random.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {FIRST_DAY} from '../gauntlet/small-market.ts'

/** Bars of one coin from its first bar on; every column has one value a bar. */
export interface Coin {
  readonly name: string
  /** bar of the grid on which its history begins */
  readonly first: number
  readonly open: ArrayLike<number>
  readonly high: ArrayLike<number>
  readonly low: ArrayLike<number>
  readonly close: ArrayLike<number>
  readonly volume: ArrayLike<number>
}

/** A generated venue: what a case brings into its lake. */
export interface Market {
  readonly venue: 'sim' | 'binance'
  readonly interval: Interval
  readonly coins: readonly Coin[]
  /** the file was drawn up knowing who would survive, and says so */
  readonly survivor?: boolean
  /** the list of coins is complete from the first bar on */
  readonly complete?: boolean
  /** payments every eight hours, rate of each; left out: the venue has no funding table */
  readonly fundingRate?: (coin: number, payment: number) => number
}

/** What a coin does in one bar: its log return from open to close, and the units traded. */
export interface Step {
  readonly move: number
  readonly volume: number
}

/** A coin that opens where it closed, made bar by bar. */
export function coinOf(name: string, bars: number, step: (t: number, px: number) => Step, first = 0): Coin {
  const columns = {open: new Float64Array(bars), close: new Float64Array(bars), volume: new Float64Array(bars)}
  let px = 100
  for (let t = 0; t < bars; t++) {
    const {move, volume} = step(t, px)
    columns.open[t] = px
    px *= Math.exp(move)
    columns.close[t] = px
    columns.volume[t] = volume
  }
  const {open, close} = columns
  const high = open.map((o, t) => Math.max(o, close[t]!) * 1.004)
  const low = open.map((o, t) => Math.min(o, close[t]!) * 0.996)
  return {name, first, ...columns, high, low}
}

/** A volume that stays high or low for about a week, as a log deviation of unit variance. */
export function slowState(random: Random, memory = 0.85): () => number {
  let state = 0
  return () => {
    state = memory * state + Math.sqrt(1 - memory ** 2) * random.normal()
    return state
  }
}

/** The market of the gauntlet's own tests as a venue. */
export const marketOf = ({assets, series}: Panel): Market => ({
  venue: 'sim',
  interval: '1d',
  coins: assets.map((name, a) => {
    const column = (of: 'open' | 'high' | 'low' | 'close' | 'volume') => series.get(of)![a]!
    return {
      ...{name, first: 0, open: column('open'), high: column('high'), low: column('low')},
      ...{close: column('close'), volume: column('volume')},
    }
  }),
})

const EIGHT_HOURS = 8 * 3_600_000

/** Bring a market into the lake of a workspace through the importer that everybody uses. */
export async function ingestMarket(root: string, market: Market, asOf: string): Promise<void> {
  const {venue, interval, coins, survivor = false, complete = false, fundingRate} = market
  const desk = await openDesk({root, asOf, dryRun: false, quiet: true, needsWorkspace: false})
  const request = {
    ...{venue, coin: null, map: {}, zone: null, unit: 'ms' as const, maxBad: 0, survivor},
    completeFrom: complete ? FIRST_DAY : null,
  }
  const at = (bar: number): number => FIRST_DAY + bar * INTERVAL_MS[interval]
  const rows = coins.flatMap(({name, first, open, high, low, close, volume}) =>
    Array.from({length: open.length}, (_, t) =>
      [isoOf(at(first + t)), name, open[t], high[t], low[t], close[t], volume[t]].join(','),
    ),
  )
  const path = join(root, 'market.csv')
  writeFileSync(path, `ts,coin,open,high,low,close,volume\n${rows.join('\n')}\n`)
  await ingestFile(desk, {...request, path, shape: 'ohlcv', interval})
  if (fundingRate === undefined) return
  const payments = coins.flatMap(({name, first, open}, c) => {
    const count = Math.floor((open.length * INTERVAL_MS[interval]) / EIGHT_HOURS)
    return Array.from({length: count}, (_, i) =>
      [isoOf(at(first) + i * EIGHT_HOURS), name, fundingRate(c, i)].join(','),
    )
  })
  const paid = join(root, 'funding.csv')
  writeFileSync(paid, `ts,coin,rate\n${payments.join('\n')}\n`)
  await ingestFile(desk, {...request, path: paid, shape: 'funding', interval: null})
}
