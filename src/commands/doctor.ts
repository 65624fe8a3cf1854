import {QoCommand} from '../cli/qo-command.ts'
import {type Ending, renderTable} from '../cli/render.ts'
import type {Desk} from '../desk.ts'
import {EXIT} from '../kernel/fault.ts'
import {type DoctorResult, doctor} from '../operations/doctor.ts'

/** Layer 3 · cockpit. Reads the machine and the workspace, leaves nothing. */
export default class Doctor extends QoCommand<typeof Doctor, DoctorResult> {
  static override summary = 'is this machine and workspace fit to run?'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  protected override needsWorkspace = false
  protected override looksForWorkspace = true

  perform(desk: Desk): Promise<DoctorResult> {
    return doctor(desk)
  }

  render({checks, version, ok}: DoctorResult): Ending {
    const mark = {ok: 'ok', warning: 'WARN', broken: 'BROKEN'}
    const ailing = checks.filter(({state}) => state !== 'ok')
    return {
      body: renderTable(
        ['', 'check', 'finding'],
        checks.map(({name, state, detail}) => [mark[state], name, detail.replaceAll('\n', ' ')]),
      ),
      artifact: ['none: doctor only looks'],
      rationale: [
        `qo ${version}: ${ok ? 'fit to run' : 'not fit to run'}, ${ailing.length} of ${checks.length} need a look`,
      ],
      next: ailing.length > 0 ? ailing.map(({name, next}) => `${next}  (${name})`) : ['qo ingest'],
    }
  }

  protected override statusOf({ok}: DoctorResult): number {
    return ok ? 0 : EXIT.verdict
  }
}
