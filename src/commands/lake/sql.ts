import {Args} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type LakeSqlResult, lakeSql} from '../../operations/lake-sql.ts'

/** Layer 0 · sensory input. Reads the lake as research may see it. */
export default class LakeSql extends QoCommand<typeof LakeSql, LakeSqlResult> {
  static override summary = 'one read-only query over candles, funding, universe, features and selection'
  static override examples = [
    "<%= config.bin %> <%= command.id %> 'SELECT coin, count(*) AS bars FROM candles GROUP BY coin ORDER BY bars DESC'",
  ]
  static override args = {query: Args.string({description: 'a SELECT', required: true})}

  perform(desk: Desk): Promise<LakeSqlResult> {
    return lakeSql(desk, this.args.query)
  }

  render({columns, rows}: LakeSqlResult): Ending {
    const shown = rows.slice(0, 200).map((row) => row.map((cell) => (cell === null ? '' : String(cell))))
    return {
      body: renderTable(columns, shown),
      artifact: [],
      rationale: [
        `${rows.length} rows${rows.length > 200 ? ', the first 200 shown' : ''}; rows behind a vault seal are left out`,
      ],
      next: ['qo lake status', 'qo lake files --table candles'],
    }
  }
}
