import {Flags} from '@oclif/core'
import {pinFlag, pinOf} from '../../cli/pin-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type LakeFilesResult, lakeFiles} from '../../operations/lake-files.ts'

/** Layer 0 · sensory input. Reads the commit log. */
export default class LakeFiles extends QoCommand<typeof LakeFiles, LakeFilesResult> {
  static override summary = 'exactly the files a reader may use, for pandas, polars, DuckDB or Spark'
  static override examples = ['<%= config.bin %> <%= command.id %> --table candles --json']
  static override flags = {
    table: Flags.string({summary: 'only this table'}),
    ...pinFlag,
  }

  perform(desk: Desk): Promise<LakeFilesResult> {
    return lakeFiles(desk, {table: this.flags.table ?? null, commit: pinOf(this.flags)})
  }

  render({commit, files}: LakeFilesResult): Ending {
    return {
      body: renderTable(
        ['commit', 'rows', 'from', 'to', 'path'],
        files.map((file) => [file.ingest_id, file.rows, file.from.slice(0, 16), file.to.slice(0, 16), file.path]),
        [0, 1],
      ),
      artifact: [],
      rationale: [
        `${files.length} files as of commit ${commit}; of rows with one key the one of the later commit holds`,
        'a file names neither vaults nor seals: what you compute from it outside qo is on your honour',
      ],
      next: ['qo lake log'],
    }
  }
}
