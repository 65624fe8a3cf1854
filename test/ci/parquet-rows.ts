import {asyncBufferFromFile, parquetReadObjects} from 'hyparquet'
import {compressors} from 'hyparquet-compressors'

/** One numeric column of a Parquet file, by a reader that did not write it. */
export async function parquetRows(path: string, column: string): Promise<number[]> {
  const file = await asyncBufferFromFile(path)
  const rows = await parquetReadObjects({file, compressors, columns: [column]})
  return rows.map((row) => Number(row[column]))
}
