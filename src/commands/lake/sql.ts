import {resolve} from 'node:path'
import {Args, Flags} from '@oclif/core'
import {gapFlag} from '../../cli/gap-flag.ts'
import {pinFlag, pinOf} from '../../cli/pin-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import {renderPlan} from '../../cli/render-plan.ts'
import type {ResearchPlan} from '../../contracts/research-plan.ts'
import type {Desk} from '../../desk.ts'
import {type LakeSqlResult, lakeSql} from '../../operations/lake-sql.ts'
import {planSql} from '../../operations/research-plans.ts'

const SHOWN = 200

/** Layer 0 · sensory input. Reads the lake as research may see it. */
export default class LakeSql extends QoCommand<typeof LakeSql, LakeSqlResult | ResearchPlan> {
  static override summary = 'one read-only query over the tables of the lake, as a table, CSV, JSON or Parquet'
  static override examples = [
    "<%= config.bin %> <%= command.id %> 'SELECT coin, count(*) AS bars FROM candles GROUP BY coin ORDER BY bars DESC'",
    "<%= config.bin %> <%= command.id %> 'SELECT * FROM candles WHERE coin = ''BTC''' --format parquet --out btc.parquet",
    "<%= config.bin %> <%= command.id %> 'SELECT max(ts) FROM funding' --as-of 2025-03-01T00:00:00Z --commit 12",
  ]
  static override args = {query: Args.string({description: 'a SELECT', required: true})}
  static override flags = {
    format: Flags.option({
      summary: 'csv and json go to standard output unless --out names a file',
      options: ['table', 'csv', 'json', 'parquet'] as const,
      default: 'table' as const,
    })(),
    out: Flags.string({summary: 'leave the answer in this file', helpValue: 'FILE'}),
    ...pinFlag,
    ...gapFlag,
  }

  perform(desk: Desk): Promise<LakeSqlResult | ResearchPlan> {
    const {format, out} = this.flags
    if ((format === 'table') !== (out === undefined) && (format === 'table' || format === 'parquet')) {
      this.error(format === 'table' ? '--out needs --format csv, json or parquet' : '--format parquet needs --out', {
        exit: 2,
      })
    }
    const file = format === 'table' ? null : {path: out === undefined ? null : resolve(out), format}
    if (desk.dryRun) return planSql(desk, file?.path ?? null)
    return lakeSql(desk, {query: this.args.query, commit: pinOf(this.flags), out: file})
  }

  /** When the answer is on standard output, what is said to people goes beside it. */
  override log(message = '', ...rest: unknown[]): void {
    if (this.flags.format !== 'table' && this.flags.out === undefined) this.logToStderr(message, ...rest)
    else super.log(message, ...rest)
  }

  render(result: LakeSqlResult | ResearchPlan): Ending {
    if (result.artifact === 'research-plan@1') return renderPlan(result)
    const {columns, rows, count, out, commit, gapsAllowed, sealed} = result
    const shown = rows.slice(0, SHOWN).map((row) => row.map((cell) => (cell === null ? '' : String(cell))))
    return {
      ...(this.flags.format === 'table' ? {body: renderTable(columns, shown)} : {}),
      artifact: out === null ? [] : [out],
      rationale: [
        `${count} rows as of commit ${commit}${rows.length > SHOWN ? `, the first ${SHOWN} shown` : ''}; rows behind a vault seal are left out`,
        ...sealed,
        ...(gapsAllowed ? ['holes in the data were allowed: qo lake gaps shows them'] : []),
      ],
      next: ['qo lake status', 'qo lake files --table candles'],
    }
  }
}
