import {readFileSync} from 'node:fs'
import {parse} from 'yaml'
import {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {countFamily} from './count-family.ts'
import {countDecay, countEvidence} from './count-forward.ts'
import {type SeedSet, seedOf, type Work} from './plan.ts'
import {addUp, type Tally} from './tally.ts'
import {attackVault} from './vault-author.ts'

/** The gates as they ship, and where they are written. */
export const GATES = new URL('../../configs/gauntlet.yaml', import.meta.url)
export const shippedGates = (): GauntletConfig => GauntletConfig.schema.parse(parse(readFileSync(GATES, 'utf8')))

/** Repetitions [from, to) of one cell. Each has a seed of its own, so a batch depends on no other. */
export interface Batch {
  readonly set: SeedSet
  readonly cell: string
  readonly from: number
  readonly to: number
}

/** Do a batch: counts over its repetitions. */
export function doBatch({set, cell, from, to}: Batch, work: Work, config: GauntletConfig): Tally {
  const counts: Tally[] = []
  for (let rep = from; rep < to; rep++) counts.push(doOnce(work, seedOf(set, cell, rep), config))
  return addUp(counts)
}

function doOnce(work: Work, seed: string, config: GauntletConfig): Tally {
  switch (work.kind) {
    case 'family':
      return countFamily(work, seed, config)
    case 'vault':
      return attackVault(work, seed, config)
    case 'decay':
      return countDecay(work, seed, config)
    case 'evidence':
      return countEvidence(work, seed, config)
  }
}
