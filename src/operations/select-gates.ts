import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {lastClosedDay} from '../selection/asset-days.ts'
import {candidateFilter} from '../selection/candidate-names.ts'
import {refuseAhead} from './as-of.ts'
import type {SelectionRun} from './select-universe.ts'

/** A ranking as of a sealed day is made of sealed bars, and day after day it would spell them out. @throws Fault `selection.sealed` */
export async function refuseSealed(desk: Desk, venue: string): Promise<void> {
  if (!desk.asOfGiven) return
  await refuseAhead(desk)
  const vaults = await desk.lake.vaults()
  const inside = vaults.find(
    (vault) => vault.venue === venue && desk.asOf > Date.parse(vault.start) && desk.asOf < Date.parse(vault.end),
  )
  if (!inside) return
  await desk.journal('vault-access').append(desk.clock.now(), 'sealed-read', {
    ...{refused: 'selection.sealed', venue, asked_to: isoOf(desk.asOf), sealed_from: inside.start},
  })
  throw new Fault('selection.sealed', {
    family: 'usage',
    what: `${isoOf(desk.asOf)} lies inside the sealed vault ${inside.id}.`,
    why: 'What was liquid, volatile or rising then is what the vault is there to hide.',
    next: [`qo select --as-of ${inside.start}`, 'qo select, for today'],
  })
}

/**
 * A rule that leaves nobody to rank is a mistake in the rule, not a market without assets.
 *
 * @throws Fault `selection.empty_universe` (data)
 */
export function requireCandidates({table, config}: Pick<SelectionRun, 'table' | 'config'>, venue: string): void {
  const isCandidate = candidateFilter(config)
  if (table.assets.some(isCandidate)) return
  throw new Fault('selection.empty_universe', {
    family: 'data',
    what: `None of the ${table.assets.length} assets of ${venue} in the lake belongs to the universe of configs/selection.yaml.`,
    why: `universe.quote and universe.exclude leave no name; the lake has ${table.assets.slice(0, 5).join(', ')}.`,
    next: ['correct universe in configs/selection.yaml', 'qo lake status'],
  })
}

/**
 * A venue's own list must name what traded there: where it does not, list or candles are those of another market.
 *
 * Looked at is the newest snapshot by the decision time. An asset that traded on the day before it, on its day and on
 * the day after was listed at it.
 *
 * @throws Fault `selection.universe_contradicted` (data)
 */
export function requireAgreement(
  {table, snapshot}: Pick<SelectionRun, 'table' | 'snapshot'>,
  {venue, asOf}: {venue: string; asOf: number},
): void {
  if (snapshot === null) return
  const d = lastClosedDay(table, snapshot.at) + 1
  if (d < 1 || d + 1 > lastClosedDay(table, asOf)) return
  const unlisted = table.assets.filter((asset, a) => {
    const traded = table.traded[a]!
    return traded[d - 1]! > 0 && traded[d]! > 0 && traded[d + 1]! > 0 && !snapshot.coins.has(asset.replace(/#\d+$/, ''))
  })
  if (unlisted.length === 0) return
  throw new Fault('selection.universe_contradicted', {
    family: 'data',
    what: `${unlisted.length} assets traded on ${venue} around ${isoOf(snapshot.at).slice(0, 10)} and are not in its instrument list of that day: ${unlisted.slice(0, 5).join(', ')}.`,
    why: 'Either the list or the candles are of another market, and nobody can tell which assets are missing.',
    next: [
      'import candles of another market under a venue name of their own',
      `qo lake sql "SELECT coin FROM universe WHERE venue = '${venue}' ORDER BY ts DESC"`,
    ],
  })
}

const ALPHA = ['volatility', 'momentum', 'carry', 'open_interest_growth'] as const

/** What a reader of the list must know before trusting it; none is a reason to refuse it. */
export function warningsOf(
  {panel, snapshot, config}: Pick<SelectionRun, 'panel' | 'snapshot' | 'config'>,
  asOf: number,
): string[] {
  const optIn = ALPHA.filter((name) => (config.score[name]?.weight ?? 0) > 0)
  const {completeFrom, survivorSource, holes = 0} = panel
  return [
    ...(survivorSource ? ['tainted: rows come from a survivor list, and the gauntlet refuses what is made of it'] : []),
    ...(snapshot === null && completeFrom === null
      ? ['the universe is derived from trading; whether delisted assets are missing is unknown']
      : []),
    ...(completeFrom !== null && asOf < completeFrom
      ? [`the list of candidates is known to be complete from ${isoOf(completeFrom).slice(0, 10)} only`]
      : []),
    ...(optIn.length > 0
      ? [
          `${optIn.join(', ')} in the score: alpha tilts the list, and every change of a weight is a trial of what trades it`,
        ]
      : []),
    ...(holes > 0 ? [`${holes} holes in the bars or payments read were allowed`] : []),
  ]
}
