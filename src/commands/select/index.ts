import {Flags} from '@oclif/core'
import {gapFlag} from '../../cli/gap-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {parseInstant} from '../../kernel/instant.ts'
import {type SelectResult, select} from '../../operations/select.ts'
import {type SelectHistoryResult, selectHistory} from '../../operations/select-history.ts'

type Result = SelectResult | SelectHistoryResult

/** Layer 0.5 · asset selection. Reads the lake and configs/selection.yaml, leaves configs/selected_assets.yaml. */
export default class Select extends QoCommand<typeof Select, Result> {
  static override summary = 'choose the assets that may trade, with a reason for every one that may not'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --as-of 2025-03-01T00:00:00Z --json',
    '<%= config.bin %> <%= command.id %> --history 2025-01-01',
  ]
  static override flags = {
    ...gapFlag,
    history: Flags.string({summary: 'replay every rebalance since this date', helpValue: 'FROM'}),
  }

  perform(desk: Desk): Promise<Result> {
    const {history} = this.flags
    return history === undefined ? select(desk) : selectHistory(desk, parseInstant(history))
  }

  render(result: Result): Ending {
    if (result.artifact === 'selection-history@1') {
      const {rebalances, meanTurnover, paths} = result
      return {
        artifact: paths,
        rationale: [`${rebalances.length} rebalances replayed, mean turnover ${(meanTurnover * 100).toFixed(1)} %`],
        next: ['qo gauntlet'],
      }
    }
    const {selected, excluded, paths, decidedAt, nextRebalance, inactiveScreens, warnings, changes, dataAgeDays} =
      result
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
}
