import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {nearestAsset} from '../kernel/nearest-name.ts'
import type {DecayEvidence} from '../selection/decay-evidence.ts'
import {type Explanation, explainAsset} from '../selection/explain.ts'
import {type HalfLife, halfLife} from '../selection/half-life.ts'
import {assetId} from '../selection/selected-assets.ts'
import {refuseSealed, requireCandidates, warningsOf} from './select-gates.ts'
import {runSelection, type SelectionRun, selectionVenue} from './select-universe.ts'

export interface SelectExplanation extends Explanation {
  readonly artifact: 'selection-explain@1'
  readonly ok: true
  readonly asset: string
  readonly asOf: string
  readonly decidedAt: string
  /** dates on which it came onto the list and left it, oldest first */
  readonly stays: readonly {readonly from: string; readonly to: string | null}[]
  /** what the trade journal says of its edge, by family */
  readonly edges: readonly (DecayEvidence & {readonly halfLife: HalfLife | null})[]
  readonly inactiveScreens: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * The whole path of one asset through the rule as of the decision time: every screen, every component, why it is in or
 * out, what would change it. Leaves nothing.
 *
 * @throws Fault `selection.unknown_asset` (usage), `selection.no_rebalance` (data), `selection.sealed` (usage)
 */
export async function selectExplain(desk: Desk, coin: string): Promise<SelectExplanation> {
  return (await explainer(desk))(coin)
}

/** One replay of the rule, then any number of assets. @throws as `selectExplain`, the name aside */
export async function explainer(desk: Desk): Promise<(coin: string) => SelectExplanation> {
  const venue = await selectionVenue(desk)
  await refuseSealed(desk, venue)
  desk.progress.say('replaying the selection rule')
  const venueTime = venue === 'sim' && !desk.asOfGiven
  const run = await runSelection(desk, {venue, asOf: desk.asOf, purpose: {kind: 'live'}, untilNewestBar: venueTime})
  requireCandidates(run, venue)
  const rebalance = run.replay.rebalances.at(-1)
  if (!rebalance) {
    throw new Fault('selection.no_rebalance', {
      family: 'data',
      what: `No rebalance date of the calendar lies between the first bar of ${venue} and ${isoOf(desk.asOf)}.`,
      why: 'The rule decides on calendar dates only, and each needs a whole day of bars behind it.',
      next: ['qo lake status', 'pass a later --as-of'],
    })
  }
  const {standing} = run.replay
  const asOf = venueTime ? run.newestBar : desk.asOf
  return (coin) => {
    const asset = indexOf(run, venue, coin)
    const delistedFrom = run.delistedFrom.get(asset) ?? Number.POSITIVE_INFINITY
    return {
      artifact: 'selection-explain@1',
      ok: true,
      asset: assetId(venue, run.table.assets[asset]!),
      asOf: isoOf(asOf),
      decidedAt: isoOf(rebalance.at),
      ...explainAsset(run.table, asset, {rebalance, standing, delistedFrom, asOf}, run.config),
      stays: staysOf(run, asset),
      edges: edgesOf(run, asset),
      inactiveScreens: run.inactiveScreens,
      warnings: warningsOf(run, asOf),
    }
  }
}

/** `BTC`, `btc`, `hyperliquid:BTC`, `LUNA#2`. @throws Fault `selection.unknown_asset` */
function indexOf({table}: SelectionRun, venue: string, coin: string): number {
  const name = coin.startsWith(`${venue}:`) ? coin.slice(venue.length + 1) : coin
  const exact = table.assets.indexOf(name)
  if (exact >= 0) return exact
  const folded = table.assets.findIndex((asset) => asset.toLowerCase() === name.toLowerCase())
  if (folded >= 0) return folded
  const near = nearestAsset(name, table.assets)
  throw new Fault('selection.unknown_asset', {
    family: 'usage',
    what: `The lake has no bars of ${venue}:${name} that were available by the decision time.`,
    why: near === null ? 'No name there is like it.' : `The nearest name there is ${near}.`,
    next: near === null ? ['qo lake status', `qo ingest --coins ${name}`] : [`qo select explain ${near}`],
  })
}

function edgesOf({monitor, edges}: SelectionRun, asset: number): SelectExplanation['edges'] {
  return (monitor?.evidence() ?? [])
    .filter((evidence) => evidence.asset === asset)
    .map((evidence) => {
      const series = edges.find((one) => one.asset === asset && one.family === evidence.family)
      return {...evidence, halfLife: series ? halfLife(series.value) : null}
    })
}

function staysOf({replay}: SelectionRun, asset: number): SelectExplanation['stays'] {
  const stays: {from: string; to: string | null}[] = []
  for (const {at, since} of replay.rebalances) {
    const open = stays.at(-1)?.to === null ? stays.at(-1)! : undefined
    if (since.has(asset) && !open) stays.push({from: isoOf(at), to: null})
    if (!since.has(asset) && open) open.to = isoOf(at)
  }
  return stays
}
