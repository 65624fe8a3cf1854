import {Flags} from '@oclif/core'
import {QoCommand} from '../cli/qo-command.ts'
import type {Ending} from '../cli/render.ts'
import type {Desk} from '../desk.ts'
import {type CockpitResult, cockpit} from '../operations/cockpit.ts'

/** Layer 3 · cockpit. Reads latch, guard, journals, lake log, ledger and rituals, leaves nothing. */
export default class Cockpit extends QoCommand<typeof Cockpit, CockpitResult> {
  static override summary = 'one frame: halt, limits, positions, data, hypotheses, costs, rituals, events'
  static override description =
    'An 80-column frame, without colour when NO_COLOR is set or the output is not a terminal.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --once',
    '<%= config.bin %> <%= command.id %> --once --json',
  ]
  static override flags = {
    once: Flags.boolean({summary: 'print one frame and end', default: true}),
  }

  perform(desk: Desk): Promise<CockpitResult> {
    const {NO_COLOR, TERM} = process.env
    const colour = process.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb' && !this.jsonEnabled()
    return cockpit(desk, {colour})
  }

  render({frame, halted, unreadable, view}: CockpitResult): Ending {
    const due = view.rituals.state === 'read' ? view.rituals.value.filter(({state}) => state !== 'valid') : []
    return {
      body: frame,
      artifact: ['none: the cockpit only looks'],
      rationale: [
        halted ? 'HALTED: no new risk can leave' : 'not halted',
        ...(unreadable.length > 0 ? [`could not be read: ${unreadable.join(', ')}`] : []),
      ],
      next: [
        ...(halted ? ['qo killswitch status'] : []),
        ...(unreadable.length > 0 ? ['qo audit verify', 'qo doctor'] : []),
        ...due.map(({ritual}) => `qo ritual start ${ritual}`),
      ],
    }
  }
}
