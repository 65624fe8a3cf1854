import type {Shape} from '../contracts/ingest.ts'
import {Fault} from '../kernel/fault.ts'

/** What a source says about one of its columns. */
export interface ColumnFacts {
  readonly name: string
  readonly kind: 'number' | 'text' | 'instant' | 'local' | 'other'
  readonly numericShare: number
}

/** Which column of the file is which of ours. */
export interface NamedColumns {
  readonly ts: string
  /** null when the file has none and `--coin` names the coin */
  readonly coin: string | null
  readonly numbers: Readonly<Record<string, string>>
}

/** Names we know, best first. Anything else is asked for with `--map`, never guessed. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  ts: ['ts', 'time', 'timestamp', 'unix', 'open_time', 'date'],
  coin: ['symbol', 'coin', 'pair'],
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close'],
  volume: ['volume'],
  trades: ['trades', 'number_of_trades'],
  rate: ['rate', 'funding_rate', 'fundingrate', 'funding rate'],
  premium: ['premium'],
}

const FIELDS: Record<Shape, {required: readonly string[]; optional: readonly string[]}> = {
  ohlcv: {required: ['open', 'high', 'low', 'close', 'volume'], optional: ['trades']},
  funding: {required: ['rate'], optional: ['premium']},
}

/** A headerless row (JSON array of arrays) has positions for names, in this order. */
const POSITIONS: Record<Shape, readonly string[]> = {
  ohlcv: ['ts', 'open', 'high', 'low', 'close', 'volume'],
  funding: ['ts', 'rate'],
}

/**
 * Find our columns in a file.
 *
 * Case does not matter. Of several time columns the numeric one wins; otherwise two candidates are asked about.
 *
 * @param map      ours -> theirs, from `--map`
 * @param coin     `--coin`, or null
 * @throws Fault   `ingest.missing_columns`, `ingest.ambiguous_column` (data); `ingest.bad_map` (usage)
 */
export function nameColumns(
  shape: Shape,
  columns: readonly ColumnFacts[],
  {map, coin}: {map: Readonly<Record<string, string>>; coin: string | null},
): NamedColumns {
  const {required, optional} = FIELDS[shape]
  const ours = ['ts', 'coin', ...required, ...optional]
  const unknown = Object.keys(map).find((name) => !ours.includes(name))
  if (unknown !== undefined) throw badMap(unknown, ours)

  const positional = columns.length > 0 && columns.every(({name}, i) => name === String(i))
  const find = (field: string): string | null => {
    const mapped = map[field]
    if (mapped !== undefined) return columns.find(({name}) => name.toLowerCase() === mapped.toLowerCase())?.name ?? null
    if (positional) return columns[POSITIONS[shape].indexOf(field)]?.name ?? null
    const names = KNOWN[field]!
    const found = columns.filter(({name}) => names.includes(name.trim().toLowerCase()))
    if (found.length <= 1) return found[0]?.name ?? null
    const numeric = found.filter(({kind, numericShare}) => kind === 'number' || numericShare > 0.9)
    if (field === 'ts' && numeric.length === 1) return numeric[0]!.name
    throw ambiguous(
      field,
      found.map(({name}) => name),
    )
  }

  const coinColumn = find('coin')
  const ts = find('ts')
  const numbers: Record<string, string> = {}
  const missing: string[] = ts === null ? ['ts'] : []
  if (coin === null && coinColumn === null) missing.push('coin')
  for (const field of [...required, ...optional]) {
    const column = find(field)
    if (column !== null && columns.find(({name}) => name === column)?.kind !== 'other') numbers[field] = column
    else if (required.includes(field)) missing.push(field)
  }
  if (ts === null || missing.length > 0) throw missingColumns(shape, missing, columns)
  return {ts, coin: coinColumn, numbers}
}

function missingColumns(shape: Shape, missing: readonly string[], columns: readonly ColumnFacts[]): Fault {
  const example = missing.find((field) => field !== 'coin')
  return new Fault('ingest.missing_columns', {
    family: 'data',
    what: `The file has no column for ${missing.join(', ')}.`,
    why: `As ${shape} it needs them; its columns are ${columns.map(({name}) => name).join(', ') || 'none'}.`,
    next: [
      ...(missing.includes('coin') ? ['say which coin it is: --coin BTC'] : []),
      ...(example === undefined ? [] : [`name the column: --map "${example}=their column"`]),
    ],
  })
}

const ambiguous = (field: string, names: readonly string[]): Fault =>
  new Fault('ingest.ambiguous_column', {
    family: 'data',
    what: `Several columns could be ${field}: ${names.join(', ')}.`,
    why: 'Which one is meant is asked for, never guessed.',
    next: [`--map "${field}=${names[0]}"`],
  })

const badMap = (name: string, ours: readonly string[]): Fault =>
  new Fault('ingest.bad_map', {
    family: 'usage',
    what: `--map names '${name}', which is no column of ours.`,
    why: `A map is ours=theirs, and ours are ${ours.join(', ')}.`,
    next: ['--map "volume=Volume BTC,coin=exchange"'],
  })
