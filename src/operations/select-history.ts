import {SelectionHistory} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {DAY_MS, dayOf, isoOf} from '../kernel/instant.ts'
import {type HistoryRow, historyChart, historyReport} from '../selection/history-report.ts'
import {assetId} from '../selection/selected-assets.ts'
import {leaveManifest} from './lake-manifest.ts'
import {researchOf, sealBeforeLooking, sealedLines} from './seal-research.ts'
import {rebalancesOf} from './select.ts'
import {warningsOf} from './select-gates.ts'
import {runSelection, type SelectionRun, selectionVenue} from './select-universe.ts'

export interface SelectHistoryResult {
  readonly artifact: 'selection-history@1'
  readonly ok: boolean
  readonly from: string
  readonly rebalances: readonly HistoryRow[]
  readonly meanTurnover: number
  readonly warnings: readonly string[]
  readonly paths: readonly string[]
}

/**
 * Replay the rule at every past rebalance since `from`, with research's eyes: sealed windows stay sealed.
 *
 * It ends with the newest bar that research may see. A rebalance behind it would be decided on bars that no longer move.
 *
 * @throws Fault `selection.nothing_to_replay` (data) when that is before the first rebalance since `from`
 */
export async function selectHistory(desk: Desk, from: number): Promise<SelectHistoryResult> {
  const venue = await selectionVenue(desk)
  const sealed = sealedLines(await sealBeforeLooking(desk, [researchOf(venue)]))
  desk.progress.say('replaying the selection rule')
  const run = await runSelection(desk, {venue, asOf: desk.asOf, purpose: {kind: 'research'}})
  const known = knownUntil(run)
  const asked = rebalancesOf(run, from)
  const rebalances = asked.filter(({at}) => at <= known)
  if (rebalances.length === 0) throw nothingToReplay(from, known)
  const rows: HistoryRow[] = rebalances.map(({at, ranked, excluded, since}, i) => {
    const members = [...since.keys()]
    const before = new Set(i === 0 ? members : rebalances[i - 1]!.since.keys())
    const entered = members.filter((asset) => !before.has(asset))
    return {
      at: isoOf(at),
      candidates: ranked.length + excluded.size,
      selected: members.length,
      dead: [...excluded.values()].filter(({reason}) => reason === 'dead').length,
      added: entered.map((asset) => run.table.assets[asset]!),
      removed: [...before].filter((asset) => !since.has(asset)).map((asset) => run.table.assets[asset]!),
      turnover: members.length === 0 ? 0 : entered.length / members.length,
    }
  })
  const stored = await storedInstants(desk, venue, run.configSha)
  await appendHistory(
    desk,
    venue,
    run,
    rebalances.filter(({at}) => !stored.has(at)),
  )
  const manifest = await leaveManifest(desk, {table: SelectionHistory, venue, interval: null})
  const path = 'reports/selection/history.md'
  const picture = 'reports/selection/history.svg'
  const behind = asked.length - rebalances.length
  const warnings = [
    ...warningsOf(run, from),
    ...(behind > 0
      ? [`${behind} later rebalances are not replayed: the newest bar that research may see closed on ${dayOf(known)}`]
      : []),
  ]
  await desk.files.writeText(picture, await desk.charts.svg(historyChart(rows)))
  await desk.files.writeText(
    path,
    historyReport({venue, rows, warnings, configSha: run.configSha, dataSha: run.panel.dataSha}),
  )
  const turns = rows.slice(1).map(({turnover}) => turnover)
  return {
    artifact: 'selection-history@1',
    ok: true,
    from: isoOf(from),
    rebalances: rows,
    meanTurnover: turns.length === 0 ? 0 : turns.reduce((sum, x) => sum + x, 0) / turns.length,
    warnings: [...sealed, ...warnings],
    paths: [path, picture, ...(manifest === null ? [] : [manifest])],
  }
}

function nothingToReplay(from: number, known: number): Fault {
  const [since, end] = [dayOf(from), dayOf(known)]
  return new Fault('selection.nothing_to_replay', {
    family: 'data',
    what: `No rebalance lies between ${since} and ${end}, where the bars that research may see end.`,
    why: 'What is behind that is sealed in a vault, or not in the lake.',
    next: ['name an earlier date: qo select --history', 'qo lake status'],
  })
}

/** Close of the newest day of bars, epoch ms. */
const knownUntil = ({table}: SelectionRun): number => table.day0 + table.days * DAY_MS

async function storedInstants(desk: Desk, venue: string, configSha: string): Promise<Set<number>> {
  const rows = await desk.lake.read({table: SelectionHistory, venue, asOf: desk.asOf, purpose: {kind: 'research'}})
  const ts = rows.columns['ts'] as Float64Array
  const shas = rows.columns['config_sha'] as readonly string[]
  return new Set(
    Array.from({length: rows.count}, (_, i) => i)
      .filter((i) => shas[i] === configSha)
      .map((i) => ts[i]!),
  )
}

async function appendHistory(
  desk: Desk,
  venue: string,
  run: SelectionRun,
  rebalances: ReturnType<typeof rebalancesOf>,
): Promise<void> {
  const flat = rebalances.flatMap(({at, ranked}) => ranked.map((row) => ({at, ...row})))
  if (flat.length === 0 || desk.dryRun) return
  const text = (value: string): string[] => flat.map(() => value)
  const numbers = (pick: (row: (typeof flat)[number]) => number): Float64Array => Float64Array.from(flat, pick)
  await desk.lake.append({
    table: SelectionHistory,
    venue,
    source: 'select --history',
    notes: {survivor: run.panel.survivorSource},
    rows: {
      count: flat.length,
      columns: {
        venue: text(venue),
        ts: numbers(({at}) => at),
        asset: flat.map(({asset}) => assetId(venue, run.table.assets[asset]!)),
        rank: numbers(({rank}) => rank),
        score: numbers(({score}) => score.score),
        selected: numbers(({selected}) => (selected ? 1 : 0)),
        config_sha: text(run.configSha),
        available_at: numbers(({at}) => at),
        received_at: numbers(({at}) => at),
        source: text('select --history'),
      },
    },
  })
}
