import {Args, Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {type GauntletRun, gauntlet} from '../../operations/gauntlet.ts'
import {touchedLines} from '../../operations/gauntlet-changed.ts'

/** Layer 1 · the gauntlet. Reads hypotheses and the research part of the lake, leaves reports/gauntlet/. */
export default class Gauntlet extends QoCommand<typeof Gauntlet, GauntletRun> {
  static override summary =
    'put hypotheses through the validation gauntlet; exit 5 unless every one is eligible or validated'
  static override args = {
    file: Args.string({description: 'hypothesis files or ids; default: all of hypotheses/*.yaml', multiple: true}),
  }
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> hypotheses/trend.yaml --all',
    '<%= config.bin %> <%= command.id %> --changed-since origin/main --commit',
    '<%= config.bin %> <%= command.id %> --commit --json',
  ]
  static override flags = {
    'changed-since': Flags.string({
      summary: 'only hypotheses whose file, configs, vault or research data differ from where the branch left this ref',
      helpValue: 'REF',
    }),
    all: Flags.boolean({summary: 'go on after a failed stage, for the full picture; the verdict stays the same'}),
  }

  perform(desk: Desk): Promise<GauntletRun> {
    const {all, 'changed-since': since} = this.flags
    return gauntlet(desk, {files: this.args.file ?? [], all: all === true, since: since ?? null})
  }

  render({verdicts, planned, paths, selection}: GauntletRun): Ending {
    const rows = verdicts.map(({hypothesis, verdict, failedStage, trials, figures, decidesOn}) => [
      hypothesis,
      verdict,
      failedStage ?? '',
      figures.sharpeAnnual?.toFixed(2) ?? '',
      trials.N,
      decidesOn ?? '',
    ])
    const plan = planned.map(
      ({hypothesis, venue, gridPoints}) => `${hypothesis}: ${gridPoints} grid points on ${venue}`,
    )
    const eligible = verdicts.filter(({verdict}) => verdict === 'ELIGIBLE').map(({hypothesis}) => hypothesis)
    return {
      body: [
        renderTable(['hypothesis', 'verdict', 'stage', 'Sharpe', 'trials', 'decided by'], rows, [2, 3, 4]),
        ...verdicts.map(({hypothesis, sentence}) => `${hypothesis}: ${sentence}`),
        ...plan.map((line) => `would judge ${line}`),
        ...(selection === null ? [] : touchedLines(selection)),
      ].join('\n'),
      artifact: paths,
      rationale: [
        'every trial of a family is counted before any of it is judged; the same rule asked twice spends nothing',
        ...new Set(verdicts.flatMap(({warnings}) => warnings)),
      ].slice(0, 5),
      next: [...eligible.map((id) => `qo gauntlet unseal ${id}`), 'qo hypothesis list'],
    }
  }

  protected override statusOf({ok}: GauntletRun): number {
    return ok ? 0 : EXIT.verdict
  }
}
