import {Flags} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import type {Ending} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {type LakeRebuildResult, lakeRebuild, REBUILT_TABLES} from '../../operations/lake-rebuild.ts'

/** Layer 0 · sensory input. Reads archived raw frames, compares their rows with the lake, appends what it lacks. */
export default class LakeRebuild extends QoCommand<typeof LakeRebuild, LakeRebuildResult> {
  static override summary = 'make a table again from raw frames and compare it with the lake'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --table trades --verify',
    '<%= config.bin %> <%= command.id %> --table candles --source hyperliquid-ws --json',
  ]
  static override flags = {
    table: Flags.option({options: REBUILT_TABLES, summary: 'the table', required: true})(),
    source: Flags.string({summary: 'only frames of this source', helpValue: 'VENUE-ws'}),
    verify: Flags.boolean({summary: 'compare only: append nothing, and fail on any difference'}),
  }

  perform(desk: Desk): Promise<LakeRebuildResult> {
    const {table, source, verify} = this.flags
    return lakeRebuild(desk, {table, source: source ?? null, verify})
  }

  render({table, source, frames, rows, equal, dataSha, appended, difference}: LakeRebuildResult): Ending {
    return {
      artifact: [],
      rationale: [
        `${frames} raw frames of ${source} give ${rows} rows of ${table}`,
        equal ? 'the lake holds exactly these' : `the lake lacked ${appended} of them and has them now`,
        ...(difference ? [`${difference.key}: ${difference.problem}`] : []),
        `content ${dataSha.slice(0, 16)}`,
      ],
      next: difference ? ['qo lake verify --deep', `qo lake rebuild --table ${table}`] : ['qo lake gaps'],
    }
  }

  protected override statusOf({ok}: LakeRebuildResult): number {
    return ok ? 0 : EXIT.data
  }
}
