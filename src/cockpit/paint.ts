import type {Line, Tone} from './line.ts'

/** Blue, yellow and reverse video: apart for every kind of colour vision, and readable in black and white. */
const CODES: Record<Tone, string> = {
  plain: '',
  quiet: '\u001b[2m',
  strong: '\u001b[1m',
  good: '\u001b[34m',
  warning: '\u001b[1;33m',
  alarm: '\u001b[1;7m',
}
const RESET = '\u001b[0m'

/** Lines -> the text of a terminal, with or without colour; no trailing blanks. */
export const paint = (lines: readonly Line[], colour: boolean): string =>
  lines
    .map((line) => {
      const plain = line.map(({text}) => text).join('')
      if (!colour) return plain.trimEnd()
      return line.map(({text, tone}) => (CODES[tone] === '' ? text : `${CODES[tone]}${text}${RESET}`)).join('')
    })
    .join('\n')
