import {stateHomeHere} from '../../cli/find-state-home.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {killswitchStatus, type KillswitchStatus as Status} from '../../operations/killswitch-status.ts'

/** Layer 2 · reflex & defense. Reads the latch and data/state/guard/events.jsonl, leaves nothing. */
export default class KillswitchStatus extends QoCommand<typeof KillswitchStatus, Status> {
  static override summary = 'where the halt stands, and what would release it'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  protected override needsWorkspace = false

  protected override defaultRoot(): string | undefined {
    return stateHomeHere() ?? undefined
  }

  perform(desk: Desk): Promise<Status> {
    return killswitchStatus(desk)
  }

  render({
    state,
    latched,
    id,
    cause,
    reason,
    policy,
    engagedAt,
    equity,
    phrase,
    blocked,
    guard,
    trouble,
    path,
  }: Status): Ending {
    const facts = {
      state,
      latched,
      id,
      cause,
      reason,
      policy,
      engaged: engagedAt,
      equity,
      guard: guard ? 'answers' : 'none',
    }
    const isWorking = latched !== false && state !== 'HALTED_CLEAN'
    return {
      body: renderTable(
        ['', ''],
        Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
      ),
      artifact: path === null ? [] : [path],
      rationale: [
        latched === false ? 'nothing is halted' : 'no order that increases risk leaves while the latch is there',
        ...(trouble === null ? [] : [`the event log cannot be trusted: ${trouble}`]),
        ...(blocked === null ? [] : [`not to be released yet: ${blocked}`]),
        ...(isWorking && !guard ? ['no guard is at work on it'] : []),
      ],
      next: [
        ...(phrase !== null && blocked === null ? [`qo killswitch release --phrase '${phrase}'`] : []),
        ...(isWorking ? ['qo killswitch engage, to start a guard on it again', 'qo killswitch status'] : []),
        ...(latched === false ? ['qo risk check'] : []),
      ],
    }
  }
}
