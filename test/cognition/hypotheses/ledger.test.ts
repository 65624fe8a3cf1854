import {describe, expect, it} from 'vitest'
import {
  checkLedger,
  entryHash,
  entryPath,
  GENESIS,
  headsOf,
  nextEntry,
} from '../../../src/cognition/hypotheses/ledger.ts'
import {movesOf, stateOf} from '../../../src/cognition/hypotheses/lifecycle.ts'
import {type GitVersion, trialCount} from '../../../src/cognition/hypotheses/trial-count.ts'
import type {LedgerBody, LedgerEntry} from '../../../src/contracts/ledger.ts'
import {canonicalJson} from '../../../src/kernel/canonical-json.ts'
import type {Fault} from '../../../src/kernel/fault.ts'
import {againstGolden} from '../../against-golden.ts'

const sha = (digit: string): string => digit.repeat(64)
const TS = '2025-01-01T00:00:00.000Z'

type Kin = Partial<Pick<GitVersion, 'hypothesis' | 'family' | 'lineage' | 'configuration' | 'fingerprint' | 'n_points'>>

const identity = (kin: Kin = {}) => ({
  hypothesis: 'idea',
  family: 'trend',
  lineage: null,
  configuration: sha('a'),
  fingerprint: sha('f'),
  n_points: 4,
  code_commit: null,
  dirty: null,
  ...kin,
})
const register = (kin: Kin = {}): LedgerBody => ({
  kind: 'register',
  ...identity(kin),
  yaml_sha: sha('1'),
  data_sha: null,
  lake_commit: 0,
  window: null,
  vault: null,
  sr_target: 1.5,
})
const run = (kin: Kin = {}): LedgerBody => ({
  kind: 'run',
  ...identity(kin),
  stage: 'backtest',
  data_sha: sha('d'),
  window: null,
  seed: null,
  result_sha: null,
  returns_ref: null,
})
const verdict = (name: 'ELIGIBLE' | 'FAIL' | 'INSUFFICIENT' | 'INVALID' | 'ERROR', kin: Kin = {}): LedgerBody => ({
  kind: 'verdict',
  ...identity(kin),
  verdict: name,
  failed_stage: name === 'ELIGIBLE' ? null : 4,
  decides_on: null,
  data_sha: sha('d'),
  result_sha: sha('e'),
})
const unseal = (answer: 'PASS' | 'FAIL', kin: Kin = {}): LedgerBody => ({
  kind: 'unseal',
  ...identity(kin),
  vault: 'V-sim-202501',
  attempt: 1,
  earlier_passes: 0,
  alpha: 0.02,
  verdict: answer,
  result_sha: sha('e'),
})

const retire = (): LedgerBody => ({kind: 'retire', ...identity(), reason: 'better ideas are waiting'})
const move = (to: 'pilot' | 'scaled' | 'decayed'): LedgerBody => ({
  ...{
    kind: 'move',
    ...identity(),
    to,
    share: to === 'decayed' ? 0 : 0.1,
    because: 'the monitor said so',
    evidence: {e: 3},
  },
})

/** Bodies -> the straight chain they make. */
const chain = (...bodies: LedgerBody[]): LedgerEntry[] => {
  const entries: LedgerEntry[] = []
  for (const body of bodies) entries.push(nextEntry(entries, body, TS))
  return entries
}
const filesOf = (entries: readonly LedgerEntry[]) => entries.map((entry) => ({path: entryPath(entry), entry}))

againstGolden('the reference hash chain', ['gauntlet/misc.json'], (text) => {
  const {entries} = JSON.parse(text!).ledger_chain as {
    entries: {canonical: string; hash: string}[]
  }

  it('has the hashes of the reference, each entry naming the one before', () => {
    let prev = GENESIS
    for (const {canonical, hash} of entries) {
      const body = JSON.parse(canonical) as Record<string, unknown>
      expect(canonicalJson(body)).toBe(canonical)
      expect(entryHash(body)).toBe(hash)
      expect(body['prev']).toBe(prev)
      prev = hash
    }
    expect(entries).toHaveLength(3)
  })
})

describe('the chain', () => {
  it('starts at genesis and counts up by one', () => {
    const entries = chain(register(), run(), verdict('FAIL'))
    expect(entries.map(({seq}) => seq)).toEqual([1, 2, 3])
    expect(entries[0]!.prev).toBe(GENESIS)
    expect(checkLedger(filesOf(entries))).toEqual(entries)
  })

  it('joins the heads of two merged branches in the next entry', () => {
    const trunk = chain(register())
    const left = [...trunk, nextEntry(trunk, run({configuration: sha('b')}), TS)]
    const right = [...trunk, nextEntry(trunk, run({configuration: sha('c')}), TS)]
    const merged = [...trunk, left[1]!, right[1]!]
    expect(headsOf(merged)).toHaveLength(2)
    const joined = nextEntry(merged, verdict('FAIL'), TS)
    expect(new Set([joined.prev, ...(joined.merges ?? [])])).toEqual(new Set([left[1]!.hash, right[1]!.hash]))
    expect(headsOf([...merged, joined])).toEqual([joined])
    expect(checkLedger(filesOf([joined, ...merged])).map(({seq}) => seq)).toEqual([1, 2, 2, 3])
  })

  it('is broken by a changed value, a missing entry and a wrong name, and the file is named', () => {
    const entries = chain(register(), run(), run({n_points: 9}))
    const edited = filesOf(entries)
    edited[1] = {...edited[1]!, entry: {...entries[1]!, n_points: 1}}
    const naming = (path: string) =>
      expect.objectContaining({code: 'ledger.broken_chain', exitCode: 4, what: expect.stringContaining(path)})
    expect(() => checkLedger(edited)).toThrowError(naming(entryPath(entries[1]!)))
    expect(() => checkLedger(filesOf([entries[0]!, entries[2]!]))).toThrowError(naming(entryPath(entries[2]!)))
    expect(() => checkLedger([{path: 'hypotheses/ledger/000009-x.json', entry: entries[0]!}])).toThrowError(
      naming('000009-x'),
    )
  })

  it('tells how to bring back the entry that is missing, not the one that misses it', () => {
    const entries = chain(register(), run(), run({n_points: 9}))
    const [, lost, child] = entries.map(entryPath)
    const remedies = (published: readonly string[]): string => {
      try {
        checkLedger(filesOf([entries[0]!, entries[2]!]), published)
      } catch (fault) {
        return (fault as Fault).suggestions.join('\n')
      }
      return 'not refused'
    }
    const [committed, never] = [remedies(entries.map(entryPath)), remedies([])]
    expect(committed).toContain(`git checkout HEAD -- ${lost}`)
    expect(never).toContain(`restore ${lost}`)
    for (const text of [committed, never]) expect(text).not.toContain(child)
  })

  it('is broken when its newest entry was committed and is gone', () => {
    const entries = chain(register(), run())
    const published = entries.map(entryPath)
    expect(() => checkLedger(filesOf(entries.slice(0, 1)), published)).toThrowError(
      expect.objectContaining({code: 'ledger.broken_chain', what: expect.stringContaining(published[1]!)}),
    )
  })
})

describe('trialCount', () => {
  const count = (entries: LedgerEntry[], options: Partial<Parameters<typeof trialCount>[0]> = {}) =>
    trialCount({entries, subject: identity(), git: null, ...options})

  it('counts every grid point of every distinct configuration once', () => {
    const entries = chain(register(), run(), run(), verdict('FAIL'), run({configuration: sha('b'), n_points: 9}))
    expect(count(entries)).toMatchObject({N: 13, ledger: 13, programme: 13, git: null})
  })

  it('takes the union over merged branches', () => {
    const trunk = chain(register())
    const sides = ['b', 'c'].map((digit) => nextEntry(trunk, run({configuration: sha(digit)}), TS))
    expect(count([...trunk, ...sides]).N).toBe(12)
  })

  it('follows a renamed idea by lineage, shape or correlated returns, and by relatives of relatives', () => {
    const other = {family: 'other', configuration: sha('b'), n_points: 10}
    const stranger = {...other, hypothesis: 'stranger', fingerprint: sha('9')}
    expect(count(chain(run(stranger))).ledger).toBe(0)
    expect(count(chain(run({...stranger, lineage: 'idea'}))).ledger).toBe(10)
    expect(count(chain(run({...stranger, fingerprint: sha('f')}))).ledger).toBe(10)
    expect(count(chain(run(stranger)), {correlated: [{between: ['idea', 'stranger'], correlation: 0.7}]}).ledger).toBe(
      10,
    )
    const cousin = run({hypothesis: 'cousin', family: 'other', fingerprint: sha('8'), configuration: sha('c')})
    expect(count(chain(run({...stranger, lineage: 'idea'}), cousin)).family).toEqual(['cousin', 'idea', 'stranger'])
  })

  it('takes what git knows when it knows more, and never less than the grid at hand', () => {
    const version = {...identity({configuration: sha('b')}), n_points: 30}
    expect(count(chain(run()), {git: [version, version]})).toMatchObject({N: 30, ledger: 4, git: 30})
    expect(count([], {git: []})).toMatchObject({N: 4, ledger: 0, git: 0})
  })

  it('assumes a thousand trials when the ledger is lost or edited', () => {
    expect(count(chain(run()), {intact: false})).toMatchObject({
      N: 1000,
      flags: expect.arrayContaining([expect.any(String)]),
    })
  })
})

describe('stateOf', () => {
  it.each([
    [[], 'draft'],
    [[register()], 'registered'],
    [[register(), run()], 'registered'],
    [[register(), verdict('ELIGIBLE')], 'eligible'],
    [[register(), verdict('FAIL')], 'rejected'],
    [[register(), verdict('INSUFFICIENT')], 'insufficient'],
    [[register(), verdict('INVALID')], 'invalid'],
    [[register(), verdict('ERROR')], 'registered'],
    [[register(), verdict('INSUFFICIENT'), verdict('ELIGIBLE')], 'eligible'],
    [[register(), verdict('ELIGIBLE'), unseal('FAIL')], 'rejected'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS')], 'validated'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), verdict('FAIL')], 'validated'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), verdict('INVALID')], 'invalid'],
    [[register(), verdict('ELIGIBLE'), unseal('FAIL'), verdict('ELIGIBLE')], 'rejected'],
    [[register(), verdict('FAIL'), verdict('ELIGIBLE')], 'eligible'],
    [[register(), retire()], 'retired'],
    [[register(), retire(), register(), verdict('ELIGIBLE'), unseal('PASS'), move('scaled')], 'retired'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), move('pilot')], 'pilot'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), move('pilot'), move('scaled')], 'scaled'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), move('scaled'), move('pilot')], 'pilot'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), move('decayed')], 'decayed'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), move('pilot'), move('decayed'), move('scaled')], 'decayed'],
    [
      [register(), verdict('ELIGIBLE'), unseal('PASS'), move('decayed'), unseal('PASS'), verdict('ELIGIBLE')],
      'decayed',
    ],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), move('decayed'), retire()], 'retired'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), move('pilot'), verdict('FAIL')], 'pilot'],
    [[register(), verdict('ELIGIBLE'), unseal('PASS'), move('pilot'), verdict('INVALID')], 'invalid'],
    [[register(), move('scaled')], 'registered'],
    [[register(), verdict('ELIGIBLE'), move('pilot')], 'eligible'],
  ] as [LedgerBody[], string][])('history %# ends in state %s', (bodies, state) => {
    expect(stateOf(chain(...bodies), 'idea')).toBe(state)
  })

  it('starts over for an edited configuration: what its former self passed does not carry over', () => {
    const entries = chain(register(), verdict('ELIGIBLE'), unseal('PASS'))
    expect(stateOf(entries, 'idea', sha('a'))).toBe('validated')
    expect(stateOf(entries, 'idea', sha('b'))).toBe('draft')
  })

  it('keeps the evidence behind each move', () => {
    const entries = chain(register(), run(), verdict('ELIGIBLE'), unseal('PASS'))
    expect(movesOf(entries, 'idea').map(({to, seq}) => [to, seq])).toEqual([
      ['registered', 1],
      ['eligible', 3],
      ['validated', 4],
    ])
  })
})
