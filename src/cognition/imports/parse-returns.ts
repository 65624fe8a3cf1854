import {Fault} from '../../kernel/fault.ts'
import {parseInstantOr} from './parse-time.ts'

/** What a file made elsewhere says, row by row. */
export interface ReturnsFile {
  /** epoch ms, strictly ascending */
  readonly ts: Float64Array
  /** simple returns per period, or an equity curve */
  readonly values: Float64Array
  readonly kind: 'returns' | 'equity'
  readonly column: string
  /** no time in the file carries a zone: they were read as UTC */
  readonly assumedUtc: boolean
}

export interface ReturnsFileOptions {
  readonly column?: string | undefined
  readonly kind?: 'returns' | 'equity' | undefined
  /** 1.5 in the file means 1.5 % */
  readonly percent: boolean
}

const TIMES = ['ts', 'time', 'timestamp', 'date', 'datetime', 'day', 'month', 'period']
const EQUITY = /equity|nav|balance|wealth|portfolio_value|value|close/
const RETURNS = /ret|pnl_pct|performance|net/

/**
 * A CSV of returns or of an equity curve: a header, one column of times, one of numbers.
 *
 * Nothing is repaired: an empty cell, a time that stands twice or goes back, a return of −100 % or less end the import
 * and name the line.
 *
 * @param lines  of the file, header first; numbered from 1 in errors
 * @throws Fault `import.empty`, `import.no_time_column`, `import.which_column`, `import.ragged_row`, `import.bad_time`,
 *               `import.bad_number`, `import.duplicate_time`, `import.not_ascending`, `import.impossible_value` (data)
 */
export function parseReturns(lines: readonly string[], options: ReturnsFileOptions): ReturnsFile {
  const rows = lines.map((line) => line.replace(/\r$/, '').replace(/^\uFEFF/, ''))
  const first = rows.findIndex((row) => row.trim() !== '')
  if (first < 0) throw refused('empty', 1, 'the file has no line', 'a header and one line per period are needed')
  const cut = delimiterOf(rows[first]!)
  const header = cellsOf(rows[first]!, cut).map((name) => name.toLowerCase())
  const at = header.findIndex((name) => TIMES.includes(name))
  if (at < 0)
    throw refused(
      'no_time_column',
      first + 1,
      `no column is called ${TIMES.join(', ')}`,
      `the header is ${rows[first]}`,
    )
  const {index, column} = valueColumn(header, at, options.column, first + 1)
  const kind = options.kind ?? kindOf(column, first + 1)
  const [ts, values]: [number[], number[]] = [[], []]
  let assumedUtc = false
  for (let n = first + 1; n < rows.length; n++) {
    const row = rows[n]!
    if (row.trim() === '') continue
    const cells = cellsOf(row, cut)
    const line = n + 1
    if (cells.length !== header.length)
      throw refused('ragged_row', line, `it has ${cells.length} cells where the header has ${header.length}`, row)
    const time = parseInstantOr(cells[at]!)
    if (time === null) throw refused('bad_time', line, `${cells[at]} is no ISO 8601 time and no epoch`, TIME_HINT)
    assumedUtc ||= !time.zoned
    const before = ts.at(-1)
    if (before === time.ms) throw refused('duplicate_time', line, `${cells[at]} stands twice`, 'one row a period')
    if (before !== undefined && time.ms < before)
      throw refused('not_ascending', line, `${cells[at]} comes after a later time`, 'sort the rows by time')
    ts.push(time.ms)
    values.push(numberIn(cells[index]!, line, kind, options.percent))
  }
  if (ts.length === 0)
    throw refused('empty', first + 1, 'there is no row below the header', 'one line per period is needed')
  return {ts: Float64Array.from(ts), values: Float64Array.from(values), kind, column, assumedUtc}
}

const TIME_HINT = 'like 2024-01-31, 2024-01-31T08:00:00Z or 1706688000000; 01/02/2024 could be two days'

function numberIn(cell: string, line: number, kind: 'returns' | 'equity', percent: boolean): number {
  const text = cell.endsWith('%') ? cell.slice(0, -1).trim() : cell
  // Number('') is 0 and Number('0x10') is 16: neither is what a return looks like.
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) {
    const hint = /^[+-]?\d+,\d+$/.test(text) ? 'write a decimal point, not a comma' : 'every period needs its number'
    throw refused('bad_number', line, `${cell === '' ? 'an empty cell' : cell} is no finite number`, hint)
  }
  if (kind === 'equity') {
    if (value <= 0) throw refused('impossible_value', line, `an equity of ${cell}`, 'returns on nothing do not exist')
    return value
  }
  const r = percent || cell.endsWith('%') ? value / 100 : value
  if (r <= -1)
    throw refused(
      'impossible_value',
      line,
      `a return of ${cell} loses everything or more`,
      'if these are percents: --percent',
    )
  return r
}

/** The first delimiter that the header holds. */
const delimiterOf = (header: string): string => [';', '\t', ','].find((mark) => header.includes(mark)) ?? ','

const cellsOf = (row: string, cut: string): string[] =>
  row.split(cut).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))

function valueColumn(
  header: readonly string[],
  time: number,
  wanted: string | undefined,
  line: number,
): {index: number; column: string} {
  const others = header.flatMap((name, index) => (index === time ? [] : [{index, column: name}]))
  const named = wanted === undefined ? others : others.filter(({column}) => column === wanted.toLowerCase())
  if (named.length === 1) return named[0]!
  const what =
    wanted === undefined ? `there are ${others.length} columns beside the time` : `no single column is called ${wanted}`
  throw refused('which_column', line, what, `name one with --column: ${others.map(({column}) => column).join(', ')}`)
}

function kindOf(column: string, line: number): 'returns' | 'equity' {
  const [equity, returns] = [EQUITY.test(column), RETURNS.test(column)]
  if (equity !== returns) return equity ? 'equity' : 'returns'
  throw refused(
    'which_column',
    line,
    `${column} may be returns or an equity curve`,
    'say --kind returns or --kind equity',
  )
}

type Code =
  | 'empty'
  | 'no_time_column'
  | 'which_column'
  | 'ragged_row'
  | 'bad_time'
  | 'bad_number'
  | 'duplicate_time'
  | 'not_ascending'
  | 'impossible_value'

const refused = (code: Code, line: number, what: string, why: string): Fault =>
  new Fault(`import.${code}`, {
    family: 'data',
    what: `Line ${line}: ${what}.`,
    why: `${why[0]!.toUpperCase()}${why.slice(1)}. Nothing is repaired or left out: a judgement on part of a record is on another record.`,
    next: [`look at line ${line}`, 'qo hypothesis import --help'],
  })
