import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {VirtualVenue, WALL} from './virtual-venue.ts'

const KEYS = ['asset_ctx:BTC', 'bbo:BTC', 'book:BTC', 'candles:BTC:1m', 'trades:BTC']

describe('a healthy socket', () => {
  it('is subscribed to every stream once, and nothing is called stale in ten minutes', () => {
    const venue = new VirtualVenue(['BTC', 'ETH']).run(600_000)
    expect([...venue.subscribed.values()].every((times) => times === 1)).toBe(true)
    expect(venue.subscribed.size).toBe(10)
    expect([venue.of('lost'), venue.of('acted'), venue.connects.length]).toEqual([[], [], 1])
  })

  it('lets a quiet coin be silent', () => {
    const venue = new VirtualVenue(['BTC', 'ETH'])
    venue.does.quiet.add('ETH')
    expect(venue.run(600_000).of('acted')).toEqual([])
  })

  it('pings every 20 s, so that the venue has something to answer', () => {
    const venue = new VirtualVenue(['BTC'], ['trades'])
    venue.does.quiet.add('BTC')
    const pings = venue
      .run(120_000)
      .of('send')
      .filter(({text}) => text.includes('ping'))
    expect(pings.length).toBeGreaterThanOrEqual(5)
    expect(venue.connects.length).toBe(1)
  })

  it('accepts a subscription that is served without an acknowledgement, and does not send it again', () => {
    const venue = new VirtualVenue(['BTC'])
    for (const key of KEYS) venue.does.unacked.add(key)
    venue.run(60_000)
    expect([...venue.subscribed.values()]).toEqual([1, 1, 1, 1, 1])
    expect(venue.of('acted')).toEqual([])
  })

  it('sends a subscription again whose answer is lost and whose coin is quiet', () => {
    const venue = new VirtualVenue(['BTC'], ['bbo', 'activeAssetCtx'])
    venue.does.quiet.add('BTC')
    venue.does.unacked.add('bbo:BTC')
    venue.run(15_000)
    expect(venue.subscribed.get('bbo:BTC')).toBe(2)
  })
})

describe('a socket that dies', () => {
  it('is replaced, every stream is subscribed once again, and every hole is declared and closed', () => {
    const venue = new VirtualVenue(['BTC']).run(30_000)
    venue.cut()
    const [lost] = venue.of('lost')
    expect([...lost!.streams].sort()).toEqual(KEYS)
    expect(lost!.from).toBeGreaterThan(WALL + 29_000)
    venue.run(10_000)
    expect([...venue.subscribed.values()]).toEqual([1, 1, 1, 1, 1])
    const back = Object.fromEntries(venue.of('back').map(({stream, healed}) => [stream.key, healed]))
    expect(back).toEqual({
      'asset_ctx:BTC': false,
      'bbo:BTC': false,
      'book:BTC': false,
      'candles:BTC:1m': true,
      'trades:BTC': true,
    })
  })

  it('leaves trades unproven when the replay does not reach back, until REST says so', () => {
    const venue = new VirtualVenue(['BTC']).run(30_000)
    venue.does.replay = 2
    venue.does.refuses = true
    venue.cut()
    venue.run(5000)
    venue.does.refuses = false
    venue.run(30_000)
    expect(venue.of('back').some(({stream}) => stream.key === 'trades:BTC')).toBe(false)
    expect(venue.answer(true)).toContain('trades:BTC')
    expect(venue.of('back').find(({stream}) => stream.key === 'trades:BTC')).toMatchObject({healed: true})
  })

  it('asks REST for a bar that closed inside the hole, and not for one that is still the same', () => {
    const venue = new VirtualVenue(['BTC']).run(30_000)
    const toNext = 60_000 - ((WALL + venue.at) % 60_000)
    venue.run(toNext - 2000)
    venue.does.refuses = true
    venue.cut()
    venue.run(6000)
    venue.does.refuses = false
    venue.run(30_000)
    expect(venue.answer(true)).toContain('candles:BTC:1m')
  })

  it('that is half open is ended 5 to 6 s after its last byte', () => {
    const venue = new VirtualVenue(['BTC']).run(30_000)
    venue.does.dead = true
    const from = venue.at
    venue.run(6000)
    const [ended] = venue.of('terminate')
    expect(ended!.at - from).toBeGreaterThan(4500)
    expect(ended!.at - from).toBeLessThanOrEqual(6000)
    expect(venue.of('lost')[0]!.streams.length).toBe(5)
  })

  it('that answers pings and says nothing else is ended too, and its holes begin at its last rows, not at the pong', () => {
    // The pings of minute one come at 20 and 40 s: a pong lies within the five seconds that follow.
    const venue = new VirtualVenue(['BTC']).run(37_500)
    for (const key of KEYS) venue.does.mute.add(key)
    const [from, wall] = [venue.at, WALL + venue.at]
    venue.run(6000)
    const [ended] = venue.of('terminate')
    expect(ended!.at - from).toBeLessThanOrEqual(6000)
    const lost = venue.of('lost')
    expect(lost.flatMap(({streams}) => streams).sort()).toEqual(KEYS)
    for (const hole of lost) expect(hole.from).toBeLessThanOrEqual(wall + 100)
  })

  it('that has been silent for 3 s when recording stops leaves a hole from its last rows on, in every stream', () => {
    const venue = new VirtualVenue(['BTC']).run(37_500)
    for (const key of KEYS) venue.does.mute.add(key)
    const wall = WALL + venue.at
    venue.run(3000)
    const [hole] = venue.watch.finish(venue.now()).filter(({do: it}) => it === 'lost')
    expect(hole).toMatchObject({do: 'lost', cause: 'stopped in a silence'})
    expect([...(hole as {streams: readonly string[]}).streams].sort()).toEqual(KEYS)
    expect((hole as {from: number}).from).toBeLessThanOrEqual(wall + 100)
    expect(new VirtualVenue(['BTC']).run(37_500).watch.finish({mono: 37_500, wall: WALL + 37_500})).toEqual([])
  })

  it('without steady streams dies of a ping that nobody answers', () => {
    const venue = new VirtualVenue(['BTC'], ['trades']).run(10_000)
    venue.does.dead = true
    venue.run(27_000)
    expect(venue.of('terminate').length).toBe(1)
  })
})

describe('a stream that falls silent while the others flow', () => {
  it.each(['book:BTC', 'asset_ctx:BTC', 'bbo:BTC', 'trades:BTC', 'candles:BTC:1m'])(
    '%s is acted on within 6 s',
    (key) => {
      const venue = new VirtualVenue(['BTC', 'ETH']).run(30_000)
      venue.does.mute.add(key)
      const from = venue.at
      venue.run(7000)
      const [acted] = venue.of('acted')
      expect(acted!.action).toMatchObject({what: key, action: 'resubscribe'})
      expect(acted!.at - from).toBeLessThanOrEqual(6000)
      expect(venue.of('lost').map(({streams}) => streams)).toEqual([[key]])
    },
  )

  it('from the start has its hole from when it was asked for', () => {
    const venue = new VirtualVenue(['BTC'])
    venue.does.mute.add('book:BTC')
    venue.run(6000)
    expect(venue.of('lost')).toMatchObject([{streams: ['book:BTC']}])
    expect(venue.of('lost')[0]!.from).toBeLessThan(WALL + 1000)
  })

  it('is asked for again first, then takes the socket with it, and not again for five minutes', () => {
    const venue = new VirtualVenue(['BTC', 'ETH']).run(30_000)
    venue.does.mute.add('book:BTC')
    venue.run(240_000)
    const actions = venue.of('acted').map(({action}) => action.action)
    expect(actions.slice(0, 2)).toEqual(['resubscribe', 'reconnect'])
    expect(actions.filter((action) => action === 'reconnect').length).toBe(1)
    expect(actions.filter((action) => action === 'resubscribe').length).toBeGreaterThan(3)
    expect(venue.watch.openGaps).toBe(1)
  })

  it('is a book that repeats itself while trades print, and is back only with another book', () => {
    const venue = new VirtualVenue(['BTC']).run(30_000)
    venue.does.frozen.add('book:BTC')
    venue.run(20_000)
    expect(venue.of('acted')[0]!.action).toMatchObject({what: 'book:BTC', cause: 'stale: the book repeats itself'})
    expect(venue.of('back').filter(({stream}) => stream.key === 'book:BTC')).toEqual([])
    venue.does.frozen.clear()
    venue.run(2000)
    expect(venue.of('back').filter(({stream}) => stream.key === 'book:BTC').length).toBe(1)
  })

  it('for two seconds is told by the bar that counts what is missing', () => {
    const venue = new VirtualVenue(['BTC']).run(130_000)
    venue.does.mute.add('trades:BTC')
    venue.run(2000)
    venue.does.mute.clear()
    venue.run(5000)
    expect(venue.of('acted')[0]!.action.cause).toBe('stale: prints are missing against the bar')
    expect(venue.of('back')).toMatchObject([{healed: true}])
  })
})

describe('prints that go missing while the proof of an earlier hole is awaited', () => {
  it('are told by the bar all the same', () => {
    const venue = new VirtualVenue(['BTC']).run(70_000)
    venue.does.replay = 1
    venue.does.refuses = true
    venue.cut()
    venue.run(5000)
    venue.does.refuses = false
    venue.run(30_000)
    expect(venue.watch.isOpen).toBe(true)
    expect(venue.of('back').some(({stream}) => stream.key === 'trades:BTC')).toBe(false)
    venue.does.mute.add('trades:BTC')
    venue.run(2000)
    venue.does.mute.clear()
    venue.run(6000)
    expect(venue.of('acted').at(-1)!.action.cause).toBe('stale: prints are missing against the bar')
  })
})

describe('a hole without a print before it', () => {
  it('is not proven by a replay of prints that are all younger', () => {
    const venue = new VirtualVenue(['BTC'])
    venue.does.mute.add('trades:BTC')
    venue.run(20_000)
    venue.does.mute.clear()
    venue.does.replay = 3
    venue.cut()
    venue.run(3000)
    expect(venue.of('back').filter(({stream}) => stream.key === 'trades:BTC')).toEqual([])
    venue.run(5000)
    venue.answer(false)
    expect(venue.of('back').find(({stream}) => stream.key === 'trades:BTC')).toMatchObject({healed: false})
  })

  it('that the bar tells of seconds after the start is not proven by a replay that begins behind it', () => {
    const venue = new VirtualVenue(['BTC'])
    venue.does.replay = 2
    venue.run(3000)
    venue.does.mute.add('trades:BTC')
    venue.run(3000)
    venue.does.mute.clear()
    venue.run(12_000)
    venue.answer(false)
    expect(venue.of('acted')[0]!.action).toMatchObject({what: 'trades:BTC'})
    expect(venue.of('back').filter(({healed}) => healed)).toEqual([])
  })
})

describe('frames that cannot be read', () => {
  it('open a hole in the stream they name; the replay proves that no trade is missing', () => {
    const venue = new VirtualVenue(['BTC', 'ETH']).run(30_000)
    venue.say({kind: 'malformed', owner: {key: 'trades:BTC'}, why: 'no JSON'})
    expect(venue.of('lost')).toMatchObject([{streams: ['trades:BTC']}])
    venue.run(3000)
    expect(venue.of('back')).toMatchObject([{healed: true}])
  })

  it('that name nobody put every coin’s trades and bars in doubt, and a hail of them does not use up the messages', () => {
    const venue = new VirtualVenue(['BTC', 'ETH']).run(30_000)
    for (let i = 0; i < 100; i++) {
      venue.say({kind: 'malformed', owner: 'anybody', why: 'no JSON'})
      venue.run(100)
    }
    expect(venue.of('lost')[0]!.streams.concat(venue.of('lost')[1]?.streams ?? [])).toContain('trades:BTC')
    expect(venue.of('send').length).toBeLessThan(40)
  })
})

describe('a process that stood still', () => {
  it('for 30 s calls everything stale from its last frame on, and starts over', () => {
    const venue = new VirtualVenue(['BTC']).run(30_000)
    venue.run(30_000, {stopped: true}).run(10_000)
    expect(venue.of('acted')[0]!.action).toMatchObject({what: 'socket', action: 'reconnect'})
    expect(venue.of('lost')[0]!.from).toBeLessThanOrEqual(WALL + 30_000)
    expect(venue.connects.length).toBe(2)
  })

  it('for two seconds blames nobody', () => {
    const venue = new VirtualVenue(['BTC']).run(30_000)
    venue.run(2000, {stopped: true}).run(20_000)
    expect(venue.of('acted')).toEqual([])
  })

  it('reading, because the disk was slow, blames nobody either', () => {
    const venue = new VirtualVenue(['BTC']).run(30_000)
    venue.watch.hold()
    venue.run(8000, {stopped: true})
    venue.watch.release(venue.now(), 8000)
    expect(venue.run(3000).of('acted')).toEqual([])
  })
})

describe('a subscription that kills the socket', () => {
  it('is found among twenty and left alone, and the list is read again', () => {
    const coins = Array.from({length: 20}, (_, i) => `C${i}`)
    const venue = new VirtualVenue(coins, ['bbo', 'activeAssetCtx'])
    venue.does.kills.add('bbo:C7')
    venue.run(180_000)
    expect(venue.of('meta').length).toBeGreaterThan(0)
    const guilty = venue.of('acted').filter(({action}) => action.action === 'quarantine')
    expect(guilty.map(({action}) => action.what)).toEqual(['bbo:C7'])
    expect(venue.subscribed.size).toBe(39)
    expect(venue.watch.isOpen).toBe(true)
  })
})

describe('any history of faults', () => {
  const fault = fc.constantFrom('cut', 'dead', 'refuse', 'mute', 'pause', 'garble', 'none')
  const history = fc.array(fc.record({fault, ms: fc.integer({min: 200, max: 20_000})}), {minLength: 1, maxLength: 25})

  it('ends with every stream subscribed once and every hole closed; the connect budget holds throughout', () => {
    fc.assert(
      fc.property(history, (events) => {
        const venue = new VirtualVenue(['BTC', 'ETH']).run(5000)
        for (const {fault: what, ms} of events) {
          venue.does.dead = what === 'dead'
          venue.does.refuses = what === 'refuse'
          if (what === 'mute') venue.does.mute.add('book:BTC')
          else venue.does.mute.clear()
          if (what === 'cut' || what === 'refuse') venue.cut()
          if (what === 'garble') venue.say({kind: 'malformed', owner: 'anybody', why: 'no JSON'})
          venue.run(ms, {stopped: what === 'pause'})
          venue.answer(ms % 2 === 0)
        }
        Object.assign(venue.does, {dead: false, refuses: false})
        venue.does.mute.clear()
        for (let i = 0; i < 10; i++) {
          venue.run(12_000)
          venue.answer(false)
        }
        expect([...venue.subscribed.entries()].filter(([, times]) => times !== 1)).toEqual([])
        expect(venue.subscribed.size).toBe(10)
        expect(venue.watch.openGaps).toBe(0)
        const {connects} = venue
        for (let i = 20; i < connects.length; i++)
          expect(connects[i]! - connects[i - 20]!).toBeGreaterThanOrEqual(60_000)
      }),
      {numRuns: 25, endOnFailure: true},
    )
  })

  it('never closes a hole that was not opened, nor opens one twice', () => {
    fc.assert(
      fc.property(history, (events) => {
        const venue = new VirtualVenue(['BTC']).run(5000)
        for (const {fault: what, ms} of events) {
          venue.does.dead = what === 'dead'
          if (what === 'cut') venue.cut()
          if (what === 'garble') venue.say({kind: 'malformed', owner: {key: 'trades:BTC'}, why: 'no JSON'})
          venue.run(ms)
          venue.answer(ms % 2 === 0)
        }
        const open = new Set<string>()
        for (const {step} of venue.steps) {
          if (step.do === 'lost') {
            for (const key of step.streams) expect(open.has(key)).toBe(false)
            for (const key of step.streams) open.add(key)
          }
          if (step.do === 'back') {
            expect(open.delete(step.stream.key)).toBe(true)
            expect(step.at).toBeGreaterThanOrEqual(step.from)
          }
        }
      }),
      {numRuns: 25, endOnFailure: true},
    )
  })
})
