import {Args, Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {hypothesisNew, type NewHypothesis} from '../../operations/hypothesis-new.ts'

/** Layer 1 · cognitive engine. Reads the graveyard, leaves hypotheses/<id>.yaml. */
export default class HypothesisNew extends QoCommand<typeof HypothesisNew, NewHypothesis> {
  static override summary = 'begin a hypothesis from the textbook version of its family'
  static override examples = [
    '<%= config.bin %> <%= command.id %> my-idea --family trend',
    '<%= config.bin %> <%= command.id %> crowded-longs --family carry --json',
  ]
  static override args = {id: Args.string({required: true, description: 'lower-case letters, digits and hyphens'})}
  static override flags = {
    family: Flags.option({
      summary: 'where the idea belongs; its trials are counted with those of its family',
      options: ['trend', 'cross-sectional', 'carry', 'reversal'] as const,
      default: 'trend' as const,
    })(),
  }

  perform(desk: Desk): Promise<NewHypothesis> {
    return hypothesisNew(desk, this.args.id, this.flags.family)
  }

  render({path, text, id, warnings}: NewHypothesis): Ending {
    return {
      body: text.trimEnd(),
      artifact: [path],
      rationale: [
        'a draft that type-checks and claims nothing new: rewrite claim, mechanism and falsified_by first',
        'nothing is counted until it is run; from then on every grid point is a trial',
        ...warnings.flatMap(({what, why}) => [what, why]),
      ],
      next: [`qo hypothesis lint ${path}`, `qo hypothesis show ${id}`],
    }
  }
}
