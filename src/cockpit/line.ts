/** How a piece of text is meant. Never by colour alone: the words say it too. */
export type Tone = 'plain' | 'quiet' | 'strong' | 'good' | 'warning' | 'alarm'

export interface Span {
  readonly text: string
  readonly tone: Tone
}

export type Line = readonly Span[]

/** Columns of a frame and of the section names at its left. */
export const WIDTH = 80
export const MARGIN = 11

export const span = (text: string, tone: Tone = 'plain'): Span => ({text, tone})

/** Cut to `columns`, with an ellipsis when something is lost; control characters never reach a terminal. */
export function clip(text: string, columns: number): string {
  const printable = Array.from(text.replace(/\p{C}/gu, ' '))
  if (printable.length <= columns) return printable.join('')
  return columns < 1 ? '' : `${printable.slice(0, columns - 1).join('')}…`
}

/** Exactly `columns` wide. */
export const cell = (text: string, columns: number, side: 'left' | 'right' = 'left'): string => {
  const cut = clip(text, columns)
  const gap = ' '.repeat(columns - Array.from(cut).length)
  return side === 'left' ? cut + gap : gap + cut
}

/** A bar of `columns` cells, filled to `share`; above 1 it is full. A share that is not a number leaves it empty. */
export function bar(share: number, columns: number): string {
  const filled = Number.isNaN(share) ? 0 : Math.round(Math.min(1, Math.max(0, share)) * columns)
  return '█'.repeat(filled) + '░'.repeat(columns - filled)
}

/** Spans cut to `columns` in all. */
export function within(line: Line, columns: number): Line {
  let left = columns
  const kept: Span[] = []
  for (const {text, tone} of line) {
    const cut = clip(text, left)
    if (cut !== '') kept.push({text: cut, tone})
    left -= Array.from(cut).length
    if (left <= 0) break
  }
  return kept
}

/** A length of time in its largest whole unit: `45 s`, `12 min`, `7 h`, `3 d`; the future is `in …`. */
export function ago(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000)
  const [amount, unit] =
    seconds < 90
      ? [seconds, 's']
      : seconds < 5400
        ? [Math.round(seconds / 60), 'min']
        : seconds < 172_800
          ? [Math.round(seconds / 3600), 'h']
          : [Math.round(seconds / 86_400), 'd']
  return ms < 0 ? `in ${amount} ${unit}` : `${amount} ${unit}`
}
