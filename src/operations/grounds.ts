import type {Ground} from '../cognition/hypotheses/configuration-hash.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import {SelectionConfig} from '../contracts/selection.ts'
import {QoConfig} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {hashOf} from '../kernel/canonical-json.ts'

/** The ground a hypothesis stands on in one workspace. */
export type GroundOf = (hypothesis: Pick<Hypothesis, 'universe' | 'data'>) => Ground

/**
 * Read once what turns a file into a configuration: the research venue and the selection rule, by meaning and not by
 * bytes, so that a comment in `configs/selection.yaml` changes nothing.
 *
 * @throws Fault `artifact.missing`, `artifact.invalid` (contract)
 */
export async function groundsOf(desk: Desk): Promise<GroundOf> {
  const {exchange} = await desk.files.read(QoConfig)
  const hasRule = await desk.files.exists(SelectionConfig.path)
  const rule = hasRule ? hashOf(await desk.files.read(SelectionConfig)) : null
  return ({universe: {from}, data}) => ({
    venue: data?.research ?? exchange,
    selection: from === 'selection' ? rule : null,
  })
}
