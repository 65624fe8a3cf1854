import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'

interface Result {
  readonly artifact: 'guard-serve@1'
  readonly ok: true
}

/** Layer 2 · reflex & defense. Reads configs/risk_limits.yaml, leaves data/state/guard.json while it runs. */
export default class GuardServe extends QoCommand<typeof GuardServe, Result> {
  static override summary = 'the only process that holds a key and signs; serves the practice venue until SIGTERM'
  static override description = 'Prints one JSON line with its socket. `qo trade --mode paper` starts one by itself.'
  static override examples = ['<%= config.bin %> <%= command.id %> &']

  async perform({root, stateDir}: Desk): Promise<Result> {
    const {runGuard} = await import('../../guard/run-guard.ts')
    await runGuard({root, stateDir, haltOnly: false})
    return {artifact: 'guard-serve@1', ok: true}
  }

  render(): Ending {
    return {artifact: ['data/journal/guard.jsonl'], rationale: ['the guard has stopped'], next: ['qo guard status']}
  }

  /** The endpoint line was printed when the guard started: one JSON object, not two. */
  protected override logJson(json: unknown): void {
    if ((json as {ok?: boolean}).ok !== true) super.logJson(json)
  }
}
