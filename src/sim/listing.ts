import {ASSETS} from './market/asset-list.ts'
import {generatedHistory} from './market/generated-history.ts'
import {Tape} from './market/tape.ts'

/** One contract on the venue; its index in the list is its asset id. */
export interface ListedAsset {
  readonly name: string
  readonly szDecimals: number
  readonly maxLeverage: number
  readonly tape: Tape
}

/** The generated market of the shipped scenarios. */
export const generatedListing = (seed: number): ListedAsset[] =>
  generatedHistory(seed).map((start, i) => ({
    name: start.name,
    szDecimals: start.szDecimals,
    maxLeverage: ASSETS[i]!.maxLeverage,
    tape: new Tape(start),
  }))
