import {Args} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {gauntletUnseal, type UnsealRun} from '../../operations/gauntlet-unseal.ts'

/** Layer 1 · the sealed vault, hard and final. Reads the vault once, leaves reports/gauntlet/<id>/unseal.json. */
export default class GauntletUnseal extends QoCommand<typeof GauntletUnseal, UnsealRun> {
  static override summary = 'open the sealed vault for one eligible hypothesis: PASS or FAIL, and one attempt is spent'
  static override args = {id: Args.string({description: 'hypothesis id', required: true})}
  static override examples = ['<%= config.bin %> <%= command.id %> planted-edge --commit']

  perform(desk: Desk): Promise<UnsealRun> {
    return gauntletUnseal(desk, this.args.id)
  }

  render({verdicts, vault, attempt, alpha, paths, ok}: UnsealRun): Ending {
    const asked = `attempt ${attempt} on ${vault} at level ${alpha.toPrecision(3)}`
    const [record] = verdicts
    if (record === undefined)
      return {body: `would spend ${asked}`, artifact: [], rationale: ['dry run: nothing was opened'], next: []}
    return {
      body: `${record.verdict} · ${record.sentence}`,
      artifact: paths,
      rationale: [asked, 'numbers from inside stay sealed after PASS and FAIL alike; the answer itself is paid for'],
      next: ok ? ['qo trade --mode paper'] : [`qo hypothesis show ${record.hypothesis}`],
    }
  }

  protected override statusOf({ok, verdicts}: UnsealRun): number {
    return ok || verdicts.length === 0 ? 0 : EXIT.verdict
  }
}
