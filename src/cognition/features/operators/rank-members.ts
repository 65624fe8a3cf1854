/** Members whose ranks are found in room that is laid out once: fixed addresses halve the time. */
const ROOM = 1024
/** Up to here every pair is compared: counting has no branch to guess. */
export const FEW = 24
/** Insertion may move this many values a member before the order is looked up instead. */
const PATIENCE = 8
/** The same for an order that is only tried, of more than a few. */
const TRIED = 3

const KEY = new Float64Array(ROOM + 1)
const SLOT = new Int32Array(ROOM)
const STEP = new Int32Array(ROOM)
const PLACE = new Int32Array(2 * ROOM + 1)

/**
 * Average rank 1 … n of each of the first n values, all finite; ties share theirs.
 *
 * Values are first dealt into twice as many equal steps between the smallest and the largest as there are members, which
 * leaves little to do for insertion. Where an outlier has pressed the others into one step, or members are very many,
 * they are sorted and looked up. The result is the same; only the time differs.
 *
 * @see Knuth TAOCP 3, 5.2.1 (address calculation sort)
 */
export function rankMembers(value: Float64Array, n: number, out: Float64Array): void {
  if (n <= FEW) {
    countPairs(value, n, out)
    return
  }
  if (n > ROOM || !sortMembers(value, n)) {
    lookUp(value, n, out)
    return
  }
  for (let i = 0; i < n; ) {
    const v = KEY[i]!
    let j = i + 1
    while (j < n && KEY[j] === v) j++
    const rank = (i + j + 1) / 2
    for (; i < j; i++) out[SLOT[i]!] = rank
  }
}

/**
 * The same as shares of n, begun from an order in which the values may nearly be: the members of a bar change places
 * little from one variant of a rule to the next. The order found is left behind for whoever comes next; it saves time and
 * never decides a rank.
 *
 * @param value   at [from, from + n)
 * @param order   at [at, at + n): each of 0 … n − 1 once, in any order
 * @param shares  r / 2n at r, up to 2n: division takes longer than looking up
 * @param out     written at [to, to + n), which may be where the values are
 * @returns       false, and nothing in `out`, where a value is not finite or insertion has too much to do
 */
export function rankSharesFrom(
  value: Float64Array,
  from: number,
  n: number,
  order: Uint16Array,
  at: number,
  shares: Float64Array,
  out: Float64Array,
  to: number,
): boolean {
  if (n > ROOM) return false
  let left = (n <= FEW ? PATIENCE : TRIED) * n
  let last = Number.NEGATIVE_INFINITY
  for (let i = 0; i < n; i++) {
    const s = order[at + i]!
    const v = value[from + s]!
    if (last < v) {
      KEY[i] = v
      SLOT[i] = s
      last = v
      continue
    }
    if (v - v !== 0) return false
    left -= moved(i, v, s)
    last = KEY[i]!
    if (left < 0) return false
  }
  if (last === Number.POSITIVE_INFINITY) return false
  KEY[n] = Number.NaN
  for (let i = 0; i < n; i++) {
    const v = KEY[i]!
    let j = i + 1
    while (KEY[j] === v) j++
    const share = shares[i + j + 1]!
    for (; i < j; i++) {
      const s = SLOT[i]!
      order[at + i] = s
      out[to + s] = share
    }
    i--
  }
  return true
}

/** Puts a value among the first i, which are in order. @returns how many had to move */
function moved(i: number, v: number, slot: number): number {
  let k = i
  while (k > 0 && KEY[k - 1]! > v) {
    KEY[k] = KEY[k - 1]!
    SLOT[k] = SLOT[k - 1]!
    k--
  }
  KEY[k] = v
  SLOT[k] = slot
  return i - k
}

function countPairs(value: Float64Array, n: number, out: Float64Array): void {
  for (let k = 0; k < n; k++) {
    const v = value[k]!
    let [below, upTo] = [0, 0]
    for (let j = 0; j < n; j++) {
      const w = value[j]!
      below += Number(w < v)
      upTo += Number(w <= v)
    }
    out[k] = (below + upTo + 1) / 2
  }
}

/** False when insertion has too much to do. */
function sortMembers(value: Float64Array, n: number): boolean {
  deal(value, n)
  let left = PATIENCE * n
  for (let i = 1; i < n; i++) {
    const v = KEY[i]!
    if (KEY[i - 1]! <= v) continue
    const s = SLOT[i]!
    left -= moved(i, v, s)
    if (left < 0) return false
  }
  return true
}

/** Nearly in order. A step too large for an integer becomes a small one: less order, which insertion puts right. */
function deal(value: Float64Array, n: number): void {
  let least = value[0]!
  let most = least
  for (let k = 1; k < n; k++) {
    const v = value[k]!
    if (v < least) least = v
    else if (v > most) most = v
  }
  const scale = (2 * n - 1) / (most - least)
  for (let b = 0; b <= 2 * n; b++) PLACE[b] = 0
  for (let k = 0; k < n; k++) {
    const b = ((value[k]! - least) * scale) | 0
    STEP[k] = b
    PLACE[b] = PLACE[b]! + 1
  }
  for (let b = 0, sum = 0; b < 2 * n; b++) {
    const count = PLACE[b]!
    PLACE[b] = sum
    sum += count
  }
  for (let k = 0; k < n; k++) {
    const b = STEP[k]!
    const p = PLACE[b]!
    PLACE[b] = p + 1
    KEY[p] = value[k]!
    SLOT[p] = k
  }
}

function lookUp(value: Float64Array, n: number, out: Float64Array): void {
  const sorted = value.slice(0, n).sort()
  for (let k = 0; k < n; k++) {
    const v = value[k]!
    let [low, high] = [0, n]
    while (low < high) {
      const mid = (low + high) >>> 1
      if (sorted[mid]! < v) low = mid + 1
      else high = mid
    }
    let [first, last] = [low, n]
    while (first < last) {
      const mid = (first + last) >>> 1
      if (sorted[mid]! <= v) first = mid + 1
      else last = mid
    }
    out[k] = (low + 1 + first) / 2
  }
}
