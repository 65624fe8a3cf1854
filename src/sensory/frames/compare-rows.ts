/** Rows of one table, column by column, as the lake reads them. */
export interface ComparedRows {
  readonly count: number
  readonly columns: Readonly<Record<string, Float64Array | readonly string[]>>
  readonly lists?: Readonly<Record<string, readonly Float64Array[]>>
}

/** How rebuilt rows and stored rows differ. Keys are texts; rows are positions in the rebuilt ones. */
export interface Comparison {
  /** rebuilt, and not stored under any source */
  readonly missing: readonly number[]
  /** first key of each kind, null when there is none */
  readonly firstMissing: string | null
  readonly firstDifferent: string | null
  /** stored as read from these frames, and not rebuilt */
  readonly firstUnfounded: string | null
  /** canonical key and value of each rebuilt row, in key order: what a content hash is made of */
  readonly content: readonly string[]
}

/**
 * Compare rows that raw frames gave with the rows a lake holds, by key and value.
 *
 * When and through whom a row came is not compared, nor how often it was corrected. A key that another source told
 * differently is no difference: the lake holds the later word.
 *
 * @param key     columns that name a row, venue and revision left out
 * @param values  columns that say what it is
 * @param isOwn   whether a stored row was read from these frames
 */
export function compareRows(
  rebuilt: ComparedRows,
  stored: ComparedRows,
  {key, values, isOwn}: {key: readonly string[]; values: readonly string[]; isOwn: (i: number) => boolean},
): Comparison {
  const known = new Map<string, number>()
  for (let i = 0; i < stored.count; i++) known.set(rowText(stored, key, i), i)
  const missing: number[] = []
  let firstMissing: string | null = null
  let firstDifferent: string | null = null
  let firstUnfounded: string | null = null
  const content: string[] = []
  for (let i = 0; i < rebuilt.count; i++) {
    const [name, value] = [rowText(rebuilt, key, i), rowText(rebuilt, values, i)]
    content.push(`${name} = ${value}`)
    const twin = known.get(name)
    if (twin === undefined) {
      missing.push(i)
      firstMissing ??= name
      continue
    }
    known.delete(name)
    if (isOwn(twin) && rowText(stored, values, twin) !== value) firstDifferent ??= name
  }
  for (const [name, i] of known) if (isOwn(i)) firstUnfounded ??= name
  return {missing, firstMissing, firstDifferent, firstUnfounded, content: content.sort()}
}

/** Shortest decimals, so that equal doubles are equal texts; a missing number is empty. */
function rowText({columns, lists = {}}: ComparedRows, names: readonly string[], i: number): string {
  return names
    .map((name) => {
      const cell = columns[name]?.[i]
      if (cell !== undefined) return typeof cell === 'number' ? numberText(cell) : cell
      return `[${Array.from(lists[name]?.[i] ?? [], numberText).join(' ')}]`
    })
    .join(' ')
}

const numberText = (value: number): string => (Number.isNaN(value) ? '-' : String(value === 0 ? 0 : value))
