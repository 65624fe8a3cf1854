import {SelectedAssets} from '../contracts/selection.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {DAY_MS, fileStampOf, isoOf} from '../kernel/instant.ts'
import {lastClosedDay} from '../selection/asset-days.ts'
import {lastRebalance, nextRebalance} from '../selection/rebalance.ts'
import {calendarOf, type Rebalance} from '../selection/replay.ts'
import {contributionChart, selectionReport} from '../selection/report.ts'
import type {Exclusion} from '../selection/screens.ts'
import {changesBetween, excludedRows, selectedRows} from '../selection/selected-assets.ts'
import {refuseSealed, requireAgreement, requireCandidates, warningsOf} from './select-gates.ts'
import {runSelection, type SelectionRun, selectionVenue} from './select-universe.ts'

export interface SelectResult {
  readonly artifact: 'selected-assets@1'
  readonly ok: boolean
  readonly asOf: string
  readonly decidedAt: string
  readonly nextRebalance: string
  readonly selected: SelectedAssets['selected']
  readonly excluded: SelectedAssets['excluded']
  readonly changes: SelectedAssets['changes']
  readonly inactiveScreens: readonly string[]
  readonly universe: string
  readonly completeFrom: string | null
  readonly warnings: readonly string[]
  /** days between the newest bar and the decision time */
  readonly dataAgeDays: number
  readonly paths: readonly string[]
}

/**
 * Choose the assets as of the decision time by the replayed rule and leave configs/selected_assets.yaml with its report.
 *
 * @throws Fault `selection.nothing_selected`, `selection.empty_universe`, `selection.universe_contradicted` (data),
 *   `selection.sealed` (usage): the file of before stays as it is
 */
export async function select(desk: Desk): Promise<SelectResult> {
  const venue = await selectionVenue(desk)
  await refuseSealed(desk, venue)
  desk.progress.say('reading the lake')
  const venueTime = venue === 'sim' && !desk.asOfGiven
  const run = await runSelection(desk, {venue, asOf: desk.asOf, purpose: {kind: 'live'}, untilNewestBar: venueTime})
  const asOf = venueTime ? run.newestBar : desk.asOf
  requireCandidates(run, venue)
  requireAgreement(run, {venue, asOf})
  const decided = run.replay.rebalances.at(-1)
  const gone = goneSince(run, asOf)
  const selected = decided ? selectedRows(run.table, decided, venue, run.config, gone, run.monitor?.shrink) : []
  const excluded = decided ? excludedRows(run.table, decided, venue, gone) : []
  if (!decided || selected.length === 0) throw nothingSelected(asOf, venue, excluded)

  const before = run.replay.rebalances.at(-2)
  const previous = before ? selectedRows(run.table, before, venue, run.config, new Map()).map(({asset}) => asset) : []
  const artifact: SelectedAssets = {
    artifact: 'selected-assets@1',
    venue,
    as_of: isoOf(asOf),
    decided_at: isoOf(decided.at),
    next_rebalance: isoOf(nextRebalance(calendarOf(run.config), asOf)),
    config_sha: run.configSha,
    universe: run.panel.universe,
    complete_from: run.panel.completeFrom === null ? null : isoOf(run.panel.completeFrom),
    survivor_source: run.panel.survivorSource,
    inactive_screens: [...run.inactiveScreens],
    warnings: warningsOf(run, asOf),
    selected,
    excluded,
    changes: changesBetween(
      previous,
      selected.map(({asset}) => asset),
    ),
    provenance: {
      data_as_of: isoOf(run.newestBar),
      seed: null,
      qo_version: desk.version,
      data_sha: run.panel.dataSha,
      ...(run.panel.holes ? {gaps_allowed: run.panel.holes} : {}),
      inputs: {
        'configs/selection.yaml': await desk.files.hash('configs/selection.yaml'),
        'configs/costs.yaml': await desk.files.hash('configs/costs.yaml'),
      },
    },
  }
  const report = `reports/selection/${fileStampOf(asOf)}`
  const paths = [await desk.files.write(SelectedAssets, artifact), `${report}.md`, `${report}.svg`]
  await desk.files.writeText(`${report}.svg`, await desk.charts.svg(contributionChart(artifact)))
  await desk.files.writeText(`${report}.md`, selectionReport(artifact, `${fileStampOf(asOf)}.svg`))
  return {
    artifact: 'selected-assets@1',
    ok: true,
    asOf: artifact.as_of,
    decidedAt: artifact.decided_at,
    nextRebalance: artifact.next_rebalance,
    selected,
    excluded,
    changes: artifact.changes,
    inactiveScreens: run.inactiveScreens,
    universe: artifact.universe,
    completeFrom: artifact.complete_from,
    warnings: artifact.warnings,
    dataAgeDays: Math.max(0, (asOf - run.newestBar) / DAY_MS),
    paths,
  }
}

/** Assets that died or were delisted by `asOf`: they leave at once, not at the next rebalance. */
function goneSince({table, replay, delistedFrom}: SelectionRun, asOf: number): Map<number, Exclusion> {
  const d = lastClosedDay(table, asOf)
  const gone = new Map<number, Exclusion>()
  table.assets.forEach((_, a) => {
    if (replay.standing[a]?.[d] === 'dead') gone.set(a, {reason: 'dead', value: null, limit: null})
    else if (asOf >= (delistedFrom.get(a) ?? Number.POSITIVE_INFINITY)) {
      gone.set(a, {reason: 'delisted', value: null, limit: null})
    }
  })
  return gone
}

function nothingSelected(asOf: number, venue: string, excluded: SelectedAssets['excluded']): Fault {
  const reasons = new Map<string, number>()
  for (const {reason} of excluded) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  const counted = [...reasons].sort(([, x], [, y]) => y - x).map(([reason, count]) => `${count} × ${reason}`)
  return new Fault('selection.nothing_selected', {
    family: 'data',
    what: `No asset of ${venue} passes the screens as of ${isoOf(asOf)}.`,
    why:
      counted.length > 0
        ? `${excluded.length} candidates excluded: ${counted.join(', ')}. configs/selected_assets.yaml was not touched.`
        : 'No rebalance date has any data behind it. configs/selected_assets.yaml was not touched.',
    next: ['qo lake status', 'widen configs/selection.yaml or pass a later --as-of'],
  })
}

/** The rebalances inside [from, to], for a history. */
export const rebalancesOf = (run: SelectionRun, from: number): readonly Rebalance[] => {
  const first = lastRebalance(calendarOf(run.config), from)
  return run.replay.rebalances.filter(({at}) => at >= first)
}
