import {describe, expect, it} from 'vitest'
import {warningsOf} from '../../src/cognition/backtest/tear-sheet-report.ts'

const words = (flags: readonly string[]): string[] =>
  warningsOf({flags: [...flags]}).map((line) => /later bars|short|derived|aggregated/.exec(line)?.[0] ?? '')

describe('the warnings of a tear sheet', () => {
  it('come worst first, whatever the order of the flags', () => {
    const flags = ['universe:derived', 'bars:aggregated:1h', 'spread:table', 'spot:short_without_loan']
    expect(words(flags)).toEqual(['short', 'derived', 'aggregated'])
    expect(words([...flags, 'look_ahead:signal:lead'])).toEqual(['later bars', 'short', 'derived', 'aggregated'])
  })

  it('are none where nothing but costs is assumed', () => {
    expect(warningsOf({flags: ['spread:table', 'funding:assumed']})).toEqual([])
  })
})
