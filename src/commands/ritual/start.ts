import {Args} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {type RitualResult, ritualStart} from '../../operations/ritual-start.ts'

/** Layer 3 · cockpit. Reads configs/rituals.yaml and what its items verify, leaves reports/rituals/<date>-<name>.md. */
export default class RitualStart extends QoCommand<typeof RitualStart, RitualResult> {
  static override summary = 'verify a checklist by machine and leave the signed record'
  static override description = 'Exit 5 when an item fails; the refusal is recorded as well.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> shift-start --json',
  ]
  static override args = {name: Args.string({description: 'ritual of configs/rituals.yaml; default: the first'})}

  perform(desk: Desk): Promise<RitualResult> {
    return ritualStart(desk, this.args.name)
  }

  render({title, verdict, expiresAt, signedBy, items, path, ritual}: RitualResult): Ending {
    const failed = items.filter(({pass}) => !pass)
    return {
      body: renderTable(
        ['', 'item', 'finding'],
        items.map(({id, pass, finding}) => [pass ? 'pass' : 'FAIL', id, finding]),
      ),
      artifact: [path],
      rationale: [
        verdict === 'signed'
          ? `${title}: signed by ${signedBy}, valid until ${expiresAt}`
          : `${title}: refused, ${failed.map(({id}) => id).join(', ')} failed`,
      ],
      next: verdict === 'signed' ? ['qo trade --mode paper'] : ['qo doctor', `qo ritual start ${ritual}`],
    }
  }

  protected override statusOf({verdict}: RitualResult): number {
    return verdict === 'signed' ? 0 : EXIT.verdict
  }
}
