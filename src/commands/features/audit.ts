import {Args} from '@oclif/core'
import {gapFlag} from '../../cli/gap-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {type FeaturesAudit, featuresAudit} from '../../operations/features-audit.ts'

/** Layer 1 · cognitive engine. Reads hypotheses or sets and the lake, leaves nothing: stage 2 of the gauntlet records. */
export default class FeaturesAuditCommand extends QoCommand<typeof FeaturesAuditCommand, FeaturesAudit> {
  static override summary = 'look for look-ahead: compute every feature again with its future cut off or replaced'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> hypotheses/trend.yaml --json',
  ]
  static override args = {
    file: Args.string({
      description: 'hypothesis, its id, or a set in configs/features; default: all hypotheses',
      multiple: true,
    }),
  }

  static override flags = gapFlag

  perform(desk: Desk): Promise<FeaturesAudit> {
    return featuresAudit(desk, this.args.file ?? [])
  }

  render({audits, ok}: FeaturesAudit): Ending {
    const guilty = audits.flatMap(({guilty: words}) => (words === null ? [] : [words]))
    return {
      body: renderTable(
        ['file', 'verdict', 'cuts', 'scrambles', 'values compared', 'leaks'],
        audits.map(({id, verdict, cuts, scrambles, compared, leaks}) => [
          id,
          verdict,
          cuts,
          scrambles,
          compared,
          leaks,
        ]),
        [2, 3, 4, 5],
      ),
      artifact: [],
      rationale: [
        ok
          ? 'no value at or before any cut changed with its future'
          : 'a value that changes with its future is worthless',
        ...guilty.flatMap((words) => words.split('\n')),
        ...audits.flatMap(({id, lacks}) => lacks.map(({input, table}) => `${id} lacks ${input} (table ${table})`)),
      ],
      next: [ok ? 'qo gauntlet' : 'remove the operator that reads the future: qo hypothesis lint'],
    }
  }

  protected override statusOf({ok}: FeaturesAudit): number {
    return ok ? 0 : EXIT.verdict
  }
}
