import {Hypothesis} from '../contracts/hypothesis.ts'
import {TRADE_ROWS} from '../contracts/trade.ts'
import type {Desk} from '../desk.ts'
import type {AssetDays} from '../selection/asset-days.ts'
import {type EdgeSeries, edgeSeries, type Forecast} from '../selection/edge-series.ts'

/**
 * Daily information coefficients of what was planned, from the trade journal; empty when nothing was planned yet.
 *
 * A plan says what each hypothesis wanted of each coin before any rule cut it. Plans of every mode count: a shadow plan
 * is as good a forecast as a live one. The name of a hypothesis whose file is gone stands for its family.
 *
 * @throws Fault `journal.broken_chain` (data)
 */
export async function plannedEdges(desk: Desk, table: AssetDays, asOf: number): Promise<EdgeSeries[]> {
  const familyOf = await families(desk)
  const index = new Map(table.assets.map((asset, a) => [asset, a]))
  const decidedAt = new Map<string, number>()
  const forecasts: Forecast[] = []
  for (const {kind, body} of await desk.journal('trade').read()) {
    if (kind === 'cycle_started') {
      const {cycle, as_of} = TRADE_ROWS.cycle_started.parse(body)
      decidedAt.set(cycle, Date.parse(as_of))
    }
    if (kind !== 'plan') continue
    const {cycle, targets} = TRADE_ROWS.plan.parse(body)
    const at = decidedAt.get(cycle)
    if (at === undefined || at > asOf) continue
    for (const {coin, parts} of targets) {
      const asset = index.get(coin)
      if (asset === undefined) continue
      for (const [family, weight] of sumByFamily(parts, familyOf)) forecasts.push({asset, family, at, weight})
    }
  }
  return edgeSeries(table, forecasts)
}

function sumByFamily(parts: Readonly<Record<string, number>>, familyOf: ReadonlyMap<string, string>) {
  const sums = new Map<string, number>()
  for (const [hypothesis, weight] of Object.entries(parts)) {
    const family = familyOf.get(hypothesis) ?? hypothesis
    sums.set(family, (sums.get(family) ?? 0) + weight)
  }
  return sums
}

async function families(desk: Desk): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const name of await desk.files.list('hypotheses')) {
    if (!name.endsWith('.yaml')) continue
    const {id, family} = await desk.files.read(Hypothesis, `hypotheses/${name}`)
    found.set(id, family)
  }
  return found
}
