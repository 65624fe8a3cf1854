import {resolve} from 'node:path'
import {Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import {renderPlan} from '../../cli/render-plan.ts'
import type {ResearchPlan} from '../../contracts/research-plan.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {hypothesisImport, type ImportRun} from '../../operations/hypothesis-import.ts'
import {planImport} from '../../operations/research-plans.ts'

/** Layer 1 · cognitive engine. Reads a CSV made elsewhere, leaves reports/imports/<id>/. */
export default class HypothesisImport extends QoCommand<typeof HypothesisImport, ImportRun | ResearchPlan> {
  static override summary = 'judge an equity curve made elsewhere by the statistical stages; never a PASS'
  static override description =
    'Audit stages are NOT_RUN: a series of returns cannot show them. UNAUDITED, the best verdict there is, exits 0; anything else exits 5.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --csv returns.csv --trials 40',
    '<%= config.bin %> <%= command.id %> --csv equity.csv --trials 200 --column nav --kind equity --all',
    '<%= config.bin %> <%= command.id %> --csv fund.csv --trials 1 --percent --id old-fund --json',
  ]
  static override flags = {
    csv: Flags.string({
      summary: 'a header, one column of times (ISO 8601 or epoch), one of returns or equity',
      required: true,
      helpValue: 'FILE',
    }),
    trials: Flags.integer({
      summary: 'configurations that were tried before this one was chosen, all of them',
      required: true,
      min: 1,
      max: 1_000_000,
    }),
    id: Flags.string({summary: 'name of the report; default: that of the file'}),
    column: Flags.string({summary: 'the column to judge, when there are several'}),
    kind: Flags.option({
      summary: 'what the column holds; default: by its name',
      options: ['returns', 'equity'] as const,
    })(),
    percent: Flags.boolean({summary: 'returns are in percent'}),
    hold: Flags.integer({summary: 'periods a position usually lives', default: 1, min: 1}),
    all: Flags.boolean({summary: 'go on after a failed stage, for the full picture'}),
  }

  perform(desk: Desk): Promise<ImportRun | ResearchPlan> {
    const {csv, trials, id, column, kind, percent, hold, all} = this.flags
    return (desk.dryRun ? planImport : hypothesisImport)(desk, {
      csv: resolve(csv),
      trials,
      id,
      column,
      kind,
      percent: percent === true,
      hold,
      all: all === true,
    })
  }

  render(result: ImportRun | ResearchPlan): Ending {
    if (result.artifact === 'research-plan@1') return renderPlan(result)
    const {record, paths} = result
    const {figures, trials} = record
    const rows = [
      ...record.stages.map(({id, name, verdict, sentence}) => [id, name, verdict, sentence] as const),
      ...record.notRun.map(({stage, name, verdict, why}) => [stage, name, verdict, why] as const),
    ].sort((a, b) => a[0] - b[0])
    return {
      body: [
        `${record.verdict} · ${record.sentence}`,
        renderTable(
          ['stage', '', 'verdict', 'why'],
          rows.map((row) => [...row]),
          [0],
        ),
      ].join('\n'),
      artifact: paths,
      rationale: [
        `${record.record.observations} returns, one a ${record.record.period}; annual Sharpe ${figures.sharpeAnnual?.toFixed(2) ?? '-'}`,
        `${trials.claimed} trials claimed; multiplicity holds up to ${trials.survivesUpTo}`,
        ...record.warnings,
        `it cannot be known ${record.cannotKnow[0]}`,
      ].slice(0, 5),
      next: ['write the rule as a hypothesis: qo hypothesis new my-idea', 'qo gauntlet power my-idea'],
    }
  }

  protected override statusOf(result: ImportRun | ResearchPlan): number {
    return result.artifact === 'research-plan@1' || result.record.verdict === 'UNAUDITED' ? 0 : EXIT.verdict
  }
}
