import {FrameReader, type FrameReaderState, type FrameRows} from '../../../src/sensory/frames/frame-reader.ts'

/** Receive time of the first frame of every test. */
export const AT = Date.UTC(2026, 8, 24, 12)

export interface Said {
  /** receive time, ms behind `AT` */
  readonly at: number
  readonly kind?: 'socket' | 'http' | 'mark'
  readonly text: string
}

export const socket = (at: number, channel: string, data: unknown): Said => ({
  at,
  text: JSON.stringify({channel, data}),
})
export const mark = (at: number, body: object): Said => ({at, kind: 'mark', text: JSON.stringify(body)})
export const session = (at: number, streams: string[], id = 's1'): Said =>
  mark(at, {mark: 'session', id, venue: 'sim', url: 'ws://x', streams, qo_version: '1', pid: 1, boot_id: 'b'})

export const trade = (tid: number, rest: object = {}): object => ({
  ...{coin: 'BTC', side: 'A', px: '84143.0', sz: '0.00036', time: AT + tid, hash: '0x1', tid, users: ['0x2', '0x3']},
  ...rest,
})
export const candle = (t: number, rest: object = {}): object => ({
  ...{t: AT + t, T: AT + t + 59_999, s: 'BTC', i: '1m', o: '1.0', c: '2.0', h: '3.0', l: '0.5', v: '7.0', n: 4},
  ...rest,
})

export function read(
  said: readonly Said[],
  state: FrameReaderState | null = null,
  first = 1,
): FrameRows & {state: FrameReaderState} {
  const reader = new FrameReader(state)
  for (const [i, {at, kind = 'socket', text}] of said.entries())
    reader.take({seq: first + i, receivedAt: AT + at, kind, bytes: Buffer.from(text)})
  const state_ = reader.state()
  return {...reader.drain(), state: state_}
}

/** Rows of one table as objects. */
export function rowsOf({batches}: FrameRows, table: string): Record<string, unknown>[] {
  return batches
    .filter((batch) => batch.table === table)
    .flatMap(({rows: {count, columns, lists = {}, names = {}}}) =>
      Array.from({length: count}, (_, i) => ({
        ...Object.fromEntries(
          Object.entries(columns).map(([name, column]) => [name, names[name]?.[column[i] as number] ?? column[i]]),
        ),
        ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, Array.from(list[i]!)])),
      })),
    )
}
