import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {type ChainReport, findRollbacks, headsOf} from '../../src/cockpit/audit/chain-report.ts'
import {auditJournal} from '../../src/cockpit/audit/journal-chain.ts'
import {auditLinkedFiles} from '../../src/cockpit/audit/linked-files.ts'
import {
  brokenRitualLink,
  parseRitual,
  RITUAL_GENESIS,
  ritualText,
  sealRitual,
} from '../../src/cockpit/rituals/ritual-record.ts'
import {ritualStandings} from '../../src/cockpit/rituals/ritual-standing.ts'
import type {RitualRecord, RitualsConfig} from '../../src/contracts/rituals.ts'
import {canonicalJson, hashOf} from '../../src/kernel/canonical-json.ts'

const ZERO = '0'.repeat(64)

/** A journal of n entries as its writer leaves it. */
function journal(n: number): string {
  let prev = ZERO
  return Array.from({length: n}, (_, i) => {
    const content = {seq: i + 1, ts: 1000 + i, kind: 'order', body: {coin: `C${i}`, px: '1.5'}, prev}
    prev = hashOf(content)
    return `${canonicalJson({...content, hash: prev})}\n`
  }).join('')
}

/** Commits of a lake, or entries of a ledger: one file each. */
function files(n: number, genesis: string, number: string): {path: string; text: string}[] {
  let prev = genesis
  return Array.from({length: n}, (_, i) => {
    const content = {artifact: 'entry@1', [number]: i + 1, prev, note: `entry ${i}`}
    prev = hashOf(content)
    return {path: `folder/${i + 1}.json`, text: `${JSON.stringify({...content, hash: prev}, null, 2)}\n`}
  })
}

/** The text with one byte changed to another that is still text. */
const flip = (text: string, at: number): string => {
  const position = at % text.length
  const other = text[position] === 'x' ? 'y' : 'x'
  return text.slice(0, position) + other + text.slice(position + 1)
}
const lineOf = (text: string, position: number): number => text.slice(0, position).split('\n').length

describe('a journal', () => {
  it('is whole as written, and empty without entries', () => {
    const found = auditJournal('journal', 'j.jsonl', journal(5))
    expect([found.entries, found.damage, found.heads.length]).toEqual([5, null, 1])
    expect(auditJournal('journal', 'j.jsonl', '')).toMatchObject({entries: 0, heads: [], damage: null})
  })

  it('shows any flipped byte at its own line', () => {
    const text = journal(4)
    fc.assert(
      fc.property(fc.nat(text.length - 1), (at) => {
        const {damage} = auditJournal('journal', 'j.jsonl', flip(text, at))
        expect(damage?.path).toBe('j.jsonl')
        expect(damage?.line).toBe(lineOf(text, at))
      }),
    )
  })

  it('shows a cut tail, a lost line, two lines in the wrong order and a foreign line', () => {
    const lines = journal(4).slice(0, -1).split('\n')
    const broken = (kept: string[], ending = '\n'): number | undefined =>
      auditJournal('journal', 'j', kept.join('\n') + ending).damage?.line
    expect(broken(lines, '')).toBe(4)
    expect(broken([lines[0]!, lines[2]!, lines[3]!])).toBe(2)
    expect(broken([lines[1]!, lines[0]!])).toBe(1)
    expect(broken([...lines, '{}'])).toBe(5)
    expect(broken([...lines, 'null'])).toBe(5)
  })

  it('shows a byte changed where JSON does not care', () => {
    expect(auditJournal('journal', 'j', journal(2).replace('"seq":2', '"seq": 2')).damage).toMatchObject({line: 2})
  })
})

describe('a chain of files', () => {
  const names = {number: 'seq', genesis: ZERO}

  it('is whole as written, in any order of the files', () => {
    const found = auditLinkedFiles('ledger', 'folder', names, files(4, ZERO, 'seq').reverse())
    expect([found.entries, found.damage, found.heads.length]).toEqual([4, null, 1])
    expect(auditLinkedFiles('lake', 'folder', {number: 'n', genesis: ''}, files(3, '', 'n')).damage).toBeNull()
  })

  it('names the file of any flipped byte', () => {
    const whole = files(3, ZERO, 'seq')
    fc.assert(
      fc.property(fc.nat(2), fc.nat(1000), (which, at) => {
        const changed = whole.map((file, i) => (i === which ? {...file, text: flip(file.text, at)} : file))
        expect(auditLinkedFiles('ledger', 'folder', names, changed).damage?.path).toBe(whole[which]!.path)
      }),
    )
  })

  it('misses an entry that was taken out of the middle, and sees none missing at the end', () => {
    const [a, b, c] = files(3, ZERO, 'seq')
    expect(auditLinkedFiles('ledger', 'folder', names, [a!, c!]).damage?.path).toBe(c!.path)
    expect(auditLinkedFiles('ledger', 'folder', names, [a!, b!]).damage).toBeNull()
  })

  it('accepts branches, and the entry that joins them', () => {
    const [root] = files(1, ZERO, 'seq')
    const hash = (text: string): string => (JSON.parse(text) as {hash: string}).hash
    const entry = (content: Record<string, unknown>): {path: string; text: string} => {
      const sealed = {...content, hash: hashOf(content)}
      return {path: `folder/${sealed.hash}.json`, text: `${JSON.stringify(sealed, null, 2)}\n`}
    }
    const left = entry({seq: 2, prev: hash(root!.text), who: 'left'})
    const right = entry({seq: 2, prev: hash(root!.text), who: 'right'})
    expect(auditLinkedFiles('ledger', 'folder', names, [root!, left, right]).heads).toHaveLength(2)
    const joined = entry({seq: 3, prev: hash(left.text), merges: [hash(right.text)]})
    expect(auditLinkedFiles('ledger', 'folder', names, [root!, left, right, joined])).toMatchObject({
      damage: null,
      entries: 4,
    })
    const wrong = entry({seq: 9, prev: hash(left.text), merges: [hash(right.text)]})
    expect(auditLinkedFiles('ledger', 'folder', names, [root!, left, right, wrong]).damage?.path).toBe(wrong.path)
  })
})

describe('earlier heads', () => {
  const chain = (n: number): ChainReport => auditJournal('journal', 'j.jsonl', journal(n))

  it('accept a chain that grew, and refuse one that lost its end or is gone', () => {
    const anchor = headsOf([chain(5)])
    expect(findRollbacks([chain(8)], [anchor])).toEqual([])
    expect(findRollbacks([chain(5)], [anchor])).toEqual([])
    expect(findRollbacks([chain(4)], [anchor])).toMatchObject([{path: 'j.jsonl', line: 5}])
    expect(findRollbacks([chain(0)], [anchor])).toMatchObject([{path: 'j.jsonl', line: 1}])
    expect(findRollbacks([], [anchor])).toHaveLength(1)
  })

  it('are the same bytes for the same chains, and leave empty ones out', () => {
    expect(headsOf([chain(3), chain(0)])).toEqual(headsOf([chain(3)]))
  })
})

const NOW = Date.parse('2026-11-22T08:00:00Z')
const binds = {limits_sha: 'a'.repeat(64), qo_version: '0.1.0+abc'}

function record(seq: number, prev: string, over: Partial<RitualRecord> = {}): RitualRecord {
  return sealRitual({
    artifact: 'ritual@1',
    seq,
    ritual: 'shift-start',
    title: 'Start of shift',
    at: new Date(NOW + seq * 1000).toISOString(),
    verdict: 'signed',
    expires_at: new Date(NOW + seq * 1000 + 12 * 3_600_000).toISOString(),
    signed_by: 'A | B',
    binds,
    items: [{id: 'disk', pass: true, finding: '3 GiB | free'}],
    prev,
    ...over,
  })
}

describe('a ritual record', () => {
  it('reads back what was written', () => {
    const written = record(1, RITUAL_GENESIS)
    expect(parseRitual(ritualText(written))).toEqual({record: written})
  })

  it('shows any flipped byte, in the fields and in the prose', () => {
    const text = ritualText(record(1, RITUAL_GENESIS))
    fc.assert(
      fc.property(fc.nat(text.length - 1), (at) => {
        const found = parseRitual(flip(text, at))
        expect('record' in found).toBe(false)
        expect((found as {line: number}).line).toBeGreaterThan(0)
      }),
      {numRuns: 300},
    )
    expect(parseRitual(text.slice(0, -10))).toHaveProperty('line')
  })

  it('shows a record that was taken out of the chain', () => {
    const first = record(1, RITUAL_GENESIS)
    const second = record(2, first.hash)
    const third = record(3, second.hash)
    const at = (kept: RitualRecord[]) =>
      brokenRitualLink(kept.map((entry) => ({path: `${entry.seq}.md`, record: entry})))
    expect(at([third, first, second])).toBeNull()
    expect(at([first, third])).toMatchObject({path: '3.md'})
    expect(at([second, third])).toMatchObject({path: '2.md'})
  })
})

describe('a ritual', () => {
  const config = {
    artifact: 'rituals@1',
    rituals: [{name: 'shift-start', title: 'Start of shift', expires_hours: 12, items: ['disk']}],
    thresholds: {clock_skew_s: 5, disk_free_gib: 2, lake_bars_behind: 2},
  } satisfies RitualsConfig
  const stateOf = (records: RitualRecord[], asOf = NOW + 60_000, now = binds): string | undefined =>
    ritualStandings(
      config,
      records.map((entry) => ({path: 'r.md', record: entry})),
      now,
      asOf,
    )[0]?.state

  it('is never done, valid, expired after twelve hours, void when limits or qo change', () => {
    const signed = record(1, RITUAL_GENESIS)
    expect(stateOf([])).toBe('never')
    expect(stateOf([signed])).toBe('valid')
    expect(stateOf([signed], NOW + 13 * 3_600_000)).toBe('expired')
    expect(stateOf([signed], NOW + 60_000, {...binds, limits_sha: 'b'.repeat(64)})).toBe('void')
    expect(stateOf([signed], NOW + 60_000, {...binds, qo_version: '0.1.0+def'})).toBe('void')
  })

  it('is not valid after a later attempt failed, nor when it was signed in the future', () => {
    const signed = record(1, RITUAL_GENESIS)
    const refused = record(2, signed.hash, {verdict: 'refused', expires_at: null})
    expect(stateOf([signed, refused])).toBe('failed')
    expect(stateOf([signed], NOW - 60_000)).toBe('expired')
  })
})
