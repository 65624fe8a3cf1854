import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type HypothesisList, hypothesisList} from '../../operations/hypothesis-list.ts'

/** Layer 1 · cognitive engine. Reads hypotheses and the ledger, leaves nothing. */
export default class HypothesisListCommand extends QoCommand<typeof HypothesisListCommand, HypothesisList> {
  static override summary = 'every hypothesis with its state and the trials it has to pay for'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  perform(desk: Desk): Promise<HypothesisList> {
    return hypothesisList(desk)
  }

  render({hypotheses}: HypothesisList): Ending {
    return {
      body: renderTable(
        ['hypothesis', 'family', 'state', 'bar', 'grid', 'trials', 'configuration'],
        hypotheses.map(({id, family, state, bar, gridPoints, trials, configuration}) => [
          id,
          family,
          state,
          bar,
          gridPoints,
          trials,
          configuration.slice(0, 12),
        ]),
        [4, 5],
      ),
      artifact: [],
      rationale: ['states come from the ledger, never from the file; an edited rule starts again as a draft'],
      next: ['qo hypothesis show ID', 'qo gauntlet'],
    }
  }
}
