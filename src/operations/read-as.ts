import {WHOLE_ROWS} from '../contracts/ingest.ts'

/** How the rows of a file were taken, in words. @param rows  of a capture its lines, which may hold several trades each */
export function readAs({
  rows,
  accepted,
  table,
  isCapture,
}: {
  readonly rows: number
  readonly accepted: number
  readonly table: string | undefined
  readonly isCapture: boolean
}): string {
  if (isCapture) return `${rows} lines read, ${accepted} rows in them`
  const whole = WHOLE_ROWS[table ?? '']
  return whole === undefined ? `${accepted} of ${rows} rows accepted` : `${rows} rows read as ${accepted} ${whole}`
}
