import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {isoOf} from '../../kernel/instant.ts'
import {type RitualListResult, ritualList} from '../../operations/ritual-list.ts'

/** Layer 3 · cockpit. Reads configs/rituals.yaml and reports/rituals, leaves nothing. */
export default class RitualList extends QoCommand<typeof RitualList, RitualListResult> {
  static override summary = 'which rituals are signed, until when, and which are due'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  perform(desk: Desk): Promise<RitualListResult> {
    return ritualList(desk)
  }

  render({rituals, due}: RitualListResult): Ending {
    return {
      body: renderTable(
        ['ritual', 'title', 'state', 'until', 'record'],
        rituals.map(({ritual, title, state, expiresAt, report}) => [
          ritual,
          title,
          state,
          expiresAt === null ? '-' : isoOf(expiresAt),
          report ?? '-',
        ]),
      ),
      artifact: ['none: list only looks'],
      rationale: [due.length === 0 ? 'nothing is due' : `due: ${due.join(', ')}`],
      next: due.length === 0 ? ['qo cockpit --once'] : due.map((name) => `qo ritual start ${name}`),
    }
  }
}
