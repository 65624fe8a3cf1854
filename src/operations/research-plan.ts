import type {ResearchPlan} from '../contracts/research-plan.ts'
import {researchEnd, Vaults} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {isoOf} from '../kernel/instant.ts'
import type {Researched} from './gauntlet-vaults.ts'
import {sealBeforeLooking, sealBeforeResearch} from './seal-research.ts'

export interface PlanRequest {
  readonly command: string
  /** whose venues would be read */
  readonly batch: readonly Researched[]
  readonly tables?: string
  readonly trials?: ResearchPlan['trials']
  readonly writes: readonly string[]
}

/**
 * The plan of a research command on a desk that writes nothing.
 *
 * Lengths and counts of the lake are looked at, no row: the vault is planned as the real run would seal it.
 *
 * @throws Fault as `sealBeforeResearch`: what would be refused is refused now
 */
export async function planResearch(
  desk: Desk,
  {command, batch, tables = 'candles and funding', trials = [], writes}: PlanRequest,
): Promise<ResearchPlan> {
  const made = await (trials.length > 0
    ? sealBeforeResearch(desk, batch).then((ground) => ground.made)
    : sealBeforeLooking(desk, batch))
  const vaults = [...(await desk.lake.vaults()), ...made]
  const venues = [...new Set(batch.map(({venue}) => venue))]
  return {
    artifact: 'research-plan@1',
    ok: true,
    command,
    reads: venues.map((venue) => {
      const end = researchEnd(vaults, venue)
      return {what: `${tables} of ${venue}`, until: Number.isFinite(end) ? isoOf(end) : null}
    }),
    trials,
    seals: made,
    writes: [
      ...(made.length > 0 ? [Vaults.path] : []),
      ...(trials.length > 0 ? ['hypotheses/ledger/'] : []),
      ...writes,
    ],
  }
}
