import {Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {type LakeVerifyResult, lakeVerify} from '../../operations/lake-verify.ts'

/** Layer 0 · sensory input. Reads the commit log and every file it names. */
export default class LakeVerify extends QoCommand<typeof LakeVerify, LakeVerifyResult> {
  static override summary = 'compare every file of the lake with the commit log'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --deep']
  static override flags = {
    full: Flags.boolean({summary: 'also rows, order, unique keys and times', exclusive: ['deep']}),
    deep: Flags.boolean({summary: 'also every value, with a reader that did not write it'}),
    'repair-plan': Flags.boolean({summary: 'leave what restores each damaged file; nothing is repaired'}),
  }

  perform(desk: Desk): Promise<LakeVerifyResult> {
    const depth = this.flags.deep ? 'deep' : this.flags.full ? 'full' : 'quick'
    return lakeVerify(desk, depth, {plan: this.flags['repair-plan']})
  }

  render({depth, commits, files, rows, frames, sealedRows, problems, orphans, paths}: LakeVerifyResult): Ending {
    return {
      ...(problems.length > 0
        ? {
            body: renderTable(
              ['file', 'problem'],
              problems.map(({file, problem}) => [file, problem]),
            ),
          }
        : {}),
      artifact: paths,
      rationale: [
        `${depth}: ${commits} commits, ${files} files, ${rows} rows, ${frames} raw frames; ${problems.length === 0 ? 'no damage' : `${problems.length} files damaged`}`,
        ...(sealedRows > 0 ? [`${sealedRows} rows lie behind a vault seal`] : []),
        ...(orphans.length > 0
          ? [`${orphans.length} files that no commit names (invisible, harmless): ${orphans.slice(0, 3).join(', ')}`]
          : []),
      ],
      next:
        problems.length === 0
          ? depth === 'deep'
            ? ['qo lake status']
            : ['qo lake verify --deep']
          : ['qo lake verify --repair-plan', 'qo lake pull FROM'],
    }
  }

  protected override statusOf({ok}: LakeVerifyResult): number {
    return ok ? 0 : EXIT.data
  }
}
