import {isDue, type RitualStanding, ritualStandings} from '../cockpit/rituals/ritual-standing.ts'
import {RitualsConfig} from '../contracts/rituals.ts'
import type {Desk} from '../desk.ts'
import {readRituals, requireWhole, ritualBinding} from './rituals-read.ts'

export interface RitualListResult {
  readonly artifact: 'ritual-list@1'
  readonly ok: boolean
  readonly rituals: readonly RitualStanding[]
  readonly due: readonly string[]
}

/**
 * Where every declared ritual stands now.
 *
 * @throws Fault `artifact.*` (contract) for configs/rituals.yaml, `ritual.broken_chain` (data)
 */
export async function ritualList(desk: Desk): Promise<RitualListResult> {
  const config = await desk.files.read(RitualsConfig)
  const {records, chain} = await readRituals(desk)
  requireWhole(chain)
  const rituals = ritualStandings(config, records, await ritualBinding(desk), desk.asOf)
  return {artifact: 'ritual-list@1', ok: true, rituals, due: rituals.filter(isDue).map(({ritual}) => ritual)}
}
