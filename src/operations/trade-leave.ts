import {TRADE_ROWS, type TradeResult, type TradeRow} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import {fileStampOf} from '../kernel/instant.ts'
import {type ReportContext, tradeReport} from '../reflex/trade-report.ts'

const INPUTS = ['configs/book.yaml', 'configs/execution.yaml', 'configs/risk_limits.yaml', 'configs/costs.yaml']

/** Earlier cycles of one decision time, from the journal: a second run must not hide the first. */
export async function earlierCycles(desk: Desk, asOf: string, mode: string): Promise<TradeRow<'cycle_ended'>[]> {
  const entries = await desk.journal('trade').read()
  return entries.flatMap(({kind, body}) => {
    if (kind !== 'cycle_ended') return []
    const row = TRADE_ROWS.cycle_ended.safeParse(body)
    return row.success && row.data.as_of === asOf && row.data.mode === mode ? [row.data] : []
  })
}

/** The name of the next cycle of a decision time: it counts cycles that began, so that a killed one keeps its own. */
export async function nextCycle(desk: Desk, asOf: number, mode: string): Promise<string> {
  const stem = `${mode}-${fileStampOf(asOf)}`
  const entries = await desk.journal('trade').read()
  const begun = new Set(
    entries.map(({body}) => body['cycle']).filter((cycle) => typeof cycle === 'string' && cycle.startsWith(stem)),
  )
  return `${stem}-${begun.size + 1}`
}

/** What the model expected the planned orders to cost, bps of their notional; null without any. */
function modelCostBps({expectedCostUsd, orders}: TradeResult): number | null {
  const planned = orders.reduce((sum, {notionalUsd}) => sum + Math.abs(Number(notionalUsd)), 0)
  return expectedCostUsd === null || planned === 0 ? null : (expectedCostUsd / planned) * 10_000
}

/** Journal the end of a cycle and write its report. Leaves nothing in a dry run. */
export async function leaveCycle(
  desk: Desk,
  result: TradeResult,
  asOf: number,
  source: Pick<ReportContext, 'dataSha' | 'dataAsOf' | 'seed'>,
): Promise<TradeResult> {
  if (desk.dryRun) return result
  const earlier = await earlierCycles(desk, result.asOf, result.mode)
  const {cycle, mode, state, costs, vetoes, orders} = result
  await desk.journal('trade').append(desk.clock.now(), 'cycle_ended', {
    ...{cycle: cycle ?? '', as_of: result.asOf, mode, state, vetoed: vetoes.length},
    traded: orders.filter(({filled}) => filled !== '0').length,
    notional_usd: costs?.notionalUsd ?? 0,
    cost_bps: costs?.total ?? null,
    model_bps: modelCostBps(result),
  })
  const files = [
    ...INPUTS,
    ...result.hypotheses.filter(({admitted}) => admitted).map(({id}) => `hypotheses/${id}.yaml`),
  ]
  const present = (await Promise.all(files.map(async (file) => ((await desk.files.exists(file)) ? [file] : [])))).flat()
  const inputs = Object.fromEntries(
    await Promise.all(present.map(async (file) => [file, await desk.files.hash(file)] as const)),
  )
  const report = `reports/trade/${fileStampOf(asOf)}.md`
  // A cycle that found everything in place adds nothing to the report of the one that put it there.
  if (state === 'nothing' && earlier.length > 0 && (await desk.files.exists(report))) return {...result, report}
  await desk.files.writeText(report, tradeReport(result, {qoVersion: desk.version, inputs, ...source, earlier}))
  return {...result, report}
}
