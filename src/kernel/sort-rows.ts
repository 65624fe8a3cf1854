/** Rows column by column; numbers in `names` columns are positions in those lists. */
export interface SortableRows {
  readonly count: number
  readonly columns: Readonly<Record<string, Float64Array | readonly string[]>>
  readonly lists?: Readonly<Record<string, readonly Float64Array[]>>
  readonly names?: Readonly<Record<string, readonly string[]>>
}

/** How two rows compare in one column, by their positions: below zero when the first belongs before the second. */
type Compare = (i: number, j: number) => number

/** Steps back an insertion may take on average before it is no longer the cheaper way. */
const MOST_STEPS = 16

/**
 * Rows in the order of a table, so that nobody behind has to sort texts. Rows that are equal in all columns keep their
 * order: of two that came, the first stays the first.
 *
 * What a recorder hands over is all but in order: per coin, times mostly rise. So the rows are parted by the first
 * column when that holds positions in a list of names, and then inserted, which costs one look at each.
 *
 * @param order  columns, most important first; a column of numbers that is a text in the table compares as its digits
 * @param texts  names of the columns that are texts in the table
 */
export function sortRows(rows: SortableRows, order: readonly string[], texts: ReadonlySet<string>): SortableRows {
  if (isSorted(rows, order, texts)) return rows
  const compare = comparison(rows, order, texts)
  const at = partedBy(rows, order[0]!)
  let steps = MOST_STEPS * rows.count
  for (let k = 1; k < at.length && steps > 0; k++) {
    const one = at[k]!
    let hole = k
    for (; hole > 0 && compare(at[hole - 1]!, one) > 0; hole--) at[hole] = at[hole - 1]!
    at[hole] = one
    steps -= k - hole
  }
  if (steps <= 0) at.sort((i, j) => compare(i, j) || i - j)
  return pickRows(rows, at)
}

/** Whether rows stand in this order already. */
export function isSorted(rows: SortableRows, order: readonly string[], texts: ReadonlySet<string>): boolean {
  const compare = comparison(rows, order, texts)
  for (let i = 1; i < rows.count; i++) if (!(compare(i - 1, i) <= 0)) return false
  return true
}

/** Whether neighbours have one key: in rows that are sorted by it, whether any two have. */
export function hasTwins({count, columns}: SortableRows, key: readonly string[]): boolean {
  const keys = key.map((name) => columns[name]!)
  for (let i = 1; i < count; i++) if (keys.every((column) => Object.is(column[i], column[i - 1]))) return true
  return false
}

/** Rows at some positions. */
export function pickRows({columns, lists, names}: SortableRows, at: ArrayLike<number>): SortableRows {
  const count = at.length
  const pick = (column: Float64Array | readonly string[]): Float64Array | string[] => {
    if (!(column instanceof Float64Array)) return Array.from(at, (i) => column[i]!)
    const picked = new Float64Array(count)
    for (let k = 0; k < count; k++) picked[k] = column[at[k]!]!
    return picked
  }
  return {
    count,
    columns: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, pick(column)])),
    ...(names && {names}),
    ...(lists && {
      lists: Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, Array.from(at, (i) => list[i]!)])),
    }),
  }
}

/** Positions of the rows, those of one name together, names in order; as they are when the column holds no names. */
function partedBy({count, columns, names = {}}: SortableRows, column: string): Uint32Array {
  const at = new Uint32Array(count)
  const [codes, list] = [columns[column], names[column]]
  if (list === undefined || !(codes instanceof Float64Array)) return at.map((_, i) => i)
  const ranks = ranksOf(list)
  const starts = new Uint32Array(list.length + 1)
  for (let i = 0; i < count; i++) starts[ranks[codes[i]!]! + 1]!++
  for (let rank = 0; rank < list.length; rank++) starts[rank + 1]! += starts[rank]!
  for (let i = 0; i < count; i++) at[starts[ranks[codes[i]!]!]!++] = i
  return at
}

function comparison(rows: SortableRows, order: readonly string[], texts: ReadonlySet<string>): Compare {
  const [first, ...rest] = order.map((name) => columnCompare(rows, name, texts.has(name)))
  const [second, third, ...others] = rest
  if (first === undefined) return () => 0
  if (second === undefined || third === undefined || others.length > 0) {
    return (i, j) => {
      for (const compare of [first, ...rest]) {
        const sign = compare(i, j)
        if (sign !== 0) return sign
      }
      return 0
    }
  }
  return (i, j) => first(i, j) || second(i, j) || third(i, j)
}

function columnCompare({columns, names = {}}: SortableRows, name: string, isText: boolean): Compare {
  const column = columns[name]!
  if (!(column instanceof Float64Array)) return (i, j) => compareTexts(column[i]!, column[j]!)
  const list = names[name]
  if (list !== undefined) {
    const ranks = ranksOf(list)
    return (i, j) => ranks[column[i]!]! - ranks[column[j]!]!
  }
  if (isText) return (i, j) => compareDigits(column[i]!, column[j]!)
  return (i, j) => compareNumbers(column[i]!, column[j]!)
}

/** Code -> place of its name among the names. */
function ranksOf(names: readonly string[]): Uint32Array {
  const ranks = new Uint32Array(names.length)
  for (const [rank, code] of [...names.keys()].sort((a, b) => compareTexts(names[a]!, names[b]!)).entries()) {
    ranks[code] = rank
  }
  return ranks
}

/** By code points, which is how UTF-8 sorts; code units would put the rare letters elsewhere. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const [left, right] = [[...a], [...b]]
  const most = Math.min(left.length, right.length)
  for (let k = 0; k < most; k++) {
    const sign = left[k]!.codePointAt(0)! - right[k]!.codePointAt(0)!
    if (sign !== 0) return sign
  }
  return left.length - right.length
}

/** A missing number comes last, as in SQL. */
function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  return a === b ? 0 : Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/** Whole numbers as the texts of their digits: `10` is before `9`. */
function compareDigits(a: number, b: number): number {
  if (a === b) return 0
  // Ids of one venue mostly have as many digits; then they sort as they count.
  if (a >= 1e14 && b >= 1e14 && a >= 1e15 === b >= 1e15 && a < 1e16 && b < 1e16) return a - b
  return String(a) < String(b) ? -1 : 1
}
