import {Args, Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type LakePullResult, lakePull} from '../../operations/lake-transfer.ts'

/** Layer 0 · sensory input. Reads a copy, leaves commits and files in the lake. */
export default class LakePull extends QoCommand<typeof LakePull, LakePullResult> {
  static override summary = 'bring the lake up to a copy of it, and damaged files back from there'
  static override examples = [
    '<%= config.bin %> <%= command.id %> /mnt/backup/desk',
    '<%= config.bin %> <%= command.id %> https://cache.example.org/desk --json',
    '<%= config.bin %> <%= command.id %> https://cache.example.org/desk --named',
  ]
  static override flags = {
    named: Flags.boolean({
      summary: 'exactly the files that data/manifests names by hash, and no sealed row: what a runner needs',
    }),
  }
  static override args = {from: Args.string({description: 'folder, workspace, or http(s) prefix', required: true})}

  perform(desk: Desk): Promise<LakePullResult> {
    return lakePull(desk, this.args.from, {named: this.flags.named})
  }

  render({commits, files, bytes, present, leftOut, healed}: LakePullResult): Ending {
    return {
      artifact: healed.slice(0, 10),
      rationale: [
        `${commits} new commits, ${files} files, ${bytes} bytes; ${present} files were whole already`,
        ...(healed.length > 0 ? [`${healed.length} missing or damaged files came back`] : []),
        ...(leftOut > 0 ? [`${leftOut} files were left out: behind a vault seal, or in no manifest`] : []),
      ],
      next: ['qo lake verify'],
    }
  }
}
