import {type Ending, renderTable} from './render.ts'

interface Facts {
  readonly selected: readonly {
    readonly rank: number
    readonly asset: string
    readonly score: number
    readonly since: string
  }[]
  readonly excluded: readonly {readonly reason: string}[]
  readonly paths: readonly string[]
  readonly decidedAt: string
  readonly nextRebalance: string
  readonly inactiveScreens: readonly string[]
  readonly warnings: readonly string[]
  readonly changes: {readonly added: readonly string[]; readonly removed: readonly string[]}
  /** the newest bar, before the decision */
  readonly dataAgeDays: number
}

/** The assets that were chosen, and why the others were not. */
export function renderList({
  selected,
  excluded,
  paths,
  decidedAt,
  nextRebalance,
  inactiveScreens,
  warnings,
  changes,
  dataAgeDays,
}: Facts): Ending {
  const counts = new Map<string, number>()
  for (const {reason} of excluded) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const why = [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ')
  return {
    body: renderTable(
      ['rank', 'asset', 'score', 'since'],
      selected.map(({rank, asset, score, since}) => [rank, asset, score.toFixed(4), since.slice(0, 10)]),
      [0, 2],
    ),
    artifact: paths,
    rationale: [
      `${selected.length} of ${selected.length + excluded.length} candidates, decided ${decidedAt.slice(0, 10)}; next rebalance ${nextRebalance.slice(0, 10)}`,
      `excluded: ${why || 'none'}`,
      `in: ${changes.added.join(' ') || 'none'} · out: ${changes.removed.join(' ') || 'none'}`,
      ...(dataAgeDays > 2
        ? [`the newest bar is ${dataAgeDays.toFixed(1)} days older than the decision time: qo ingest`]
        : []),
      ...(inactiveScreens.length > 0 ? [`inactive for want of a table: ${inactiveScreens.join(', ')}`] : []),
      ...warnings,
    ],
    next: ['qo features', 'qo gauntlet'],
  }
}
