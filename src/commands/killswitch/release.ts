import {Flags} from '@oclif/core'
import {stateHomeHere} from '../../cli/find-state-home.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {killswitchRelease, type ReleaseResult} from '../../operations/killswitch-release.ts'

/** Layer 2 · reflex & defense. Reads latch, event log and record; takes the latch away and leaves the record. */
export default class KillswitchRelease extends QoCommand<typeof KillswitchRelease, ReleaseResult> {
  static override summary = 'end a halt that is HALTED_CLEAN, cooled down, and whose printed phrase was typed'
  static override description = 'Cool-down by cause: operator 15 min, loss or liquidation 24 h, everything else 72 h.'
  static override examples = [
    "<%= config.bin %> <%= command.id %> --phrase 'RELEASE acct-7f3a EQUITY 41,250 CAUSE operator'",
  ]
  static override flags = {phrase: Flags.string({summary: 'as printed by qo killswitch status'})}

  protected override needsWorkspace = false

  protected override defaultRoot(): string | undefined {
    return stateHomeHere() ?? undefined
  }

  perform(desk: Desk): Promise<ReleaseResult> {
    return killswitchRelease(desk, this.flags.phrase ?? null)
  }

  render({released, state, id, path}: ReleaseResult): Ending {
    return {
      body: released ? `released ${id} · ${state}` : `${id} would be released`,
      artifact: [path],
      rationale: ['the record stays; arming is what the next trade cycle does, behind its own checks'],
      next: ['qo risk check', 'qo ritual start'],
    }
  }
}
