import {Args} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {hypothesisLint, type LintResult} from '../../operations/hypothesis-lint.ts'

/** Layer 1 · cognitive engine. Reads hypotheses and the ledger, leaves nothing. */
export default class HypothesisLint extends QoCommand<typeof HypothesisLint, LintResult> {
  static override summary = 'read and type-check hypotheses; exit 3 when one cannot be used'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> hypotheses/trend.yaml --json',
  ]
  static override args = {
    file: Args.string({description: 'files or ids; default: all of hypotheses/*.yaml', multiple: true}),
  }

  perform(desk: Desk): Promise<LintResult> {
    return hypothesisLint(desk, this.args.file ?? [])
  }

  render({files, ok}: LintResult): Ending {
    const problems = files.flatMap(({error, warnings}) => [
      ...(error ? [`error ${error.code}: ${error.what}\n${error.why}`] : []),
      ...warnings.map(({code, what, why}) => `warning ${code}: ${what}\n${why}`),
    ])
    const warned = files.reduce((sum, {warnings}) => sum + warnings.length, 0)
    const next = files.flatMap(({error, warnings}) => [
      ...(error?.next ?? []),
      ...warnings.flatMap((item) => item.next),
    ])
    return {
      body: [
        renderTable(
          ['file', 'result', 'grid', 'warm-up'],
          files.map(({path, error, warnings, gridPoints, warmupBars}) => [
            path,
            error ? 'error' : warnings.length > 0 ? `${warnings.length} warnings` : 'clean',
            gridPoints ?? '-',
            warmupBars ?? '-',
          ]),
          [2, 3],
        ),
        ...problems,
      ].join('\n'),
      artifact: [],
      rationale: [ok ? `${files.length} files type-check, ${warned} warnings` : 'a file with an error is never run'],
      next: next.length > 0 ? [...new Set(next)].slice(0, 3) : ['qo features', 'qo gauntlet'],
    }
  }

  protected override statusOf({ok}: LintResult): number {
    return ok ? 0 : EXIT.contract
  }
}
