import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {realDataPage} from '../../docs/real-data.ts'
import {marketData} from '../golden-files.ts'

const candles = marketData('binance_perp_1d/binance_perp_1d.parquet')

describe.skipIf(candles === null)('docs/REAL-DATA.md', () => {
  it('is what the generator writes today, warning first', {timeout: 1_800_000}, async () => {
    const page = await realDataPage(candles!)
    expect(readFileSync(new URL('../../docs/REAL-DATA.md', import.meta.url), 'utf8')).toBe(page)
    expect(page.split('\n')[2]).toMatch(/^\*\*Warning\. This list of coins is largely survivors/)
  })
})
