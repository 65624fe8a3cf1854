import {Args, Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type LakePushResult, lakePush} from '../../operations/lake-transfer.ts'

/** Layer 0 · sensory input. Reads the lake, leaves a copy of what is new in it elsewhere. */
export default class LakePush extends QoCommand<typeof LakePush, LakePushResult> {
  static override summary = 'carry the lake to a folder or an HTTPS prefix: what is there by its hash is not sent again'
  static override examples = [
    '<%= config.bin %> <%= command.id %> /mnt/backup/desk --sealed',
    '<%= config.bin %> <%= command.id %> https://cache.example.org/desk --dry-run',
    '<%= config.bin %> <%= command.id %> /srv/depot --research --commit',
  ]
  static override args = {to: Args.string({description: 'folder, or http(s) prefix that takes PUT', required: true})}
  static override flags = {
    sealed: Flags.boolean({
      summary: 'rows behind a vault seal too: a backup; it is written into the vault journal',
      exclusive: ['research'],
    }),
    research: Flags.boolean({
      summary: 'for runners: of a file across a vault seal, a copy that ends before it; leaves data/manifests/cuts',
    }),
  }

  perform(desk: Desk): Promise<LakePushResult> {
    return lakePush(desk, this.args.to, {sealed: this.flags.sealed, research: this.flags.research})
  }

  render({to, commits, files, bytes, present, leftOut, paths}: LakePushResult): Ending {
    return {
      artifact: [to, ...paths],
      rationale: [
        `${commits} commits, ${files} files, ${bytes} bytes${this.flags['dry-run'] ? ' would go' : ' sent'}; ${present} files were there`,
        ...(leftOut > 0 ? [`${leftOut} files were left out: behind a vault seal, or cut before it`] : []),
      ],
      next: [`qo lake pull ${to}${this.flags.research ? ' --named' : ''}, on another machine`],
    }
  }
}
