import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {guardStatus, type GuardStatus as Status} from '../../operations/guard-status.ts'

/** Layer 2 · reflex & defense. Asks the running guard over its socket, leaves nothing. */
export default class GuardStatus extends QoCommand<typeof GuardStatus, Status> {
  static override summary = 'what the running guard says: state, latch, account, venue'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  perform(desk: Desk): Promise<Status> {
    return guardStatus(desk)
  }

  render({artifact: _, ok: __, live, ...facts}: Status): Ending {
    return {
      body: renderTable(
        ['', ''],
        Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
      ),
      artifact: ['data/state/guard.json while a guard runs'],
      rationale: [
        live ? 'the guard answers on its socket' : 'no guard answers: state and latch are read from its files',
      ],
      next: live ? ['qo risk check'] : ['qo trade --mode paper starts one by itself', 'qo guard serve'],
    }
  }
}
