import {Flags} from '@oclif/core'
import {stateHomeHere} from '../../cli/find-state-home.ts'
import {type Latched, latchFirst} from '../../cli/latch-first.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import type {EngageResult} from '../../operations/killswitch-engage.ts'

/** Layer 2 · reflex & defense. Latches before it reads anything; leaves reports/risk/halt-<id>.yaml. */
export default class KillswitchEngage extends QoCommand<typeof KillswitchEngage, EngageResult> {
  static override summary = 'halt now: latch first, then cancel, flatten and prove it; never asks a question'
  static override description =
    'Works with every config broken. Exit 0 once the latch is durable, 7 when it is in memory only.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --reason "feed is wrong" --flatten',
  ]
  /** an unknown word must not stand between an operator and the latch */
  static override strict = false
  static override flags = {
    reason: Flags.string({summary: 'why, for the record', default: 'no reason given'}),
    flatten: Flags.boolean({summary: 'close every position; default by cause from configs/risk_limits.yaml'}),
    'cancel-only': Flags.boolean({summary: 'cancel what can increase risk, keep positions with their stops'}),
  }

  protected override needsWorkspace = false
  #latched: Latched | null = null

  override run(): Promise<EngageResult> {
    this.#latched = latchFirst(this.argv)
    return super.run()
  }

  protected override defaultRoot(): string | undefined {
    return stateHomeHere() ?? undefined
  }

  async perform(desk: Desk): Promise<EngageResult> {
    const {killswitchEngage, requireHome} = await import('../../operations/killswitch-engage.ts')
    if (this.#latched === null && !desk.dryRun) requireHome()
    const {flatten, reason} = this.flags
    const policy = flatten ? 'flatten' : this.flags['cancel-only'] ? 'cancel' : null
    return killswitchEngage(desk, {policy, reason, latched: this.#latched})
  }

  render({latched, state, id, policy, joined, notes, path}: EngageResult): Ending {
    const where = latched === 'memory' ? 'IN MEMORY ONLY: the disk takes no latch' : latched ? 'latched' : 'not latched'
    return {
      body: `${where} · ${state} · ${policy}${joined ? ' · joined the halt that was running' : ''} · ${id ?? ''}`,
      artifact: path === null ? [] : [path],
      rationale: ['no order that increases risk leaves from here on', ...notes],
      next: ['qo killswitch status'],
    }
  }

  protected override statusOf({latched}: EngageResult): number {
    return latched === 'memory' ? EXIT.halted : 0
  }
}
