import type {Desk} from '../desk.ts'

export interface LakeSqlResult {
  readonly artifact: 'lake-sql@1'
  readonly ok: boolean
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** One SELECT over the lake's tables as research may see them. @throws Fault `lake.sql_refused`, `lake.sql_failed` */
export async function lakeSql(desk: Desk, query: string): Promise<LakeSqlResult> {
  desk.progress.say('asking the lake')
  const {columns, rows} = await desk.lake.sql(query, desk.asOf)
  return {artifact: 'lake-sql@1', ok: true, columns, rows}
}
