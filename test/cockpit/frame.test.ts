import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {cockpitFrame} from '../../src/cockpit/frame.ts'
import {ago, bar, clip} from '../../src/cockpit/line.ts'
import {paint} from '../../src/cockpit/paint.ts'
import {none, unreadable} from '../../src/cockpit/reading.ts'
import {type CockpitView, type GuardView, isHalted} from '../../src/cockpit/view.ts'
import {AS_OF, busyView, quietGuard, quietView} from './quiet-view.ts'

const ESCAPE = '\u001b'
const textOf = (view: CockpitView): string => paint(cockpitFrame(view), false)
const sectionOf = (view: CockpitView, name: string): string => {
  const lines = textOf(view).split('\n')
  const start = lines.findIndex((line) => line.startsWith(name))
  const next = lines.findIndex((line, i) => i > start && !line.startsWith(' '))
  return lines.slice(start, next).join('\n')
}

describe('a frame', () => {
  it('has nine sections, most urgent first', () => {
    const names = textOf(busyView)
      .split('\n')
      .map((line) => /^[A-Z]+/.exec(line)?.[0])
      .filter((name) => name !== undefined)
    expect(names).toEqual(['GUARD', 'LIMITS', 'ACCOUNT', 'ORDERS', 'DATA', 'HYPOTHESES', 'COSTS', 'RITUALS', 'EVENTS'])
  })

  it('fits 80 columns whatever stands in it', () => {
    const words = fc.string({unit: 'grapheme', maxLength: 200})
    fc.assert(
      fc.property(words, words, fc.double(), (name, why, used) => {
        const view: CockpitView = {
          ...busyView,
          workspace: name,
          guard: {...quietGuard, latch: 'engaged', reason: why, trouble: name},
          limits: {state: 'read', value: [{control: name, subject: why, value: name, limit: why, used}]},
          lake: unreadable(why),
          events: {state: 'read', value: [{ts: AS_OF, source: name, kind: why, detail: name + why}]},
        }
        for (const line of textOf(view).split('\n')) {
          expect(Array.from(line).length).toBeLessThanOrEqual(80)
          expect(line).not.toMatch(/\p{Cc}/u)
        }
      }),
    )
  })

  it('says an honest nothing in an empty workspace', () => {
    const text = textOf(quietView)
    for (const nothing of [
      'never checked',
      'no account was ever',
      'the lake is empty',
      'none yet',
      'no cycle',
      'DUE',
      'nothing recorded',
    ])
      expect(text).toContain(nothing)
    expect(text).toContain('IDLE no latch')
    expect(text).not.toContain('HALTED')
  })

  it('shows the fullest limit of each control, worst first, and words beside the bars', () => {
    const limits = sectionOf(busyView, 'LIMITS').split('\n')
    expect(limits.map((line) => line.slice(11, 14))).toEqual(['C11', 'C10', 'C21', 'C05'])
    expect(limits[0]).toContain('OVER')
    expect(limits[1]).toContain('BTC')
    expect(limits[1]).toContain('62%')
    expect(limits[3]).toContain('–')
  })

  it('gives equity, the P&L of the day and the largest position first', () => {
    const account = sectionOf(busyView, 'ACCOUNT')
    expect(account).toContain('equity 100250.5 · today +250.5')
    expect(account.indexOf('BTC')).toBeLessThan(account.indexOf('ETH'))
  })

  it('says when positions are not current, and names a unit once', () => {
    const account = busyView.account.state === 'read' ? {...busyView.account.value, filledSince: 3} : undefined
    expect(sectionOf({...busyView, account: {state: 'read', value: account!}}, 'ACCOUNT')).toContain(
      'NOT CURRENT: 3 order',
    )
    expect(sectionOf(busyView, 'ACCOUNT')).not.toContain('NOT CURRENT')
    expect(sectionOf(busyView, 'LIMITS')).toContain(' 1.5 of 6 sigma')
  })

  it('calls late data late and counts its gaps', () => {
    const data = sectionOf(busyView, 'DATA').split('\n')
    expect(data[0]).toContain('LATE · 2 gaps')
    expect(data[1]).not.toContain('LATE')
  })

  it('shows the ten newest events and no more', () => {
    const events = sectionOf(busyView, 'EVENTS').split('\n')
    expect(events).toHaveLength(10)
    expect(events[0]).toContain('order 0')
  })

  it('degrades section by section: what cannot be read hides nothing else', () => {
    for (const name of ['limits', 'account', 'lake', 'hypotheses', 'cycle', 'rituals', 'events'] as const) {
      const text = textOf({...busyView, [name]: unreadable('disk on fire')})
      expect(text).toContain('UNREADABLE disk on fire')
      expect(text.split('\n').filter((line) => line.includes('UNREADABLE')).length).toBe(name === 'account' ? 2 : 1)
    }
    expect(textOf({...busyView, cycle: none('never')})).toContain('COSTS      never')
  })
})

describe('HALTED', () => {
  const shown = (guard: Partial<GuardView>): string =>
    sectionOf({...busyView, guard: {...busyView.guard, ...guard}}, 'GUARD')

  it('is shown for a latch, an unreadable latch, a damaged record and every closed state', () => {
    for (const guard of [
      {latch: 'engaged'},
      {latch: 'unreadable'},
      {intact: false},
      {state: 'ENGAGING'},
      {state: 'CANCELLING'},
      {state: 'FLATTENING'},
      {state: 'VERIFYING'},
      {state: 'HALTED_CLEAN'},
      {state: 'HALTED_DIRTY'},
      {state: 'HALTED_MEMORY'},
    ] as Partial<GuardView>[]) {
      expect(shown(guard)).toContain('HALTED')
      expect(isHalted({...busyView.guard, ...guard})).toBe(true)
    }
  })

  it('is not shown while orders may leave', () => {
    for (const [state, word] of [
      ['ARMED', 'ARMED'],
      ['REDUCE_ONLY', 'REDUCE ONLY'],
    ] as const) {
      expect(shown({state})).toContain(word)
      expect(shown({state})).not.toContain('HALTED')
    }
  })

  it('tells cause, reason and age, and a halt whose latch file somebody removed', () => {
    const since = new Date(AS_OF - 300_000).toISOString()
    expect(
      shown({latch: 'engaged', state: 'HALTED_CLEAN', cause: 'operator', reason: 'drill', engagedAt: since}),
    ).toContain('HALTED_CLEAN 5 min ago · operator: drill')
    expect(shown({latch: 'absent', state: 'HALTED_CLEAN'})).toContain('the latch file is gone')
  })
})

describe('paint', () => {
  it('carries no escape without colour, and the same words with it', () => {
    const lines = cockpitFrame(busyView)
    const [plain, coloured] = [paint(lines, false), paint(lines, true)]
    expect(plain).not.toContain('\u001b')
    expect(coloured).toContain('\u001b[1;7m')
    const stripped = coloured
      .replaceAll(new RegExp(`${ESCAPE}\\[[0-9;]*m`, 'g'), '')
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
    expect(stripped).toBe(plain)
  })
})

describe('small shapes', () => {
  it('a bar is as long as asked and full above 1', () => {
    expect([bar(0, 4), bar(0.5, 4), bar(7, 4), bar(Number.NaN, 4), bar(-1, 4)]).toEqual([
      '░░░░',
      '██░░',
      '████',
      '░░░░',
      '░░░░',
    ])
  })

  it('a clipped text ends in an ellipsis, and an escape never survives', () => {
    expect([clip('abcdef', 4), clip('abc', 4), clip('a\u001b[31mb', 9)]).toEqual(['abc…', 'abc', 'a [31mb'])
  })

  it('ages are in their largest sensible unit', () => {
    expect([ago(5000), ago(120_000), ago(7_200_000), ago(3 * 86_400_000), ago(-60_000)]).toEqual([
      '5 s',
      '2 min',
      '2 h',
      '3 d',
      'in 60 s',
    ])
  })
})
