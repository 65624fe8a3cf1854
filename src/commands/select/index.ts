import {Flags} from '@oclif/core'
import {gapFlag} from '../../cli/gap-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import {renderList} from '../../cli/render-list.ts'
import {renderPlan} from '../../cli/render-plan.ts'
import type {ResearchPlan} from '../../contracts/research-plan.ts'
import type {Desk} from '../../desk.ts'
import {parseInstant} from '../../kernel/instant.ts'
import {planStudy} from '../../operations/research-plans.ts'
import {type SelectResult, select} from '../../operations/select.ts'
import {type SelectHistoryResult, selectHistory} from '../../operations/select-history.ts'
import {
  type OffsetTestResult,
  type SurvivorshipResult,
  selectOffsetTest,
  selectSurvivorship,
} from '../../operations/select-studies.ts'

type Result = SelectResult | SelectHistoryResult | OffsetTestResult | SurvivorshipResult | ResearchPlan

/** Layer 0.5 · asset selection. Reads the lake and configs/selection.yaml, leaves configs/selected_assets.yaml. */
export default class Select extends QoCommand<typeof Select, Result> {
  static override summary = 'choose the assets that may trade, with a reason for every one that may not'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --as-of 2025-03-01T00:00:00Z --json',
    '<%= config.bin %> <%= command.id %> --history 2025-01-01',
    '<%= config.bin %> <%= command.id %> --offset-test --history 2025-01-01',
    '<%= config.bin %> <%= command.id %> --survivorship',
  ]
  static override flags = {
    ...gapFlag,
    history: Flags.string({summary: 'replay every rebalance since this date', helpValue: 'FROM'}),
    'offset-test': Flags.boolean({
      summary: 'how much the result depends on the anchor day; with --history since that date',
      exclusive: ['survivorship'],
    }),
    survivorship: Flags.boolean({
      summary: 'what it would have been worth to know who survives',
      exclusive: ['history'],
    }),
  }

  perform(desk: Desk): Promise<Result> {
    const {history} = this.flags
    const study = this.study()
    if (desk.dryRun && study !== null) {
      const since = history === undefined ? '' : ` --history ${history}`
      return planStudy(desk, study, `qo select${study === 'history' ? '' : ` --${study}`}${since}`)
    }
    if (this.flags.survivorship) return selectSurvivorship(desk)
    if (this.flags['offset-test']) return selectOffsetTest(desk, history === undefined ? null : parseInstant(history))
    return history === undefined ? select(desk) : selectHistory(desk, parseInstant(history))
  }

  /** null: the selection for today, which is no research */
  private study(): 'survivorship' | 'offset-test' | 'history' | null {
    if (this.flags.survivorship) return 'survivorship'
    if (this.flags['offset-test']) return 'offset-test'
    return this.flags.history === undefined ? null : 'history'
  }

  render(result: Result): Ending {
    if (result.artifact === 'research-plan@1') return renderPlan(result)
    if (result.artifact === 'selection-history@1') {
      const {rebalances, meanTurnover, warnings, paths} = result
      return {
        artifact: paths,
        rationale: [`${rebalances.length} rebalances, mean turnover ${(meanTurnover * 100).toFixed(1)} %`, ...warnings],
        next: ['qo gauntlet'],
      }
    }
    if (result.artifact !== 'selected-assets@1') {
      const {sentence, warnings, paths} = result
      return {
        artifact: paths,
        rationale: [sentence, ...warnings],
        next: ['qo select --history 2025-01-01', 'qo gauntlet'],
      }
    }
    return renderList(result)
  }
}
