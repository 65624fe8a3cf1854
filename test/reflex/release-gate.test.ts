import {describe, expect, it} from 'vitest'
import {haltStatus, type LoggedHalt, lastHalt} from '../../src/reflex/halt-log.ts'
import {certainlyElapsed, judgeRelease, type ReleaseRequest, releasePhrase} from '../../src/reflex/release-gate.ts'

const T0 = Date.parse('2026-03-02T12:00:00Z')
const MINUTE = 60_000
const halt: LoggedHalt = {
  id: 'h1',
  state: 'HALTED_CLEAN',
  cause: 'operator',
  policy: 'flatten',
  reason: 'drill',
  engagedAt: T0,
  uptime: '1000',
  boot: 'a',
  account: '0x00000000000000000000000000000000000A7f3a',
  equity: '41250.75',
  released: false,
}
const PHRASE = 'RELEASE acct-7f3a EQUITY 41,250 CAUSE operator'
const at = (minutes: number, uptimeMinutes = minutes, boot = 'a') => ({
  wall: T0 + minutes * MINUTE,
  uptime: String(boot === 'a' ? 1000 + uptimeMinutes * 60 : uptimeMinutes * 60),
  boot,
})
const request = (over: Partial<ReleaseRequest> = {}): ReleaseRequest => ({
  status: {latched: true, state: 'HALTED_CLEAN', id: 'h1'},
  halt,
  engages: [at(0)],
  now: at(15),
  phrase: PHRASE,
  hasRecord: true,
  ...over,
})
const codeOf = (over: Partial<ReleaseRequest>): string => {
  const verdict = judgeRelease(request(over))
  return verdict.ok ? 'released' : verdict.code
}

describe('releasing a halt', () => {
  it('needs the clean state, the record, the cool-down and the phrase', () => {
    expect(codeOf({})).toBe('released')
    expect(codeOf({status: {latched: true, state: 'HALTED_DIRTY', id: 'h1'}})).toBe('not_clean')
    expect(codeOf({hasRecord: false})).toBe('no_record')
    expect(codeOf({now: at(14.9)})).toBe('cooling_down')
    expect(codeOf({phrase: 'yes'})).toBe('wrong_phrase')
    expect(codeOf({phrase: null})).toBe('wrong_phrase')
    expect(codeOf({status: {latched: false, state: 'DISARMED', id: null}, halt: null})).toBe('not_halted')
  })

  it('builds the phrase from account, equity and cause', () => {
    expect(releasePhrase(halt)).toBe(PHRASE)
    expect(releasePhrase({account: null, equity: null, cause: 'operator'})).toBe(
      'RELEASE acct-none EQUITY 0 CAUSE operator',
    )
    expect(releasePhrase({...halt, equity: '1234567.9', cause: 'loss'})).toBe(
      'RELEASE acct-7f3a EQUITY 1,234,567 CAUSE loss',
    )
  })

  it('is not brought nearer by setting the clock forward', () => {
    expect(codeOf({now: at(60, 5)})).toBe('cooling_down')
    expect(codeOf({now: at(5, 60)})).toBe('cooling_down')
  })

  it('counts only the new uptime after a reboot', () => {
    expect(codeOf({now: at(120, 10, 'b')})).toBe('cooling_down')
    expect(codeOf({now: at(120, 15, 'b')})).toBe('released')
    expect(certainlyElapsed(at(0), {...at(120, 10, 'b'), uptime: 'unreadable'})).toBe(0)
  })

  it('starts to cool down again with every engage that joined', () => {
    expect(codeOf({engages: [at(0), at(10)], now: at(20)})).toBe('cooling_down')
    expect(codeOf({engages: [at(0), at(10)], now: at(25)})).toBe('released')
  })

  it('waits a day after a loss and three after what nobody can explain', () => {
    const codeAfter = (hours: number, cause: LoggedHalt['cause']) =>
      codeOf({halt: {...halt, cause}, now: at(hours * 60), phrase: releasePhrase({...halt, cause})})
    expect(codeAfter(23.9, 'loss')).toBe('cooling_down')
    expect(codeAfter(24, 'loss')).toBe('released')
    expect(codeAfter(71.9, 'unknown')).toBe('cooling_down')
    expect(codeAfter(72, 'unknown')).toBe('released')
  })

  it('has nothing to cool down from where no account was ever used', () => {
    const unused = {...halt, account: null, equity: null}
    expect(codeOf({halt: unused, now: at(0), phrase: releasePhrase(unused)})).toBe('released')
  })
})

describe('the state of a halt', () => {
  const engaged = {ts: T0, kind: 'engaged', body: {id: 'h1', cause: 'operator', policy: 'flatten', reason: 'x'}}
  const stateOf = (state: string) => ({ts: T0, kind: 'state', body: {id: 'h1', state}})

  it('is the last state that the log tells of', () => {
    expect(lastHalt([])).toBeNull()
    expect(lastHalt([engaged])?.state).toBe('ENGAGING')
    expect(lastHalt([engaged, stateOf('CANCELLING'), stateOf('HALTED_CLEAN')])?.state).toBe('HALTED_CLEAN')
    expect(lastHalt([engaged, stateOf('nonsense')])?.state).toBe('ENGAGING')
  })

  it('is the stricter one when latch and log disagree', () => {
    const log = lastHalt([engaged, stateOf('HALTED_CLEAN')])
    expect(haltStatus('engaged', 'other', log)).toEqual({latched: true, state: 'ENGAGING', id: 'other'})
    expect(haltStatus('unreadable', null, null)).toEqual({latched: true, state: 'ENGAGING', id: null})
    expect(haltStatus('absent', null, log)).toEqual({latched: true, state: 'HALTED_CLEAN', id: 'h1'})
    const released = lastHalt([engaged, stateOf('HALTED_CLEAN'), {ts: T0, kind: 'released', body: {id: 'h1'}}])
    expect(haltStatus('absent', null, released)).toEqual({latched: false, state: 'DISARMED', id: null})
    expect(haltStatus('engaged', 'h1', released)).toEqual({latched: true, state: 'ENGAGING', id: 'h1'})
  })
})
