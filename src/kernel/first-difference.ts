/**
 * Where two JSON values part first, in the order of the first one's keys: `stages[5].checks[0].value: 3.1 → 3.2`.
 *
 * @returns null when they are equal
 */
export function firstDifference(a: unknown, b: unknown, at = ''): string | null {
  if (Object.is(a, b)) return null
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b))
    return `${at === '' ? 'the whole' : at}: ${shown(a)} → ${shown(b)}`
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const place = Array.isArray(a) ? `${at}[${key}]` : `${at}${at === '' ? '' : '.'}${key}`
    const found = firstDifference(a[key], b[key], place)
    if (found !== null) return found
  }
  return null
}

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
