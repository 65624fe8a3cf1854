import {writeFile} from 'node:fs/promises'
import {Args, Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {touchedLines} from '../../operations/gauntlet-changed.ts'
import {type GauntletCheck as Check, gauntletCheck} from '../../operations/gauntlet-check.ts'

/** Layer 1 · the gauntlet on a runner. Reads hypotheses, ledger, reports and research data; leaves nothing in the workspace. */
export default class GauntletCheck extends QoCommand<typeof GauntletCheck, Check> {
  static override summary =
    'for a pull request: compute verdicts again, compare every byte, find undeclared trials; writes and unseals nothing'
  static override description =
    'Exit 0 when the gate holds, 5 when it does not, 4 when data that a committed manifest names are missing.'
  static override args = {
    file: Args.string({description: 'hypothesis files or ids; default: all of hypotheses/*.yaml', multiple: true}),
  }
  static override examples = [
    '<%= config.bin %> <%= command.id %> --changed-since origin/main',
    '<%= config.bin %> <%= command.id %> --changed-since origin/main --comment comment.md --json',
    '<%= config.bin %> <%= command.id %> trend --gate verdict',
  ]
  static override flags = {
    'changed-since': Flags.string({
      summary: 'only hypotheses whose file, configs, vault or research data differ from where the branch left this ref',
      helpValue: 'REF',
    }),
    gate: Flags.option({
      summary: 'what the exit status says: is the evidence whole, or is every idea eligible',
      options: ['integrity', 'verdict'] as const,
      default: 'integrity' as const,
    })(),
    comment: Flags.string({summary: 'write the Markdown for the pull request into this file', helpValue: 'FILE'}),
  }

  async perform(desk: Desk): Promise<Check> {
    const {'changed-since': since, gate, comment} = this.flags
    const check = await gauntletCheck(desk, {files: this.args.file ?? [], since: since ?? null, gate})
    if (comment !== undefined && !desk.dryRun) await writeFile(comment, check.comment)
    return check
  }

  render({integrity, verdict, selection}: Check): Ending {
    const rows = verdict.hypotheses.map(({hypothesis, verdict: one, note}) => [
      hypothesis,
      one?.verdict ?? note ?? 'not judged',
      one?.failedStage ?? '',
      one?.figures.sharpeAnnual?.toFixed(2) ?? '',
      one?.trials.N ?? '',
    ])
    return {
      body: [
        renderTable(['hypothesis', 'verdict', 'stage', 'Sharpe', 'trials'], rows, [2, 3, 4]),
        ...integrity.breaches.map(({code, what}) => `${code}: ${what}`),
        ...(selection === null ? [] : touchedLines(selection)),
      ].join('\n'),
      artifact: this.flags.comment === undefined ? [] : [this.flags.comment],
      rationale: [
        `qo/integrity: ${integrity.ok ? `whole, ${integrity.entries} entries in the ledger` : `${integrity.breaches.length} breaches`}`,
        `qo/verdict: ${verdict.ok ? 'every idea is eligible or validated' : 'not every idea is; a negative verdict merges as it is'}`,
        'nothing was written and no vault was opened',
      ],
      next: integrity.ok ? ['git merge'] : [...new Set(integrity.breaches.map(({next}) => next))].slice(0, 3),
    }
  }

  protected override statusOf({ok}: Check): number {
    return ok ? 0 : EXIT.verdict
  }
}
