import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type Graveyard, hypothesisGraveyard} from '../../operations/hypothesis-graveyard.ts'

const SHOWN = 96

/** Layer 1 · cognitive engine. Reads the ledger, reports and git, leaves nothing. */
export default class HypothesisGraveyard extends QoCommand<typeof HypothesisGraveyard, Graveyard> {
  static override summary = 'ideas that ended, and what they died of'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  perform(desk: Desk): Promise<Graveyard> {
    return hypothesisGraveyard(desk)
  }

  render({graves, causes, points}: Graveyard): Ending {
    const tally = Object.entries(causes).map(([cause, count]) => `${count} by ${cause}`)
    return {
      body: renderTable(
        ['hypothesis', 'state', 'died', 'entry', 'trials', 'cause of death'],
        graves.map(({id, state, died, seq, points: own, cause}) => [
          id,
          state,
          died.slice(0, 10),
          seq,
          own,
          cause.length > SHOWN ? `${cause.slice(0, SHOWN - 1)}…` : cause,
        ]),
        [3, 4],
      ),
      artifact: [],
      rationale: [
        graves.length === 0 ? 'nobody has died yet' : `${graves.length} ended: ${tally.join(', ')}`,
        `their ${points} trials go on counting against whatever resembles them`,
      ],
      next: ['qo hypothesis new my-idea --family trend', 'qo hypothesis list'],
    }
  }
}
