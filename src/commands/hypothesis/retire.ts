import {Args, Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {hypothesisRetire, type RetiredHypothesis} from '../../operations/hypothesis-retire.ts'

/** Layer 1 · cognitive engine. Reads a hypothesis and the ledger, leaves one ledger entry. */
export default class HypothesisRetire extends QoCommand<typeof HypothesisRetire, RetiredHypothesis> {
  static override summary = 'give an idea up, with a reason; its trials and its record stay'
  static override examples = [
    '<%= config.bin %> <%= command.id %> trend --reason "every trend of this market is arbitraged within a bar"',
    '<%= config.bin %> <%= command.id %> hypotheses/trend.yaml --reason "capital is better used elsewhere" --json',
  ]
  static override args = {file: Args.string({required: true, description: 'hypothesis file, or its id'})}
  static override flags = {
    reason: Flags.string({required: true, summary: 'why, for whoever has the same idea again'}),
  }

  perform(desk: Desk): Promise<RetiredHypothesis> {
    return hypothesisRetire(desk, this.args.file, this.flags.reason)
  }

  render({id, from, reason, path}: RetiredHypothesis): Ending {
    return {
      body: `${id} · retired, it was ${from}\n${reason}`,
      artifact: path === null ? [] : [path],
      rationale: [
        'an end is final for this configuration: no later run undoes it, its trials go on counting',
        'trade refuses it from its next cycle on and works its positions off',
      ],
      next: ['qo hypothesis graveyard', 'qo trade --dry-run'],
    }
  }
}
