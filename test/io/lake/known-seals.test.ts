import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {researchEnd, type Vault} from '../../../src/contracts/workspace.ts'
import {type KnownSeal, movedSeal} from '../../../src/io/lake/known-seals.ts'
import {isoOf} from '../../../src/kernel/instant.ts'

const day = (n: number): string => isoOf(Date.UTC(2024, 0, 1) + n * 86_400_000)
const vault = (id: string, from: number, to: number, venue = 'sim'): Vault => ({
  ...{id: `V-${id}`, venue, start: day(from), end: day(to), tier: 'V0', policy: 'keep'},
})
const known = (over: Partial<KnownSeal> = {}): KnownSeal => ({
  ...{id: 'V-one', venue: 'sim', start: day(10), end: day(20), by: 'git'},
  ...over,
})

describe('movedSeal', () => {
  it.each<[string, Vault[], KnownSeal, boolean]>([
    ['the window itself', [vault('one', 10, 20)], known(), false],
    ['a window that grew at both ends', [vault('one', 9, 21)], known(), false],
    ['another name over the same rows', [vault('two', 10, 20)], known(), false],
    ['further vaults', [vault('two', 30, 40), vault('one', 10, 20)], known(), false],
    ['nothing', [], known(), true],
    ['a later start', [vault('one', 11, 20)], known(), true],
    ['an earlier end', [vault('one', 10, 19)], known(), true],
    ['the window on another venue', [vault('one', 10, 20, 'binance')], known(), true],
    ['another name where the venue is not known', [vault('two', 10, 20)], known({venue: null}), true],
    ['the same name where the venue is not known', [vault('one', 10, 20)], known({venue: null, end: null}), false],
  ])('%s', (_, vaults, seal, isMoved) => {
    expect(movedSeal([seal], [], vaults)).toBe(isMoved ? seal : null)
  })

  it('knows a window no more that was given up, and that window only', () => {
    const later = known({start: day(12)})
    expect(movedSeal([known()], [known({by: 'ledger'})], [])).toBe(null)
    expect(movedSeal([known(), later], [known({by: 'ledger'})], [])).toBe(later)
  })

  const windows = fc.array(fc.tuple(fc.integer({min: 0, max: 50}), fc.integer({min: 1, max: 20})), {maxLength: 5})
  it('lets research see no row that was ever sealed, whatever the windows', () => {
    let passed = 0
    fc.assert(
      fc.property(windows, windows, (were, are) => {
        const seals = were.map(([from, n]) => known({start: day(from), end: day(from + n)}))
        const vaults = are.map(([from, n], i) => vault(String(i), from, from + n))
        if (movedSeal(seals, [], vaults) !== null) return
        passed++
        const earliest = Math.min(...seals.map(({start}) => Date.parse(start)))
        expect(researchEnd(vaults, 'sim')).toBeLessThanOrEqual(earliest)
      }),
      {seed: 7, numRuns: 500},
    )
    expect(passed).toBeGreaterThan(50)
  })
})
