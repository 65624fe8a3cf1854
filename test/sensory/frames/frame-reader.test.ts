import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {numberOf} from '../../../src/sensory/frames/venue-number.ts'
import {sharedFile} from '../../golden-files.ts'
import {AT, candle, mark, read, rowsOf, session, socket, trade} from './frames.ts'

const MINUTE = 60_000
const captured = sharedFile('payloads/hyperliquid/ws_frames_2026-09-24.json')

describe('a frame of the venue', () => {
  it('becomes rows of its table, numbers as the venue wrote them, available when it came', () => {
    const level = (px: string): object => ({px, sz: '10.25923', n: 36})
    const found = read([
      socket(5, 'trades', [trade(1), trade(2, {side: 'B', px: '84144.5'})]),
      socket(6, 'bbo', {coin: 'BTC', time: AT, bbo: [level('84143.0'), null]}),
      socket(7, 'l2Book', {coin: 'BTC', time: AT, levels: [[level('3.0'), level('2.0')], []], fast: true}),
      socket(8, 'activeAssetCtx', {
        coin: 'BTC',
        ctx: {
          funding: '0.0000018952',
          openInterest: '36585.31848',
          prevDayPx: '86627.0',
          dayNtlVlm: '1.5',
          premium: null,
          oraclePx: '84198.0',
          markPx: '84148.0',
          midPx: null,
          impactPxs: null,
        },
      }),
    ])
    expect(rowsOf(found, 'trades')).toEqual([
      {coin: 'BTC', tid: 1, aggressor: 'sell', ts: AT + 1, px: 84143, sz: 0.00036, available_at: AT + 5},
      {coin: 'BTC', tid: 2, aggressor: 'buy', ts: AT + 2, px: 84144.5, sz: 0.00036, available_at: AT + 5},
    ])
    expect(rowsOf(found, 'bbo')).toMatchObject([{bid_px: 84143, bid_sz: 10.25923, bid_n: 36, ask_px: Number.NaN}])
    expect(rowsOf(found, 'book')).toMatchObject([{feed: 'fast', bid_px: [3, 2], bid_n: [36, 36], ask_px: []}])
    expect(rowsOf(found, 'book')[0]!['digest']).toMatch(/^[0-9a-f]{16}$/)
    expect(rowsOf(found, 'asset_ctx')).toMatchObject([{ts: AT + 8, funding: 0.0000018952, premium: Number.NaN}])
    expect(found.rejects).toEqual([])
  })

  it.skipIf(!captured)('as captured on mainnet is read or passed over, none refused', () => {
    const {server_to_client: frames} = JSON.parse(readFileSync(captured!, 'utf8')) as {
      server_to_client: object[]
    }
    const found = read(frames.map((frame, i) => ({at: i, text: JSON.stringify(frame)})))
    expect(found.rejects).toEqual([])
    expect(found.batches.map(({table, rows}) => [table, rows.count])).toEqual([
      ['trades', 1],
      ['bbo', 1],
      ['book', 4],
      ['asset_ctx', 1],
    ])
  })

  it('that holds no market data is refused with a reason, and the rows beside it are kept', () => {
    const whole = socket(0, 'trades', [trade(1)]).text
    const bad = [
      {at: 0, text: whole.slice(0, -9)},
      {at: 0, text: ''},
      {at: 0, text: 'null'},
      {at: 0, text: '[]'},
      {at: 0, text: '{"data":1}'},
      socket(0, 'surprise', {}),
      socket(0, 'trades', {}),
      ...[
        {side: 'X'},
        {px: 84143},
        {px: '-1'},
        {px: '0x1f'},
        {px: '1e400'},
        {px: ' 1'},
        {sz: '0'},
        {tid: 1.5},
        {time: '1'},
        {coin: ''},
      ].map((rest) => socket(0, 'trades', [trade(1, rest)])),
      socket(0, 'bbo', {coin: 'BTC', time: AT, bbo: [null]}),
      socket(0, 'bbo', {coin: 'BTC', time: AT, bbo: [{px: '1', sz: '1', n: -1}, null]}),
      socket(0, 'l2Book', {coin: 'BTC', time: AT, levels: [[{px: '1'}], []]}),
      socket(0, 'l2Book', null),
      socket(0, 'activeAssetCtx', {coin: 'BTC', ctx: {markPx: 'x'}}),
      socket(0, 'candle', candle(1)),
      socket(0, 'candle', candle(0, {T: AT})),
      socket(0, 'candle', candle(0, {i: '7m'})),
      mark(0, {mark: 'unheard-of'}),
      {at: 0, kind: 'http' as const, text: '{}'},
    ]
    const found = read(bad)
    expect(found.batches).toEqual([])
    expect(found.rejects.map(({seq}) => seq)).toEqual(bad.map((_, i) => i + 1))
    const mixed = read([socket(0, 'trades', [trade(1), trade(2, {px: null}), trade(3)])])
    expect(rowsOf(mixed, 'trades').map(({tid}) => tid)).toEqual([1, 3])
    expect(mixed.rejects).toHaveLength(1)
  })

  it('never makes the reader throw, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.json(),
            fc.json().map((data) => `{"channel":"trades","data":[${data}]}`),
            fc.json().map((data) => `{"channel":"l2Book","data":${data}}`),
            fc.json().map((data) => `{"channel":"candle","data":${data}}`),
          ),
          {maxLength: 5},
        ),
        (texts) => {
          read(texts.map((text, i) => ({at: i, text})))
        },
      ),
    )
  })
})

describe('a number', () => {
  it('stored as a double has, as its shortest decimal, the text of the venue without trailing zeros', () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,7})(\.\d{1,8})?$/)
    fc.assert(
      fc.property(digits, (text) => {
        fc.pre(text.replace(/[^\d]/g, '').replace(/^0+/, '').length <= 15)
        const plain = text.includes('.') ? text.replace(/\.?0+$/, '') : text
        const value = numberOf(text)
        const shortest = value !== 0 && value < 1e-6 ? value.toFixed(8).replace(/0+$/, '') : String(value)
        expect(shortest).toBe(plain)
      }),
    )
  })
})

describe('a bar of a socket', () => {
  const told = (at: number, t: number, rest: object = {}) => socket(at, 'candle', candle(t, rest))

  it('is kept once the next one began and the grace has passed, as last told', () => {
    const frames = [told(0, 0, {c: '1.5'}), told(59_000, 0), told(60_100, MINUTE, {n: 1})]
    expect(rowsOf(read([...frames, told(65_000, MINUTE)]), 'candles')).toEqual([])
    const late = [...frames, told(62_000, 0, {c: '2.5'}), told(65_100, MINUTE)]
    expect(rowsOf(read(late), 'candles')).toMatchObject([{ts: AT, close: 2.5, trades: 4, available_at: AT + 62_000}])
  })

  it('that is edited later comes again, in a batch of its own', () => {
    const found = read([told(0, 0), told(60_100, MINUTE), told(66_000, MINUTE), told(70_000, 0, {v: '9.0'})])
    expect(rowsOf(found, 'candles').map(({ts, volume, available_at}) => [ts, volume, available_at])).toEqual([
      [AT, 7, AT + 60_000],
      [AT, 9, AT + 70_000],
    ])
    expect(found.batches).toHaveLength(2)
  })

  it('whose last word may be lost is a hole and not a row', () => {
    const stream = 'candles:BTC:1m'
    const lost = mark(59_000, {mark: 'lost', streams: [stream], from: AT + 58_000, cause: 'reconnect'})
    const back = mark(61_000, {mark: 'back', streams: [stream], at: AT + 61_000, healed: false})
    const found = read([session(0, [stream]), told(1, 0), lost, told(61_000, MINUTE), back, told(70_000, MINUTE)])
    expect(rowsOf(found, 'candles')).toEqual([])
    expect(found.gaps).toContainEqual(
      expect.objectContaining({coin: 'BTC', interval: '1m', from: AT, to: AT + MINUTE, state: 'OPEN'}),
    )
    const same = read([
      session(0, [stream]),
      told(1, 0),
      lost,
      told(59_500, 0),
      told(60_500, MINUTE),
      told(66_000, MINUTE),
    ])
    expect(rowsOf(same, 'candles')).toHaveLength(1)
  })
})

describe('holes', () => {
  const streams = ['trades:BTC', 'bbo:BTC', 'candles:BTC:1m']
  const quote = (at: number) => socket(at, 'bbo', {coin: 'BTC', time: AT + at, bbo: [null, null]})
  const prints = (at: number, ...tids: number[]) =>
    socket(
      at,
      'trades',
      tids.map((tid) => trade(tid)),
    )
  const brief = (gaps: ReturnType<typeof read>['gaps']) =>
    gaps.map(({table, from, to, state}) => [table, from - AT, to - AT, state])

  it('that the recorder declares are UNRECOVERABLE for what REST cannot bring again, and OPEN while they last', () => {
    const before = [
      session(0, streams),
      prints(100, 90),
      quote(110),
      mark(200, {mark: 'lost', streams: 'all', from: AT + 110, cause: 'reset'}),
    ]
    const open = read(before)
    expect(brief(open.gaps)).toEqual([
      ['trades', 90, 200, 'OPEN'],
      ['bbo', 110, 200, 'OPEN'],
      ['candles', 0, 60_000, 'OPEN'],
    ])
    const closed = read(
      [
        mark(300, {mark: 'back', streams: ['trades:BTC'], at: AT + 300, healed: true}),
        mark(310, {mark: 'back', streams: ['bbo:BTC'], at: AT + 310, healed: false}),
        mark(320, {mark: 'back', streams: ['candles:BTC:1m'], at: AT + 320, healed: false}),
      ],
      open.state,
    )
    expect(brief(closed.gaps)).toEqual([
      ['trades', 90, 300, 'BACKFILLED'],
      ['bbo', 110, 310, 'UNRECOVERABLE'],
      ['candles', 0, 60_000, 'OPEN'],
    ])
  })

  it('of a session without an end last from its last frame to the first row behind it', () => {
    const killed = read([session(0, streams), prints(100, 90), quote(110)])
    expect(killed.gaps).toEqual([])
    const {gaps} = read([session(5000, streams, 's2'), quote(5010), prints(5020, 4000)], killed.state)
    expect(brief(gaps)).toEqual([
      ['bbo', 110, 5010, 'UNRECOVERABLE'],
      ['trades', 90, 5020, 'UNRECOVERABLE'],
      ['candles', 0, 60_000, 'OPEN'],
    ])
  })

  it('begin at the last row, not at the pong of a venue whose feeds had stopped 8 s before the kill', () => {
    const pong = (at: number) => ({at, text: '{"channel":"pong"}'})
    const said = [session(0, streams), prints(1000, 990), quote(1010), pong(6000), pong(9000)]
    const {gaps} = read([session(20_000, streams, 's2'), quote(20_010), prints(20_020, 19_000)], read(said).state)
    expect(brief(gaps).filter(([table]) => table !== 'candles')).toEqual([
      ['bbo', 1010, 20_010, 'UNRECOVERABLE'],
      ['trades', 990, 20_020, 'UNRECOVERABLE'],
    ])
  })

  it('that are open when recording ends last to its end', () => {
    const lost = mark(1500, {mark: 'lost', streams: ['bbo:BTC'], from: AT + 100, cause: 'stopped in a silence'})
    const ended = [session(0, ['bbo:BTC']), quote(100), lost, mark(1600, {mark: 'end', reason: 'asked'})]
    expect(brief(read(ended).gaps)).toEqual([['bbo', 100, 1600, 'OPEN']])
  })

  it('begin as long before a silence as rows were on their way', () => {
    const late = (at: number, lag: number) => prints(at, at - lag)
    const slow = [session(0, streams), late(20_000, 10_000), quote(20_001), late(21_000, 9000)]
    const lost = mark(30_000, {mark: 'lost', streams: ['trades:BTC'], from: AT + 21_000, cause: 'socket silent'})
    const back = mark(40_000, {mark: 'back', streams: ['trades:BTC'], at: AT + 40_000, healed: false})
    expect(brief(read([...slow, lost, back]).gaps)).toEqual([['trades', 12_000, 40_000, 'UNRECOVERABLE']])
    // A minute later the way is short again.
    const prompt = [late(99_000, 10), late(140_000, 10)]
    const again = mark(150_000, {mark: 'lost', streams: ['trades:BTC'], from: AT + 146_000, cause: 'socket silent'})
    const there = mark(160_000, {mark: 'back', streams: ['trades:BTC'], at: AT + 160_000, healed: false})
    expect(brief(read([...slow, ...prompt, again, there]).gaps)).toEqual([
      ['trades', 140_990, 160_000, 'UNRECOVERABLE'],
    ])
  })

  it('do not come from a session that says again which streams it records', () => {
    const grown = [...streams, 'bbo:ETH']
    const told = [session(0, streams), quote(100), prints(110, 90), session(120, grown), quote(130), prints(140, 135)]
    expect(read(told).gaps).toEqual([])
    const first = read(told.slice(0, 3))
    expect(read(told.slice(3), first.state).gaps).toEqual([])
  })

  it('are healed when the replay of a new session reaches back before the last print', () => {
    const killed = read([session(0, ['trades:BTC']), prints(100, 80, 90)])
    const {gaps} = read([session(5000, ['trades:BTC'], 's2'), prints(5010, 80, 90, 3000)], killed.state)
    expect(brief(gaps)).toEqual([['trades', 90, 5010, 'BACKFILLED']])
  })

  it('lie between two sessions that ended as they should, too', () => {
    const ended = read([session(0, ['bbo:BTC']), quote(100), mark(110, {mark: 'end', reason: 'asked'})])
    const {gaps} = read([session(9000, ['bbo:BTC'], 's2'), quote(9001)], ended.state)
    expect(ended.gaps).toEqual([])
    expect(brief(gaps)).toEqual([['bbo', 100, 9001, 'UNRECOVERABLE']])
  })

  it('come from an overflow and from damaged frames as well', () => {
    const overflow = mark(300, {
      mark: 'overflow',
      streams: ['bbo:BTC'],
      from: AT + 200,
      to: AT + 300,
      frames: 5,
      bytes: 9,
    })
    const damaged = mark(400, {mark: 'damaged', from: AT + 350, to: AT + 400, frames: 2, bytes: 9})
    expect(brief(read([session(0, ['bbo:BTC']), quote(1), overflow, damaged]).gaps)).toEqual([
      ['bbo', 200, 300, 'UNRECOVERABLE'],
      ['bbo', 350, 400, 'UNRECOVERABLE'],
    ])
  })
})

describe('reading in pieces', () => {
  it('gives the same rows as reading at once, wherever it is cut', () => {
    const stream = 'candles:BTC:1m'
    const said = [
      session(0, [stream, 'trades:BTC']),
      ...Array.from({length: 40}, (_, k) => [
        socket(k * 9000, 'trades', [trade(k * 9000)]),
        socket(k * 9000 + 5, 'candle', candle(Math.floor((k * 9000) / MINUTE) * MINUTE, {n: k})),
        ...(k === 20 ? [mark(k * 9000 + 6, {mark: 'lost', streams: 'all', from: AT + k * 9000, cause: 'x'})] : []),
        ...(k === 30 ? [mark(k * 9000 + 6, {mark: 'back', streams: 'all', at: AT + k * 9000, healed: false})] : []),
      ]).flat(),
    ]
    const whole = read(said)
    fc.assert(
      fc.property(fc.nat(said.length), (cut) => {
        const one = read(said.slice(0, cut))
        const carried = JSON.parse(JSON.stringify(one.state)) as typeof one.state
        const two = read(said.slice(cut), carried, cut + 1)
        for (const table of ['trades', 'candles']) {
          expect([...rowsOf(one, table), ...rowsOf(two, table)]).toEqual(rowsOf(whole, table))
        }
        expect(two.state).toEqual(whole.state)
      }),
    )
  })
})

describe('the short way to read prints', () => {
  const decimal = fc.stringMatching(/^\d{1,9}(\.\d{1,9})?$/)
  const print = fc.record({
    ...{
      coin: fc.constantFrom('BTC', 'kPEPE', 'xyz:SP500', 'é', 'A"B'),
      side: fc.constantFrom('A', 'B'),
      px: decimal,
      sz: decimal,
    },
    ...{
      time: fc.nat(2 ** 31),
      hash: fc.string(),
      tid: fc.maxSafeNat(),
      users: fc.tuple(fc.string(), fc.string()),
    },
  })

  it('gives what the long way gives, whatever byte of the frame is changed', () => {
    fc.assert(
      fc.property(fc.array(print, {maxLength: 4}), fc.nat(), fc.nat(127), fc.boolean(), (data, at, byte, change) => {
        const bytes = Buffer.from(JSON.stringify({channel: 'trades', data}))
        if (change) bytes[at % bytes.length] = byte
        const text = bytes.toString()
        // A blank in front is JSON as well, and not what the venue writes.
        const [short, long] = [read([{at: 0, text}]), read([{at: 0, text: ` ${text}`}])]
        expect(rowsOf(short, 'trades')).toEqual(rowsOf(long, 'trades'))
        expect(short.rejects.length).toBe(long.rejects.length)
        expect(short.state).toEqual(long.state)
      }),
      {numRuns: 2000},
    )
  })
})
