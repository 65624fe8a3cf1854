import Table from 'cli-table3'

/** What a person reads: an optional body, then always artifact, rationale, next. */
export interface Ending {
  readonly body?: string
  /** what was left, by path */
  readonly artifact: readonly string[]
  /** why it says what it says, one to five lines */
  readonly rationale: readonly string[]
  /** commands to type next */
  readonly next: readonly string[]
}

export function renderEnding({body, artifact, rationale, next}: Ending): string {
  const part = (title: string, lines: readonly string[]): string =>
    (lines.length > 0 ? lines : ['-']).map((line, i) => `${(i === 0 ? title : '').padEnd(10)} ${line}`).join('\n')
  const parts = [part('artifact', artifact), part('rationale', rationale), part('next', next)]
  return [...(body ? [body, ''] : []), ...parts].join('\n')
}

/** Warnings on lines of their own before the body: who reads one line reads them. */
export const above = (warnings: readonly string[], body: string): string =>
  [...warnings.map((line) => `! ${line}`), ...(warnings.length > 0 ? [''] : []), body].join('\n')

/** A plain table: no colour, thin rules, right-aligned where `right` says so. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  right: readonly number[] = [],
): string {
  const table = new Table({
    head: [...head],
    style: {head: [], border: [], compact: true},
    colAligns: head.map((_, i) => (right.includes(i) ? 'right' : 'left')),
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
  })
  table.push(...rows.map((row) => row.map(String)))
  return table.toString()
}
