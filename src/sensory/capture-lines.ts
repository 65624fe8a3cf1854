/** One line of a recorded socket: when it came, and the frame. */
export interface CaptureLine {
  /** epoch ms, the recorder's clock */
  readonly receivedAt: number
  readonly text: string
}

const LINE = /^(\d{19}) (\S.*)$/
const EARLIEST = Date.UTC(2009, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)

/**
 * `<local time in ns> <frame>`; a text when it is none. Nanoseconds are cut to ms by their digits: as a float64 they
 * would not be exact.
 */
export function captureLine(line: string): CaptureLine | string {
  const match = LINE.exec(line)
  if (match === null) return 'no local time in nanoseconds and frame behind it'
  const receivedAt = Number(match[1]!.slice(0, -6))
  if (receivedAt < EARLIEST || receivedAt >= LATEST) return 'local time out of range'
  return {receivedAt, text: match[2]!}
}

/** What a frame is, by its start: for the count of what a capture holds. Deep enough for any wrapper's head. */
export function captureKind(text: string): string {
  const head = text.slice(0, 300)
  const channel = /"channel":\s*"(\w+)"/.exec(head)?.[1] ?? /"e":\s*"(\w+)"/.exec(head)?.[1]
  return channel ?? (head.includes('"lastUpdateId"') ? 'depthSnapshot' : 'other')
}

/** Which exchange's capture this looks like, by one frame. */
export const captureShape = (text: string): 'hl-capture' | 'binance-capture' | null =>
  /"channel":/.test(text.slice(0, 300))
    ? 'hl-capture'
    : /"e":|"lastUpdateId"|"stream":/.test(text.slice(0, 300))
      ? 'binance-capture'
      : null
