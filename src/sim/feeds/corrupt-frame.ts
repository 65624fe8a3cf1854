import type {Frame} from './frame.ts'

type Level = {readonly px: string; readonly sz: string; readonly n: number}
interface Book {
  readonly levels: readonly [readonly Level[], readonly Level[]]
}
interface Bbo {
  readonly bbo: readonly [Level | null, Level | null]
}

type BookFault = 'book.stale' | 'book.crossed' | 'book.empty' | 'book.oneside'
type JsonFault = 'json.malformed' | 'json.truncated' | 'json.type' | 'json.channel' | 'json.enum'

/**
 * A book or a best bid and offer as a venue in trouble sends it.
 *
 * @param memory  levels that a stale book keeps repeating, by stream
 * @returns the text; null when the frame is not sent at all
 */
export function withBookFault(id: BookFault, frame: Frame, memory: Map<string, unknown>): string | null {
  const {channel} = frame
  const text = (data: object): string => JSON.stringify({channel, data: {...(frame.data as object), ...data}})
  if (channel === 'bbo') {
    const [bid, ask] = (frame.data as Bbo).bbo
    if (id === 'book.stale') return null
    if (id === 'book.empty') return text({bbo: [null, null]})
    if (id === 'book.oneside') return text({bbo: [bid, null]})
    return text({bbo: [bid && ask && {...bid, px: ask.px}, bid && ask && {...ask, px: bid.px}]})
  }
  const {levels} = frame.data as Book
  if (id === 'book.stale') {
    if (!memory.has(frame.stream!)) memory.set(frame.stream!, levels)
    return text({levels: memory.get(frame.stream!)})
  }
  if (id === 'book.empty') return text({levels: [[], []]})
  if (id === 'book.oneside') return text({levels: [levels[0], []]})
  return text({levels: [priced(levels[0], levels[1]), priced(levels[1], levels[0])]})
}

/** Sizes of one side at the prices of the other: every bid is above every ask. */
const priced = (side: readonly Level[], other: readonly Level[]): Level[] =>
  side.slice(0, other.length).map((level, i) => ({...level, px: other[i]!.px}))

/** The same frame, broken in one of five ways. */
export function corrupted(id: JsonFault, text: string): string {
  switch (id) {
    case 'json.malformed':
      return text.replace('"data":', '"data";')
    case 'json.truncated':
      return text.slice(0, Math.ceil(text.length / 2))
    case 'json.type':
      return text.replaceAll(/:"(-?\d+(?:\.\d+)?)"/g, ':$1')
    case 'json.channel':
      return text.replace(/"channel":"(\w+)"/, '"channel":"$1Beta"')
    case 'json.enum':
      return text.replaceAll(/"side":"[AB]"/g, '"side":"X"').replaceAll(/"i":"\w+"/g, '"i":"7m"')
    default:
      return id satisfies never
  }
}
