import {ROW_SHAPES, type RowShape} from '../contracts/ingest.ts'
import {Fault} from '../kernel/fault.ts'
import {KNOWN_NAMES, POSITIONS, ROW_FORMS, type RowForm} from './row-shape.ts'

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
  readonly texts: Readonly<Record<string, string>>
}

interface Asked {
  /** ours -> theirs, from `--map` */
  readonly map: Readonly<Record<string, string>>
  /** `--coin`, or null */
  readonly coin: string | null
}

/**
 * Find our columns in a file.
 *
 * Case does not matter. Of several time columns the numeric one wins; otherwise two candidates are asked about. Where a
 * shape has several forms the first that is whole is taken.
 *
 * @throws Fault   `ingest.missing_columns`, `ingest.ambiguous_column` (data); `ingest.bad_map` (usage)
 */
export function nameColumns(shape: RowShape, columns: readonly ColumnFacts[], asked: Asked): NamedColumns {
  const ours = fieldsOf(shape)
  const unknown = Object.keys(asked.map).find((name) => !ours.includes(name))
  if (unknown !== undefined) throw badMap(unknown, ours)
  const tries = ROW_FORMS[shape].map((form) => nameForm(shape, form, columns, asked))
  const whole = tries.find(({missing}) => missing.length === 0)
  if (whole) return whole.named
  const nearest = tries.reduce((a, b) => (b.missing.length < a.missing.length ? b : a))
  throw missingColumns(shape, nearest.missing, columns, asked)
}

function nameForm(
  shape: RowShape,
  form: RowForm,
  columns: readonly ColumnFacts[],
  {map, coin}: Asked,
): {named: NamedColumns; missing: readonly string[]} {
  const missing: string[] = []
  const find = (field: string): string | null => {
    const name = findColumn(shape, field, columns, map)
    const usable = columns.find((column) => column.name === name)
    return usable && (usable.kind !== 'other' || field === 'maker') ? usable.name : null
  }
  const pick = (required: readonly string[], optional: readonly string[]): Record<string, string> => {
    const found: Record<string, string> = {}
    for (const field of [...required, ...optional]) {
      const column = find(field)
      if (column !== null) found[field] = column
      else if (required.includes(field)) missing.push(field)
    }
    return found
  }
  const ts = find('ts')
  if (ts === null) missing.push('ts')
  const coinColumn = find('coin')
  if (coin === null && coinColumn === null) missing.push('coin')
  const numbers = pick(form.numbers, form.more.numbers)
  const texts = pick(form.texts, form.more.texts)
  return {named: {ts: ts ?? '', coin: coinColumn, numbers, texts}, missing}
}

function findColumn(shape: RowShape, field: string, columns: readonly ColumnFacts[], map: Asked['map']): string | null {
  const mapped = map[field]
  if (mapped !== undefined) return columns.find(({name}) => name.toLowerCase() === mapped.toLowerCase())?.name ?? null
  if (columns.length > 0 && columns.every(({name}, i) => name === String(i))) {
    return columns[(POSITIONS[shape] ?? []).indexOf(field)]?.name ?? null
  }
  const taken = new Set(Object.values(map).map((name) => name.toLowerCase()))
  const names = KNOWN_NAMES[field]!
  const found = columns.filter(({name}) => {
    const plain = name.trim().toLowerCase()
    return names.includes(plain) && !taken.has(plain)
  })
  if (found.length <= 1) return found[0]?.name ?? null
  const numeric = found.filter(({kind, numericShare}) => kind === 'number' || numericShare > 0.9)
  if (field === 'ts' && numeric.length === 1) return numeric[0]!.name
  throw ambiguous(
    field,
    found.map(({name}) => name),
  )
}

const fieldsOf = (shape: RowShape): string[] => [
  ...new Set([
    ...['ts', 'coin'],
    ...ROW_FORMS[shape].flatMap(({numbers, texts, more}) => [...numbers, ...texts, ...more.numbers, ...more.texts]),
  ]),
]

/** Another shape that the columns do make up, named when this one does not fit. */
function likelyShape(shape: RowShape, columns: readonly ColumnFacts[], {coin}: Asked): string | null {
  const fits = (other: RowShape): boolean =>
    other !== shape && ROW_FORMS[other].some((form) => fitsForm(other, form, columns, coin))
  const found = ROW_SHAPES.filter(fits)
  // Rows of a book are also whole as trades and quotes; those two are told apart only by what their sides mean.
  if (found.includes('book')) return '--as book'
  if (found.length > 0) return found.map((name) => `--as ${name}`).join(' or ')
  const names = columns.map(({name}) => name.toLowerCase())
  const isBook = names.some((name) => name.includes('bid')) && names.some((name) => name.includes('ask'))
  return isBook && shape !== 'book' ? '--as book, once it has one row per side and level' : null
}

function fitsForm(shape: RowShape, form: RowForm, columns: readonly ColumnFacts[], coin: string | null): boolean {
  try {
    return nameForm(shape, form, columns, {map: {}, coin: coin ?? 'any'}).missing.length === 0
  } catch {
    // Two candidates for a column: the user would be asked, so it is no likely shape.
    return false
  }
}

function missingColumns(
  shape: RowShape,
  missing: readonly string[],
  columns: readonly ColumnFacts[],
  asked: Asked,
): Fault {
  const example = missing.find((field) => field !== 'coin')
  const likely = missing.some((field) => field !== 'coin') ? likelyShape(shape, columns, asked) : null
  return new Fault('ingest.missing_columns', {
    family: 'data',
    what: `The file has no column for ${missing.join(', ')}.`,
    why: `As ${shape} it needs them; its columns are ${columns.map(({name}) => name).join(', ') || 'none'}.`,
    next: [
      ...(likely === null ? [] : [`it looks like another shape: ${likely}`]),
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
