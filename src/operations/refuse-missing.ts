import type {CompiledHypothesis} from '../cognition/features/compile-hypothesis.ts'
import {missingInputs} from '../cognition/features/compile-hypothesis.ts'
import type {Panel} from '../contracts/panel.ts'
import {researchEnd, type Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {sealedSentence, sealedTables} from './sealed-tables.ts'

/**
 * A hypothesis whose inputs research does not have: they are not in the lake, or all of them are sealed.
 *
 * @throws Fault `backtest.inputs_missing`, `backtest.inputs_sealed` (data)
 */
export async function refuseMissing(
  desk: Desk,
  {id, compiled, panel, vaults}: {id: string; compiled: CompiledHypothesis; panel: Panel; vaults: readonly Vault[]},
): Promise<void> {
  const {venue} = panel
  const missing = missingInputs(compiled, new Set(panel.series.keys()))
  if (missing.length === 0) return
  const inputs = missing.map(({input}) => input).join(', ')
  const tables = [...new Set(missing.map(({table}) => table))]
  const end = researchEnd(vaults, venue)
  const sealed = sealedTables(await desk.lake.commits(), {venue, tables, end})
  if (sealed.length > 0) {
    throw new Fault('backtest.inputs_sealed', {
      family: 'data',
      what: `${id} reads ${inputs}, and research may not see any of it.`,
      why: sealed.map((one) => sealedSentence(one, venue, end)).join(' '),
      next: sealed.map(({table}) => `bring ${table} rows from before ${isoOf(end).slice(0, 10)}: qo ingest --help`),
    })
  }
  throw new Fault('backtest.inputs_missing', {
    family: 'data',
    what: `${id} reads ${inputs}, which the lake of ${venue} does not have.`,
    why: `It would come from the table ${tables.join(', ')} under the names that its candles have.`,
    next: ['qo ingest', `qo ingest file PATH --as ${tables[0]} --venue ${venue}`],
  })
}
