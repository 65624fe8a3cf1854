/**
 * Physical line on which each record starts, 1-based: for a CSV behind its header, for JSON lines each line that is not
 * blank. A JSON array on one line has elements instead of lines: then the answer is empty.
 *
 * Needed only to name a rejected row, so it runs when there is one.
 */
export function recordLines(text: string, format: 'csv' | 'json', hasHeader = true): number[] {
  if (format === 'json' && text.trimStart().startsWith('[')) return []
  const starts: number[] = []
  let line = 1
  let start = 1
  let quoted = false
  let blank = true
  for (const character of text) {
    if (character === '"' && format === 'csv') quoted = !quoted
    if (character === '\n') {
      if (!quoted) {
        if (!blank) starts.push(start)
        start = line + 1
        blank = true
      }
      line++
    } else if (character !== '\r' && character !== ' ') {
      blank = false
    }
  }
  if (!blank) starts.push(start)
  return format === 'csv' && hasHeader ? starts.slice(1) : starts
}
