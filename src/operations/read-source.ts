import type {TimeUnit} from '../contracts/ingest.ts'
import type {SourceFile} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import type {RawRows} from '../sensory/check-rows.ts'
import type {NamedColumns} from '../sensory/name-columns.ts'
import {type Times, timesOfNumbers, timesOfTexts} from '../sensory/read-times.ts'
import {numbers, texts} from './read-lake.ts'

export interface ReadOptions {
  readonly coin: string | null
  readonly zone: string | null
  readonly unit: TimeUnit
}

/**
 * The named columns of a file as raw rows, times already as epoch ms.
 *
 * @throws Fault `ingest.unknown_time_zone`, `ingest.ambiguous_column` (data)
 */
export async function readSource(
  file: SourceFile,
  columns: NamedColumns,
  options: ReadOptions,
): Promise<{raw: RawRows; troubles: Times['troubles']}> {
  const kind = file.columns.find(({name}) => name === columns.ts)!
  const asNumber = kind.kind === 'number' || kind.kind === 'instant' || kind.numericShare > 0.5
  const all = (names: readonly string[], type: 'number' | 'text'): [string, 'number' | 'text'][] =>
    names.map((name) => [name, type])
  const rows = await file.read({
    [columns.ts]: asNumber ? 'number' : 'text',
    ...(columns.coin === null ? {} : {[columns.coin]: 'text'}),
    ...Object.fromEntries(all(Object.values(columns.numbers), 'number')),
    ...Object.fromEntries(all(Object.values(columns.texts), 'text')),
  })
  const times = asNumber
    ? timesOfNumbers(numbers(rows, columns.ts), kind.kind === 'instant' ? 'ms' : options.unit)
    : timesOfTexts(texts(rows, columns.ts), options.zone)
  const found = columns.coin === null ? [] : texts(rows, columns.coin)
  if (options.coin !== null) refuseSeveralCoins(found, options.coin)
  const coin = options.coin === null ? found : new Array<string>(rows.count).fill(options.coin)
  const pick = <T>(names: Readonly<Record<string, string>>, read: (theirs: string) => T): Record<string, T> =>
    Object.fromEntries(Object.entries(names).map(([ours, theirs]) => [ours, read(theirs)] as const))
  return {
    raw: {
      count: rows.count,
      ts: times.ts,
      coin,
      numbers: pick(columns.numbers, (theirs) => numbers(rows, theirs)),
      texts: pick(columns.texts, (theirs) => texts(rows, theirs)),
    },
    troubles: times.troubles,
  }
}

/** `--coin` renames the one coin of a file; it never merges several into one. */
function refuseSeveralCoins(found: readonly string[], coin: string): void {
  const names = new Set(found)
  names.delete('')
  if (names.size < 2) return
  throw new Fault('ingest.ambiguous_column', {
    family: 'data',
    what: `The file has ${names.size} coins (${[...names].slice(0, 5).join(', ')}), and --coin calls them all ${coin}.`,
    why: 'Several markets under one name would be one false market.',
    next: ['leave --coin away', 'split the file'],
  })
}
