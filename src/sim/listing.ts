import {AgentMarket} from './market/agent-market.ts'
import {ASSETS, wideList} from './market/asset-list.ts'
import {generatedHistory} from './market/generated-history.ts'
import type {MarketSource} from './market/market-source.ts'
import {ReplayMarket} from './market/replay-market.ts'
import type {CoinRecording} from './market/replay-recording.ts'
import {ScriptedMarket} from './market/scripted-market.ts'
import {Tape} from './market/tape.ts'
import type {Scenario} from './scenario.ts'

/** One contract on the venue; its index in the list is its asset id. */
export interface ListedAsset<Source extends MarketSource = MarketSource> {
  readonly name: string
  readonly szDecimals: number
  /** what `meta` says since the venue changed it; matching keeps to the finer `szDecimals` */
  readonly shownSzDecimals?: number
  readonly maxLeverage: number
  readonly market: Source
}

/** The generated market of the shipped scenarios. */
export const generatedListing = (seed: number, scenario: Scenario): ListedAsset<ScriptedMarket>[] =>
  generatedHistory(seed, assetsOf(scenario)).map((start, i) => ({
    name: start.name,
    szDecimals: start.szDecimals,
    maxLeverage: assetsOf(scenario)[i]!.maxLeverage,
    market: new ScriptedMarket(new Tape(start, scenario.events), scenario),
  }))

const assetsOf = ({contracts}: Scenario) => (contracts === undefined ? ASSETS : wideList(contracts))

/** The same past, going on with agents who are there from `begin` on. */
export const agentListing = (seed: number, scenario: Scenario, begin: number): ListedAsset<AgentMarket>[] =>
  generatedHistory(seed, assetsOf(scenario)).map((start, i) => ({
    name: start.name,
    szDecimals: start.szDecimals,
    maxLeverage: assetsOf(scenario)[i]!.maxLeverage,
    market: new AgentMarket(start, scenario, begin),
  }))

/** A recording, one contract per coin in it. */
export const replayListing = (coins: readonly CoinRecording[], seed: number): ListedAsset<ReplayMarket>[] =>
  coins.map((coin) => ({
    name: coin.name,
    szDecimals: coin.szDecimals,
    maxLeverage: coin.maxLeverage,
    market: new ReplayMarket(coin, `replay|${seed}`),
  }))
